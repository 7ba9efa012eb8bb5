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
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/schedule_options.h"
#include "sim/cli/text_file.h"
#include "sim/clone/failure.h"
#include "sim/clone/files.h"
#include "sim/clone/job.h"
#include "sim/language/values.h"

namespace sim::cli {

namespace {

struct Arguments {
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
    console_.out.print("{}:{}: {}\n", workload_.name, command.where.line, command.echo.front());
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

// Copies everything onto the partial copy. False if the workload's expectations were not met.
bool copy(clone::Files& files, const Arguments& arguments, const clone::Workload& workload,
          Console& console) {
  Reporter reporter(console, workload);
  clone::Job job(arguments.settings, {files.source_disk(), files.destination_disk(), files.metadata_disk()},
                 reporter);
  const clone::Summary summary = job.run(workload);
  reporter.end();
  summarize(summary, arguments.settings, console);
  if (summary.unmet) {
    console.complain(
        fmt::format("{}:{}: the output was not as expected", workload.name, summary.unmet->line));
  }
  return !summary.unmet;
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

ExitStatus make_copy(clone::Files& files, const Arguments& arguments, const clone::Workload& workload,
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

ExitStatus run_clone(const Arguments& arguments, Console& console) {
  try {
    clone::Workload workload;
    if (!arguments.workload.empty()) {
      const auto text = read_text_file(arguments.workload);
      if (!text) return ExitStatus::mistake;
      workload = clone::parse_workload(arguments.workload, *text);
    }
    const InterruptGuard guard;
    clone::Files files(arguments.names, arguments.settings.region_size);
    return make_copy(files, arguments, workload, console);
  } catch (const clone::Refused& refused) {
    throw Mistake(refused.what());
  } catch (const clone::Failed& failed) {
    throw Failure(ExitStatus::failed, failed.what());
  }
}

int run(const Arguments& arguments) {
  Console console;
  ExitStatus status = ExitStatus::ok;
  try {
    status = run_clone(arguments, console);
  } catch (const Failure& failure) {
    console.complain(failure.what());
    status = failure.status();
  }
  return static_cast<int>(console.finish(status));
}

void add_time_option(CLI::App& app, const std::string& name, const std::string& description,
                     std::string default_text, std::function<void(dmcore::Duration)> set) {
  const auto parse = [name, set = std::move(set)](const std::string& text) {
    const auto duration = language::parse_duration(text);
    if (!duration) throw CLI::ValidationError(name, fmt::format("'{}' is no time, such as 2ms", text));
    set(*duration);
  };
  app.add_option_function<std::string>(name, parse, description)
      ->option_text("TIME")
      ->default_str(std::move(default_text));
}

void add_disk_options(CLI::App& app, clone::Settings& settings) {
  add_time_option(app, "--source-latency", "of each read", "2ms",
                  [&settings](dmcore::Duration time) { settings.source.read_latency = time; });
  const auto set_bandwidth = [&settings](const std::string& text) {
    const auto bytes = language::parse_size(text);
    if (!bytes)
      throw CLI::ValidationError("--source-bandwidth", fmt::format("'{}' is no size, such as 100M", text));
    settings.source.bytes_per_second = *bytes;
  };
  app.add_option_function<std::string>("--source-bandwidth", set_bandwidth, "bytes a second; 0: no limit")
      ->option_text("SIZE")
      ->default_str("100M");
  add_time_option(app, "--destination-latency", "of each I/O", "100us", [&settings](dmcore::Duration time) {
    settings.destination.read_latency = settings.destination.write_latency = time;
  });
}

// What a clone target would take another number for.
void check_region_size(unsigned sectors) {
  if (std::has_single_bit(sectors) && sectors >= dmclone::min_region_size &&
      sectors <= dmclone::max_region_size)
    return;
  throw CLI::ValidationError(
      "--region-size", fmt::format("{} is no power of two from {} to {}", sectors, dmclone::min_region_size,
                                   dmclone::max_region_size));
}

}  // namespace

void add_clone(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("clone", "clone an image file onto another through the clone target");
  auto arguments = std::make_shared<Arguments>();
  clone::Settings& settings = arguments->settings;
  command->add_option("SOURCE", arguments->names.source, "image file to clone; only read")->required();
  command
      ->add_option("DESTINATION", arguments->names.destination,
                   "file that becomes the clone, when it is complete")
      ->required();
  command
      ->add_option(
          "--metadata", arguments->names.metadata,
          "keep the clone's metadata in this file, so that the same command resumes the clone if it does not "
          "come to its end")
      ->option_text("FILE");
  command
      ->add_option("--workload", arguments->workload,
                   "commands of the scenario language, run on the device `clone` while it hydrates")
      ->option_text("FILE");
  command
      ->add_option_function<unsigned>(
          "--region-size",
          [&settings](unsigned sectors) {
            check_region_size(sectors);
            settings.region_size = sectors;
          },
          "size of a region, in sectors")
      ->option_text("SECTORS")
      ->default_str("8");
  command->add_option("--threshold", settings.threshold, "hydration threshold")
      ->option_text("REGIONS")
      ->capture_default_str();
  command->add_option("--batch", settings.batch, "hydration batch size")
      ->check(CLI::Range(1U, ~0U).description(""))
      ->option_text("REGIONS")
      ->capture_default_str();
  add_disk_options(*command, settings);
  add_schedule_options(*command, settings.schedule);
  add_dialect_option(*command, settings.dialect);
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace sim::cli
