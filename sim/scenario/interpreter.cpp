// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/interpreter.h"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

#include "sim/runtime/lineage_scope.h"
#include "sim/text/printable.h"
#include "sim/text/regex_search.h"
#include "sim/text/words.h"

namespace sim::scenario {
namespace {

// After starting a background command, the scenario continues after this time.
constexpr dmcore::Duration head_start = std::chrono::milliseconds(100);

// How long the end of a scenario waits for background commands.
constexpr dmcore::Duration end_wait = std::chrono::seconds(60);

// A log line as /dev/kmsg shows it: what is not printable ASCII, and the backslash, in hexadecimal.
std::string log_text(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text.find('\n'))) {
    const auto code = static_cast<unsigned char>(c);
    if (code < ' ' || code >= 127 || c == '\\') {
      out += fmt::format("\\x{:02x}", code);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Interpreter::Interpreter(Machine& machine, Options options, Sink out)
    : options_(std::move(options)), out_(std::move(out)) {
  start_on(machine);
}

void Interpreter::start_on(Machine& machine) {
  host_.emplace(machine, host::Host::Options{.directory = options_.directory,
                                             .save_directory = options_.save_directory,
                                             .witness = options_.witness,
                                             .calls_follow = options_.at_once});
  commands_.emplace(*host_, [this](std::string_view line) {
    if (errors_) errors_(line);
  });
}

void Interpreter::run(const std::vector<language::Command>& commands) {
  for (auto next = commands.begin(); next != commands.end();) {
    const language::Command* crashes = nullptr;
    host_->run([&] {
      for (; next != commands.end() && crashes == nullptr; ++next) {
        if (options_.crash && std::holds_alternative<language::CrashCommand>(next->body)) {
          crashes = &*next;
        } else {
          run_command(*next);
        }
      }
    });
    if (crashes != nullptr) crash(*crashes);
  }
}

// What runs in the background is lost with the machine.
void Interpreter::crash(const language::Command& command) {
  begin_command(command.where);
  echo(command);
  end_failure();
  last_output_.clear();
  jobs_.clear();
  commands_.reset();
  host_.reset();
  CommandOutput output;
  start_on(options_.crash(std::get<language::CrashCommand>(command.body), output));
  report(output.lines);
  report_host_errors();
  note_failure(output);
}

bool Interpreter::wait_until(const std::function<bool()>& condition) {
  bool holds = false;
  host_->run([&] { holds = host_->wait_until(condition, end_wait); });
  return holds;
}

std::vector<language::SourcePosition> Interpreter::finish() {
  end_failure();
  if (jobs_.empty()) return {};
  const auto has_ended = [](const Job& job) { return job.process.ended(); };
  std::vector<language::SourcePosition> running;
  host_->run([&] {
    host_->wait_until([&] { return std::all_of(jobs_.begin(), jobs_.end(), has_ended); }, end_wait);
    for (Job& job : jobs_) {
      if (!has_ended(job)) {
        running.push_back(job.where);
        continue;
      }
      job.process.wait();
      begin_command(job.where);
      report(job.output->lines);
      note_failure(*job.output);
      end_failure();
    }
    jobs_.clear();
    report_log();
    report_host_errors();
  });
  end_failure();
  return running;
}

void Interpreter::begin_command(language::SourcePosition where) {
  at_ = where;
  if (options_.on_command) options_.on_command(where);
}

void Interpreter::run_command(const language::Command& command) {
  const LineageScope scope(host_->machine().runtime(), "line",
                           static_cast<std::uint64_t>(command.where.line));
  begin_command(command.where);
  echo(command);
  const bool expects = std::holds_alternative<language::ExpectCommand>(command.body);
  if (!expects) end_failure();
  CommandOutput output;
  if (command.background) {
    start_job(command);
  } else {
    output = perform(command.body);
    host_->settle();
  }
  // `expect` does not replace the output that it checks: several may follow each other.
  std::string remembered = expects ? last_output_ : std::string();
  last_output_.clear();
  report(output.lines);
  report_log();
  report_host_errors();
  if (expects) {
    last_output_ = std::move(remembered);
  } else {
    note_failure(output);
  }
  if (options_.after_command) options_.after_command(command);
}

void Interpreter::echo(const language::Command& command) {
  if (!options_.echo) return;
  for (std::string_view rest = command.echo; !rest.empty();) out_(language::take_line(rest));
}

void Interpreter::start_job(const language::Command& command) {
  auto output = std::make_shared<CommandOutput>();
  // The command is copied: it may run on when those that it came with are gone.
  std::optional<host::Process> before;
  if (command.then && !jobs_.empty()) before = jobs_.back().process;
  host::Process process = host_->start(
      fmt::format("{} &", command.name),
      [this, output, before = std::move(before), body = command.body]() mutable {
        if (before) before->wait();
        *output = perform(body);
      },
      "background command");
  jobs_.push_back({command.where, std::move(process), std::move(output)});
  if (!options_.at_once) host_->sleep_for(head_start);
}

bool Interpreter::busy() const {
  return std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return !job.process.ended(); });
}

void Interpreter::print(const std::string& line) {
  last_output_ += line;
  last_output_ += '\n';
  out_(line);
}

void Interpreter::report(const Lines& lines) {
  for (const std::string& line : lines) print(line);
}

void Interpreter::report_log() {
  for (const std::string& line : host_->take_log()) print(fmt::format("log: {}", log_text(line)));
}

void Interpreter::report_host_errors() {
  if (!host_errors_) return;
  for (const HostError& error : host_->machine().host_errors().take()) {
    const std::string text = printable(describe(error));
    host_errors_(text);
    if (!failure_) failure_ = {Unexpected::Cause::host, at_, text};
  }
}

CommandOutput Interpreter::perform(const language::CommandBody& body) {
  return std::visit([this](const auto& command) { return perform(command); }, body);
}

CommandOutput Interpreter::perform(const language::WaitCommand&) {
  CommandOutput all;
  // Else which of them ends first would matter to this task.
  if (options_.at_once) host_->settle();
  for (Job& job : jobs_) {
    job.process.wait();
    all.lines.insert(all.lines.end(), job.output->lines.begin(), job.output->lines.end());
    all.failed = all.failed || job.output->failed;
  }
  jobs_.clear();
  return all;
}

// Without Options::crash.
CommandOutput Interpreter::perform(const language::CrashCommand&) {
  return {{"this machine cannot be started again"}, true};
}

CommandOutput Interpreter::perform(const language::ExpectCommand& command) {
  const std::optional<bool> found = regex_found(last_output_, command.pattern);
  if (found.value_or(false)) {
    failure_.reset();
    return {};
  }
  const std::string quoted = shlex_quote(command.text);
  std::string line = found ? fmt::format("not as expected: nothing in the output matches {}", quoted)
                           : fmt::format("not as expected: {} takes too long to match", quoted);
  take_unexpected({Unexpected::Cause::expect, at_, line});
  return {{std::move(line)}};
}

void Interpreter::note_failure(const CommandOutput& output) {
  if (!options_.strict || !output.failed || failure_) return;
  failure_ = {Unexpected::Cause::command, at_, fmt::format("the command failed: {}", output.lines.back())};
}

// No `expect` has come for it.
void Interpreter::end_failure() {
  if (failure_) take_unexpected(*std::exchange(failure_, std::nullopt));
}

void Interpreter::take_unexpected(Unexpected unexpected) {
  if (!unexpected_) unexpected_ = std::move(unexpected);
}

}  // namespace sim::scenario
