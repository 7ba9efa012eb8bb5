// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/interpreter.h"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

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
    : options_(std::move(options)),
      out_(std::move(out)),
      host_(machine, {.directory = options_.directory, .save_directory = options_.save_directory}),
      commands_(host_, [this](std::string_view line) {
        if (errors_) errors_(line);
      }) {}

bool Interpreter::run(const std::vector<language::Command>& commands) {
  host_.run([this, &commands] {
    for (const language::Command& command : commands) run_command(command);
  });
  return !unexpected_at_;
}

std::vector<language::SourcePosition> Interpreter::finish() {
  if (jobs_.empty()) return {};
  const auto has_ended = [](const Job& job) { return job.process.ended(); };
  std::vector<language::SourcePosition> running;
  host_.run([&] {
    host_.wait_until([&] { return std::all_of(jobs_.begin(), jobs_.end(), has_ended); }, end_wait);
    for (Job& job : jobs_) {
      if (!has_ended(job)) {
        running.push_back(job.where);
        continue;
      }
      job.process.wait();
      report(*job.output);
    }
    jobs_.clear();
    report_log();
    report_host_errors();
  });
  return running;
}

void Interpreter::run_command(const language::Command& command) {
  at_ = command.where;
  if (options_.echo) {
    for (std::string_view rest = command.echo; !rest.empty();) out_(language::take_line(rest));
  }
  const bool expects = std::holds_alternative<language::ExpectCommand>(command.body);
  Lines lines;
  if (command.background) {
    start_job(command);
  } else {
    lines = perform(command.body);
    host_.settle();
  }
  // `expect` does not replace the output that it checks: several may follow each other.
  std::string remembered = expects ? last_output_ : std::string();
  last_output_.clear();
  report(lines);
  report_log();
  report_host_errors();
  if (expects) last_output_ = std::move(remembered);
}

void Interpreter::start_job(const language::Command& command) {
  auto output = std::make_shared<Lines>();
  // The command is copied: it may run on when those that it came with are gone.
  host::Process process = host_.start(
      fmt::format("{} &", command.name), [this, output, body = command.body] { *output = perform(body); },
      "background command");
  jobs_.push_back({command.where, std::move(process), std::move(output)});
  host_.sleep_for(head_start);
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
  for (const std::string& line : host_.take_log()) print(fmt::format("log: {}", log_text(line)));
}

void Interpreter::report_host_errors() {
  if (!host_errors_) return;
  for (const HostError& error : host_.machine().host_errors().take())
    host_errors_(printable(describe(error)));
}

Lines Interpreter::perform(const language::CommandBody& body) {
  return std::visit([this](const auto& command) { return perform(command); }, body);
}

Lines Interpreter::perform(const language::WaitCommand&) {
  Lines lines;
  for (Job& job : jobs_) {
    job.process.wait();
    lines.insert(lines.end(), job.output->begin(), job.output->end());
  }
  jobs_.clear();
  return lines;
}

Lines Interpreter::perform(const language::ExpectCommand& command) {
  const std::optional<bool> found = regex_found(last_output_, command.pattern);
  if (found.value_or(false)) return {};
  if (!unexpected_at_) unexpected_at_ = at_;
  if (!found) return {fmt::format("not as expected: {} takes too long to match", shlex_quote(command.text))};
  return {fmt::format("not as expected: nothing in the output matches {}", shlex_quote(command.text))};
}

}  // namespace sim::scenario
