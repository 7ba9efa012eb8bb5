// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/interpreter.h"

#include <fmt/core.h>
#include <utility>

#include "sim/language/lexer.h"
#include "sim/text/regex_search.h"

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
  return as_expected_;
}

void Interpreter::run_command(const language::Command& command) {
  if (options_.echo) {
    for (const std::string& line : command.echo) out_(fmt::format("> {}", line));
  }
  const bool expects = std::holds_alternative<language::ExpectCommand>(command.body);
  Lines lines;
  if (command.background) {
    start_job(command);
  } else {
    lines = perform(command.body);
    host_.settle();
  }
  // What is expected of an output is no output itself: several expectations may follow each other.
  std::string remembered = expects ? last_output_ : std::string();
  last_output_.clear();
  report(lines);
  report_log();
  if (expects) last_output_ = std::move(remembered);
}

void Interpreter::start_job(const language::Command& command) {
  auto output = std::make_shared<Lines>();
  // The command is copied: it may run on when those that it came with are gone.
  host::Process process = host_.start(
      fmt::format("{} &", command.words.front()),
      [this, output, body = command.body] { *output = perform(body); }, "background command");
  jobs_.push_back({std::move(process), std::move(output)});
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
  as_expected_ = false;
  if (!found) return {fmt::format("not as expected: {} takes too long to match", shlex_quote(command.text))};
  return {fmt::format("not as expected: nothing in the output matches {}", shlex_quote(command.text))};
}

}  // namespace sim::scenario
