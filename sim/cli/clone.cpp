// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim clone SOURCE DESTINATION: clones an image file onto another through the clone target, in the way that
// dm-clone's documentation describes, and shows how it goes.
#include <boost/regex.hpp>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/dialect_option.h"
#include "sim/cli/failure.h"
#include "sim/cli/options.h"
#include "sim/cli/schedule_options.h"
#include "sim/cli/text_file.h"
#include "sim/language/lexer.h"
#include "sim/language/parser.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"

namespace sim::cli {

namespace {

struct Arguments {
  std::string source;
  std::string destination;
  std::string workload;
  std::string source_latency = "2ms";
  std::string source_bandwidth = "100M";
  std::string destination_latency = "100us";
  unsigned region_size = 8;
  unsigned threshold = 64;
  unsigned batch = 16;
  Schedule schedule;
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;
};

// One clone, from the empty machine to the finished destination.
class CloneJob {
 public:
  CloneJob(const Arguments& arguments, Console& console)
      : arguments_(arguments),
        console_(console),
        machine_(arguments.schedule, *arguments.dialect),
        interpreter_(machine_, {.directory = {}, .save_directory = {}, .echo = false},
                     [this](std::string_view line) { output_.emplace_back(line); }) {}

  void run() {
    const std::vector<language::Command> workload = parse_workload();
    set_up();
    for (const language::Command& command : workload) {
      run_workload(command);
      if (seconds() >= next_report_) report_progress();
    }
    while (!progress().done()) {
      command("sleep 0.1");
      if (seconds() >= next_report_) report_progress();
    }
    const double hydrated_at = seconds();
    report_progress();
    end_line();
    replace_with_linear();
    summarize(hydrated_at);
  }

 private:
  struct Progress {
    std::uint64_t hydrated = 0;
    std::uint64_t regions = 0;
    std::uint64_t in_flight = 0;
    [[nodiscard]] bool done() const { return hydrated == regions && in_flight == 0; }
  };

  std::vector<language::Command> parse_workload() const {
    if (arguments_.workload.empty()) return {};
    const std::string text = read_text_file(arguments_.workload);
    const language::ParseResult parsed = language::parse_scenario(text);
    if (parsed.ok()) return parsed.scenario.commands;
    std::string complaints;
    for (const language::Diagnostic& diagnostic : parsed.diagnostics) {
      complaints += format_diagnostic(arguments_.workload, text, diagnostic);
    }
    throw Mistake(complaints);
  }

  // Runs one line of the scenario language and returns its output. A line that fails is the end.
  std::vector<std::string> command(const std::string& text) {
    language::ParseResult result;
    parser_.parse(text, result);
    if (!result.ok()) throw Mistake(fmt::format("{}: {}", text, result.diagnostics.front().message));
    return run(result.scenario.commands, text);
  }

  std::vector<std::string> run(const std::vector<language::Command>& commands, const std::string& what) {
    output_.clear();
    interpreter_.run(commands);
    for (const std::string& line : output_) {
      if (line.starts_with("error ") || line.starts_with("exit ")) {
        throw Mistake(fmt::format("{}\n  {}", what, fmt::join(output_, "\n  ")));
      }
    }
    return output_;
  }

  void set_up() {
    namespace fs = std::filesystem;
    if (!fs::exists(arguments_.source)) throw Mistake(arguments_.source + ": no such file");
    sectors_ = fs::file_size(arguments_.source) / dmcore::sector_size;
    const auto quoted = [](const std::string& path) { return shlex_quote(fs::absolute(path).string()); };
    command(fmt::format("disk source file={} ro read_latency={} bandwidth={}", quoted(arguments_.source),
                        arguments_.source_latency, arguments_.source_bandwidth));
    command(fmt::format("disk destination {}s file={} read_latency={} write_latency={}", sectors_,
                        quoted(arguments_.destination), arguments_.destination_latency,
                        arguments_.destination_latency));
    command("disk metadata 16M");
    const std::string table =
        fmt::format("0 {} clone /dev/metadata /dev/destination /dev/source {} 0 4 {} {} {} {}", sectors_,
                    arguments_.region_size, dmclone::threshold_key, in_dialect(arguments_.threshold),
                    arguments_.dialect->batch_key, in_dialect(arguments_.batch));
    console_.out.print("table:  {}\n", table);
    command("dmsetup create clone --table " + shlex_quote(table));
  }

  [[nodiscard]] std::uint64_t in_dialect(unsigned regions) const {
    return arguments_.dialect->from_regions(regions, arguments_.region_size);
  }

  void run_workload(const language::Command& one) {
    run({one}, fmt::format("{}:{}", arguments_.workload, one.where.line));
    if (std::holds_alternative<language::ReadCommand>(one.body)) ++reads_;
    if (std::holds_alternative<language::WriteCommand>(one.body)) ++writes_;
  }

  Progress progress() {
    static const boost::regex numbers(R"(clone \d+ \d+/\d+ \d+ (\d+)/(\d+) (\d+) )");
    const std::vector<std::string> lines = command("dmsetup status --noflush clone");
    boost::smatch match;
    if (lines.empty() || !boost::regex_search(lines.front(), match, numbers)) {
      throw Mistake(fmt::format("the clone failed: {}", fmt::join(lines, " ")));
    }
    return {std::stoull(match[1]), std::stoull(match[2]), std::stoull(match[3])};
  }

