// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim clone SOURCE DESTINATION: clones an image file onto another through the clone target, in the way that
// dm-clone's documentation describes, and shows how it goes.
#include <boost/regex.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/dialect_option.h"
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

// A mistake of the user's; what() says which.
class BadInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One clone, from the empty machine to the finished destination.
class CloneJob {
 public:
  explicit CloneJob(const Arguments& arguments)
      : arguments_(arguments),
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
    const std::optional<std::string> text = read_text_file(arguments_.workload);
    if (!text) throw BadInput("the workload cannot be read");
    const language::ParseResult parsed = language::parse_scenario(*text);
    if (parsed.ok()) return parsed.scenario.commands;
    throw BadInput(parsed.diagnostics.format(arguments_.workload, *text));
  }

  // Runs one line of the scenario language and returns its output. A line that fails is the end.
  std::vector<std::string> command(const std::string& text) {
    language::ParseResult result;
    parser_.parse(text, result);
    if (!result.ok()) throw BadInput(fmt::format("{}: {}", text, result.diagnostics.front().message));
    return run(result.scenario.commands, text);
  }

  std::vector<std::string> run(const std::vector<language::Command>& commands, const std::string& what) {
    output_.clear();
    interpreter_.run(commands);
    for (const std::string& line : output_) {
      if (line.starts_with("error ") || line.starts_with("exit ")) {
        throw BadInput(fmt::format("{}\n  {}", what, fmt::join(output_, "\n  ")));
      }
    }
    return output_;
  }

  void set_up() {
    namespace fs = std::filesystem;
    if (!fs::exists(arguments_.source)) throw BadInput(arguments_.source + ": no such file");
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
    fmt::print("table:  {}\n", table);
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
      throw BadInput(fmt::format("the clone failed: {}", fmt::join(lines, " ")));
    }
    return {std::stoull(match[1]), std::stoull(match[2]), std::stoull(match[3])};
  }

  [[nodiscard]] double seconds() { return std::chrono::duration<double>(machine_.runtime().now()).count(); }

  // On a terminal the line is written over itself.
  void report_progress() {
    const Progress now = progress();
    constexpr double interval = 0.5;
    next_report_ = seconds() + interval;
    static const bool terminal = isatty(STDOUT_FILENO) != 0;
    constexpr unsigned width = 30;
    const auto filled = static_cast<unsigned>(now.hydrated * width / now.regions);
    fmt::print("{}{:8.2f} s  [{:<{}}] {:5.1f} %  {}/{} regions, {} in flight, {} reads, {} writes{}",
               terminal ? "\r" : "", seconds(), std::string(filled, '#'), width,
               100.0 * static_cast<double>(now.hydrated) / static_cast<double>(now.regions), now.hydrated,
               now.regions, now.in_flight, reads_, writes_, terminal ? "\033[K" : "\n");
    std::fflush(stdout);
  }

  static void end_line() {
    if (isatty(STDOUT_FILENO) != 0) fmt::print("\n");
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
    fmt::print("status: {}\nnow:    {}\n", last_status_, last_table_);
    fmt::print(
        "\n{:.0f} MiB hydrated in {:.2f} s of virtual time ({:.1f} MiB/s), {} reads and {} writes "
        "meanwhile\n",
        mebibytes, hydrated_at, mebibytes / hydrated_at, reads_, writes_);
    for (const char* disk : {"source", "destination", "metadata"}) {
      fmt::print("{:<12} {} (sectors)\n", disk, command(std::string("iostat ") + disk).front());
    }
  }

  const Arguments& arguments_;
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

int run_clone(const Arguments& arguments) {
  try {
    CloneJob(arguments).run();
    return 0;
  } catch (const BadInput& mistake) {
    fmt::print(stderr, "dmsim: {}\n", mistake.what());
    return 2;
  } catch (const MachineStopped& stopped) {
    fmt::print(stderr, "dmsim: the machine stopped: {}\n", stopped.what());
    return 3;
  }
}

}  // namespace

void add_clone(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("clone", "clone an image file onto another through the clone target");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("source", arguments->source, "image file to clone; only read")->required();
  command->add_option("destination", arguments->destination, "file that becomes the clone; made if need be")
      ->required();
  command->add_option("--workload", arguments->workload,
                      "scenario commands to run on the device `clone` while it hydrates");
  command->add_option("--region-size", arguments->region_size, "in sectors")->capture_default_str();
  command->add_option("--threshold", arguments->threshold, "hydration threshold, in regions")
      ->capture_default_str();
  command->add_option("--batch", arguments->batch, "hydration batch size, in regions")->capture_default_str();
  command->add_option("--source-latency", arguments->source_latency, "of each read")->capture_default_str();
  command->add_option("--source-bandwidth", arguments->source_bandwidth, "bytes a second")
      ->capture_default_str();
  command->add_option("--destination-latency", arguments->destination_latency, "of each I/O")
      ->capture_default_str();
  add_schedule_options(*command, arguments->schedule);
  add_dialect_option(*command, arguments->dialect);
  command->callback([arguments, &action] { action = [arguments] { return run_clone(*arguments); }; });
}

}  // namespace sim::cli
