// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim clone SOURCE DESTINATION: clones an image file onto another through the clone target, and shows how
// it goes.
#include <bit>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <string>

#include "dmclone/clone_target.h"

#include "sim/cli/commands.h"
#include "sim/cli/dialect_option.h"
#include "sim/cli/failure.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/options.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/quantity_options.h"
#include "sim/cli/schedule_options.h"
#include "sim/cli/text_file.h"
#include "sim/clone/failure.h"
#include "sim/clone/files.h"
#include "sim/clone/job.h"

namespace sim::cli {

namespace {

struct CloneArguments {
  clone::FileNames names;
  clone::Settings settings;
  std::string workload;
};

double seconds(dmcore::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Shows how a clone gets on.
class Reporter final : public clone::Listener {
 public:
  Reporter(Console& console, const clone::Workload& workload)
      : console_(console), workload_(workload), progress_(console.err) {}

  void begun(const std::string& table, const clone::Progress& progress) override {
    console_.out.print("table:  {}\n", table);
    if (progress.hydrated != 0) {
      console_.out.print("resumed: {} of {} regions were copied before\n", progress.hydrated,
                         progress.regions);
    }
    console_.out.flush();
    progress_.start(progress.regions, "regions");
  }
  void progress(const clone::Progress& progress) override {
    progress_.update(progress.hydrated,
                     fmt::format("{:.2f} s of virtual time, {} in flight, {} reads, {} writes",
                                 seconds(progress.now), progress.hydrating, progress.reads, progress.writes));
  }
  void output(const language::Command& command, const std::vector<std::string>& lines) override {
    progress_.clear();
    console_.out.print("{}:{}: {}\n", workload_.name, command.where.line,
                       command.echo.substr(2, command.echo.find('\n') - 2));
    for (const std::string& line : lines) console_.out.print("    {}\n", line);
    console_.out.flush();
  }
  bool interrupted() override { return interrupting_signal() != 0; }

  void end() { progress_.finish(); }

 private:
  Console& console_;
  const clone::Workload& workload_;
  Progress progress_;
};

void summarize(const clone::Summary& summary, const clone::Settings& settings, Console& console) {
  const std::uint64_t copied = summary.regions - summary.hydrated_before;
  const double mebibytes = static_cast<double>(dmcore::to_bytes(copied * settings.region_size)) / (1 << 20);
  console.out.print("status: {}\nnow:    {}\n\n", summary.status, summary.table);
  console.out.print(
      "{:.0f} MiB hydrated in {:.2f} s of virtual time ({:.1f} MiB/s), {} reads and {} writes meanwhile\n",
      mebibytes, seconds(summary.hydrated_at), mebibytes / seconds(summary.hydrated_at), summary.reads,
      summary.writes);
  const auto print_counters = [&console](std::string_view disk, const dmcore::IoCounters& counters) {
    console.out.print("{:<12} read={} written={} discarded={} flushes={} (sectors)\n", disk,
                      counters.read_sectors, counters.written_sectors, counters.discarded_sectors,
                      counters.flushes);
  };
  print_counters("source", summary.source);
  print_counters("destination", summary.destination);
  print_counters("metadata", summary.metadata);
}

// Copies everything onto the partial copy. False if the workload did not run as expected.
bool copy(clone::Files& files, const CloneArguments& arguments, const clone::Workload& workload,
          Console& console) {
  Reporter reporter(console, workload);
  clone::Job job(arguments.settings, {files.source_disk(), files.destination_disk(), files.metadata_disk()},
                 reporter);
  const clone::Summary summary = job.run(workload);
  reporter.end();
  summarize(summary, arguments.settings, console);
  if (summary.unexpected) {
    console.complain(
        fmt::format("{}:{}: {}", workload.name, summary.unexpected->where.line, summary.unexpected->what));
  }
  return !summary.unexpected;
}

// What is left of a clone that was not finished.
std::string remains(const clone::Files& files) {
  const clone::Paths& paths = files.paths();
  if (files.resumable()) {
    return fmt::format("{} and {} are kept: the same command resumes the clone", paths.partial,
                       paths.metadata);
  }
  return fmt::format("{} is removed: only a clone with --metadata FILE can be resumed", paths.partial);
}

ExitStatus make_copy(clone::Files& files, const CloneArguments& arguments, const clone::Workload& workload,
                     Console& console) {
  if (const std::uint64_t rest = files.source_bytes() % dmcore::sector_size; rest != 0) {
    console.out.print(
        "{} ends with {} bytes that are no whole sector: the clone has zeroes behind them, {} has not\n",
        arguments.names.source, rest, arguments.names.destination);
  }
  try {
    bool as_expected = true;
    if (files.start() == clone::Files::Start::complete) {
      console.out.print("resumed: everything was copied before\n");
    } else {
      as_expected = copy(files, arguments, workload, console);
    }
    files.finish();
    return as_expected ? ExitStatus::ok : ExitStatus::failed;
  } catch (const clone::Failed& failed) {
    throw Failure(ExitStatus::failed, fmt::format("{}\n{}", failed.what(), remains(files)));
  } catch (const clone::Interrupted& interrupted) {
    throw Failure(interrupted_status(), fmt::format("{}\n{}", interrupted.what(), remains(files)));
  } catch (const MachineStopped& stopped) {
    throw Failure(ExitStatus::stopped,
                  fmt::format("the machine stopped: {}\n{}", stopped.what(), remains(files)));
  }
}

ExitStatus run_clone(const CloneArguments& arguments, Console& console) {
  try {
    clone::Workload workload;
    if (!arguments.workload.empty())
      workload = clone::parse_workload(arguments.workload, read_text_file(arguments.workload));
    const InterruptGuard guard;
    clone::Files files(arguments.names, arguments.settings.region_size);
    return make_copy(files, arguments, workload, console);
  } catch (const clone::Refused& refused) {
    throw Mistake(refused.what());
  } catch (const clone::Failed& failed) {
    throw Failure(ExitStatus::failed, failed.what());
  }
}

const Page clone_page = {
    .name = "clone",
    .summary = "clone an image file onto another through the clone target",
    .arguments = "SOURCE DESTINATION",
    .description =
        "Makes a clone device over both files, hydrates it, and replaces it by a linear target over the "
        "destination, as dm-clone's documentation describes. SOURCE is only read.\n"
        "\n"
        "The copy is `DESTINATION.partial` until it is complete; then it gets the name DESTINATION, in one "
        "step, "
        "and replaces a file that has that name.\n"
        "\n"
        "With `--metadata FILE` a clone that did not come to its end, whether it was interrupted, killed, or "
        "ran "
        "out of space, is resumed by the same command: what was committed is not copied again. The workload "
        "runs "
        "again from its beginning. FILE is removed when the copy is complete.",
    .examples = {{"clone an image", "dmsim clone source.img copy.img"},
                 {"from a slow, remote disk",
                  "dmsim clone --source-latency 20ms --source-bandwidth 10M source.img copy.img"},
                 {"so that it can be resumed", "dmsim clone --metadata copy.metadata source.img copy.img"}},
    .exits =
        {{ExitStatus::ok, "DESTINATION holds what SOURCE holds, and what the workload wrote"},
         {ExitStatus::failed,
          "the clone could not be completed, such as for want of space; or DESTINATION is complete, and an "
          "`expect` of the workload was not met, or one of its commands failed without an `expect` that says "
          "so"},
         {ExitStatus::mistake, ""},
         {ExitStatus::stopped, ""},
         {ExitStatus::interrupted, ""},
         {ExitStatus::terminated, ""}},
};

void add_disk_options(CLI::App& app, clone::Settings& settings) {
  add_time_option(app, "--source-latency", "time that each read of the source takes",
                  [&settings](dmcore::Duration time) { settings.source.read_latency = time; })
      ->default_str("2ms");
  add_size_option(app, "--source-bandwidth", "bytes a second that the source delivers; 0: no limit",
                  [&settings](std::uint64_t bytes) { settings.source.bytes_per_second = bytes; })
      ->default_str("100M");
  add_time_option(app, "--destination-latency", "time that each read and write of the destination takes",
                  [&settings](dmcore::Duration time) {
                    settings.destination.read_latency = settings.destination.write_latency = time;
                  })
      ->default_str("100us");
}

auto region_size_setter(clone::Settings& settings) {
  return [&settings](std::uint64_t bytes) {
    const dmcore::sector_t sectors = dmcore::to_sectors(bytes);
    if (sectors < dmclone::min_region_size || sectors > dmclone::max_region_size ||
        !std::has_single_bit(sectors))
      throw CLI::ValidationError("--region-size",
                                 fmt::format("{} sectors are not a power of two from {} to {}", sectors,
                                             dmclone::min_region_size, dmclone::max_region_size));
    settings.region_size = sectors;
  };
}

}  // namespace

void add_clone(Program& program) {
  auto arguments = std::make_shared<CloneArguments>();
  clone::Settings& settings = arguments->settings;
  CLI::App& app =
      program.add(clone_page, [arguments](Console& console) { return run_clone(*arguments, console); });
  app.add_option("SOURCE", arguments->names.source, "image file to clone; only read")->required();
  app.add_option("DESTINATION", arguments->names.destination, "file that becomes the clone")->required();
  app.add_option(
         "--metadata", arguments->names.metadata,
         "keeps the clone's metadata in a file, so that the same command resumes a clone that did not "
         "come to its end")
      ->option_text("FILE");
  app.add_option("--workload", arguments->workload,
                 "commands of the scenario language, run on the device `clone` while it hydrates")
      ->option_text("FILE");
  add_size_option(app, "--region-size",
                  fmt::format("size of a region: a power of two from {} sectors (4K) to {} (1G)",
                              dmclone::min_region_size, dmclone::max_region_size),
                  region_size_setter(settings))
      ->default_str(fmt::format("{}", settings.region_size));
  add_number_option(app, "--threshold", settings.threshold, "hydration threshold")->option_text("REGIONS");
  add_number_option(app, "--batch", settings.batch, "hydration batch size", 1U)->option_text("REGIONS");
  add_disk_options(app, settings);
  add_schedule_options(app, settings.schedule);
  add_dialect_option(app, settings.dialect);
}

}  // namespace sim::cli