  [[nodiscard]] double seconds() { return std::chrono::duration<double>(machine_.runtime().now()).count(); }

  // On a terminal the line is written over itself.
  void report_progress() {
    const Progress now = progress();
    constexpr double interval = 0.5;
    next_report_ = seconds() + interval;
    const bool terminal = console_.out.is_terminal();
    constexpr unsigned width = 30;
    const auto filled = static_cast<unsigned>(now.hydrated * width / now.regions);
    console_.out.print("{}{:8.2f} s  [{:<{}}] {:5.1f} %  {}/{} regions, {} in flight, {} reads, {} writes{}",
                       terminal ? "\r" : "", seconds(), std::string(filled, '#'), width,
                       100.0 * static_cast<double>(now.hydrated) / static_cast<double>(now.regions),
                       now.hydrated, now.regions, now.in_flight, reads_, writes_, terminal ? "\033[K" : "\n");
    console_.out.flush();
  }

  void end_line() {
    if (console_.out.is_terminal()) console_.out.write("\n");
  }

  // The documented end: the destination holds everything now, and needs no clone target above it any more.
  void replace_with_linear() {
    last_status_ = command("dmsetup status clone").front();
    command("dmsetup suspend clone");
    command(fmt::format("dmsetup load clone --table '0 {} linear /dev/destination 0'", sectors_));
    command("dmsetup resume clone");
    last_table_ = command("dmsetup table clone").front();
    command("flush clone");
    command("dmsetup remove clone");
  }

  void summarize(double hydrated_at) {
    const double mebibytes = static_cast<double>(dmcore::to_bytes(sectors_)) / (1 << 20);
    console_.out.print("status: {}\nnow:    {}\n", last_status_, last_table_);
    console_.out.print(
        "\n{:.0f} MiB hydrated in {:.2f} s of virtual time ({:.1f} MiB/s), {} reads and {} writes "
        "meanwhile\n",
        mebibytes, hydrated_at, mebibytes / hydrated_at, reads_, writes_);
    for (const char* disk : {"source", "destination", "metadata"}) {
      console_.out.print("{:<12} {} (sectors)\n", disk, command(std::string("iostat ") + disk).front());
    }
  }

  const Arguments& arguments_;
  Console& console_;
  Machine machine_;
  std::vector<std::string> output_;
  scenario::Interpreter interpreter_;
  language::Parser parser_;
  std::uint64_t sectors_ = 0;
  std::uint64_t reads_ = 0;
  std::uint64_t writes_ = 0;
  double next_report_ = 0;
  std::string last_status_;
  std::string last_table_;
};

const Page page = {
    .name = "clone",
    .summary = "clone an image file onto another through the clone target",
    .arguments = "SOURCE DESTINATION",
    .description =
        "Makes a clone device over both files, hydrates it, and replaces it by a linear target over the "
        "destination, as "
        "dm-clone's documentation describes. SOURCE is only read. DESTINATION is made if it does not exist; "
        "otherwise it "
        "must be as large as SOURCE.",
    .examples = {{"clone an image", "dmsim clone source.img copy.img"},
                 {"from a slow, remote disk",
                  "dmsim clone --source-latency 20ms --source-bandwidth 10M source.img copy.img"}},
    .exits = {{ExitStatus::ok, "DESTINATION holds what SOURCE holds, and what the workload wrote"},
              {ExitStatus::failed, ""},
              {ExitStatus::mistake, ""},
              {ExitStatus::stopped, ""}},
};

ExitStatus run_clone(const Arguments& arguments, Console& console) {
  CloneJob(arguments, console).run();
  return ExitStatus::ok;
}

}  // namespace

void add_clone(Program& program) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App& app = program.add(page, [arguments](Console& console) { return run_clone(*arguments, console); });
  app.add_option("SOURCE", arguments->source, "image file to clone; only read")->required();
  app.add_option("DESTINATION", arguments->destination,
                 "file that becomes the clone; made if it does not exist")
      ->required();
  app.add_option("--workload", arguments->workload,
                 "commands of the scenario language, run on the device `clone` while it hydrates")
      ->option_text("FILE");
  add_number_option(app, "--region-size", arguments->region_size, "size of a region, in sectors", 1U)
      ->option_text("SECTORS");
  add_number_option(app, "--threshold", arguments->threshold, "hydration threshold")->option_text("REGIONS");
  add_number_option(app, "--batch", arguments->batch, "hydration batch size", 1U)->option_text("REGIONS");
  app.add_option("--source-latency", arguments->source_latency, "of each read")
      ->option_text("TIME")
      ->capture_default_str();
  app.add_option("--source-bandwidth", arguments->source_bandwidth, "bytes a second")
      ->option_text("SIZE")
      ->capture_default_str();
  app.add_option("--destination-latency", arguments->destination_latency, "of each I/O")
      ->option_text("TIME")
      ->capture_default_str();
  add_schedule_options(app, arguments->schedule);
  add_dialect_option(app, arguments->dialect);
}

}  // namespace sim::cli
