// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/interpreter.h"

#include <fmt/core.h>
#include <utility>

#include "sim/text/regex_search.h"
#include "sim/text/words.h"

namespace sim::scenario {
namespace {

// How a background command is started: the others go on after this time.
constexpr dmcore::Duration head_start = std::chrono::milliseconds(100);

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

// A command that runs in the background.
struct Interpreter::Job {
  Job(dmcore::Runtime& runtime, language::CommandBody body_in)
      : body(std::move(body_in)), done(runtime, "background command") {}
  language::CommandBody body;
  Lines output;
  dmcore::Completion done;
};

Interpreter::Interpreter(Machine& machine, Options options, Sink out)
    : machine_(machine),
      options_(std::move(options)),
      out_(std::move(out)),
      system_(machine, options_.directory) {}

Interpreter::~Interpreter() = default;

bool Interpreter::run(const std::vector<language::Command>& commands) {
  machine_.run([this, &commands] {
    for (const language::Command& command : commands) run_command(command);
  });
  return !unexpected_at_;
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
    machine_.runtime().settle();
  }
  // What is expected of an output is no output itself: several expectations may follow each other.
  std::string remembered = expects ? last_output_ : std::string();
  last_output_.clear();
  report(lines);
  report_log();
  if (expects) last_output_ = std::move(remembered);
}

void Interpreter::start_job(const language::Command& command) {
  Job& job = *jobs_.emplace_back(std::make_unique<Job>(machine_.runtime(), command.body));
  machine_.runtime().spawn(fmt::format("{} &", command.name), [this, &job] {
    job.output = perform(job.body);
    job.done.complete();
  });
  pass_time(head_start);
}

void Interpreter::pass_time(dmcore::Duration duration) {
  machine_.runtime().sleep_for(duration);
  machine_.runtime().settle();
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
  for (const dmcore::LogLine& line : machine_.log().take()) {
    if (line.text.starts_with("device-mapper:")) print(fmt::format("log: {}", log_text(line.text)));
  }
}

Lines Interpreter::perform(const language::CommandBody& body) {
  return std::visit([this](const auto& command) { return perform(command); }, body);
}

Lines Interpreter::perform(const language::SleepCommand& command) {
  pass_time(command.duration);
  return {};
}

Lines Interpreter::perform(const language::WaitCommand&) {
  Lines lines;
  for (const auto& job : jobs_) {
    job->done.wait();
    lines.insert(lines.end(), job->output.begin(), job->output.end());
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
