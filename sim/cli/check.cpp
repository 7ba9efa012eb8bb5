// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim check FILE...: whether the metadata of clones is sound, as thin_check does for thin pools.
#include "sim/metadata/check.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/check/report_output.h"
#include "sim/cli/commands.h"
#include "sim/cli/metadata_file.h"
#include "sim/store/file_store.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

struct CheckArguments {
  std::vector<std::string> files;
  bool quiet = false;
  bool json = false;
  bool superblock_only = false;
  bool skip_mappings = false;
  bool ignore_non_fatal = false;
};

const Page check_page = {
    .name = "check",
    .summary = "check the metadata of clones, and say what is damaged",
    .arguments = "FILE...",
    .description =
        "A FILE is the content of a clone's metadata device, or the block device itself, while no clone "
        "uses it. It is only read. Checked are the superblock, the checksums and headers of all blocks, "
        "the order of keys, the length of the bitset, and whether each block in use is counted once: "
        "`thin_check` for dm-clone.\n\n"
        "Each finding is a line: the block, what is wrong with it, and the way that leads to it. A damaged "
        "block is reported once; what it leads to cannot be checked, everything else is. A summary follows. "
        "With `--json` there is one object for each FILE, on a line.\n\n"
        "Leaks, blocks that are counted but not in use or counted too often, waste space and are not fatal. "
        "A device whose first block is all zeroes is not formatted: a clone formats it, and begins again "
        "without a hydrated region. The check fails then, too, as `thin_check` does, for on a device that a "
        "clone has used this means that its superblock is lost.",
    .examples = {{"check the metadata of a clone", "dmsim check metadata.img"},
                 {"on a real machine, before the clone is created", "dmsim check -q /dev/vg/metadata"},
                 {"how many regions are hydrated, for a program",
                  "dmsim check --json metadata.img | jq .summary.regions_hydrated"}},
    .exits = {{ExitStatus::ok, "all are sound"},
              {ExitStatus::failed, "one is damaged or not formatted, or output could not be written"},
              {ExitStatus::mistake,
               "the command line is wrong, or a file cannot be opened; the others were checked"}},
};

metadata::Depth depth_of(const CheckArguments& arguments) {
  if (arguments.superblock_only) return metadata::Depth::superblock;
  return arguments.skip_mappings ? metadata::Depth::space_map : metadata::Depth::everything;
}

ExitStatus check_one(const CheckArguments& arguments, const std::string& file, Console& console) {
  const auto store = FileStore::open_to_inspect(file);
  if (!store.ok()) {
    const std::string reason = why_not_inspected(store.error());
    if (arguments.json) console.out.write(json_of_unopened(file, reason));
    if (!arguments.json && !arguments.quiet) console.complain(fmt::format("{}: {}", printable(file), reason));
    return ExitStatus::mistake;
  }
  const metadata::Report report = metadata::check(**store, depth_of(arguments));
  if (arguments.json) console.out.write(json_of(file, report));
  if (!arguments.json && !arguments.quiet) console.out.write(text_of(file, report));
  const bool sound = arguments.ignore_non_fatal ? !report.fatal() : report.clean();
  return sound && !report.unformatted ? ExitStatus::ok : ExitStatus::failed;
}

ExitStatus run_check(const CheckArguments& arguments, Console& console) {
  ExitStatus worst = ExitStatus::ok;
  for (const std::string& file : arguments.files)
    worst = std::max(worst, check_one(arguments, file, console));
  return worst;
}

}  // namespace

void add_check(Program& program) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App& app =
      program.add(check_page, [arguments](Console& console) { return run_check(*arguments, console); });
  app.add_option("FILE", arguments->files, "a metadata device, or an image of one")->required();
  CLI::Option* quiet = app.add_flag("-q,--quiet", arguments->quiet,
                                    "print nothing; the exit status says whether all are sound");
  app.add_flag("--json", arguments->json, "print one JSON object for each file instead")->excludes(quiet);
  app.add_flag("--super-block-only", arguments->superblock_only, "check the superblock, and nothing else");
  app.add_flag("--skip-mappings", arguments->skip_mappings,
               "do not read the bitset: the superblock and the space map only");
  app.add_flag("--ignore-non-fatal-errors", arguments->ignore_non_fatal,
               "exit with 0 if only space is wasted; leaks are printed nevertheless");
}

}  // namespace sim::cli
