// SPDX-License-Identifier: GPL-2.0-or-later
// What dmsim writes: standard output and standard error, with every error of writing remembered until the
// program ends, so that no result is lost silently on a full disk or a closed pipe.
#pragma once

#include <fmt/format.h>
#include <string>
#include <string_view>

#include "sim/cli/exit_status.h"

namespace sim::cli {

class Output {
 public:
  // Writes to a descriptor that stays open until close(). `before`, if there is one, is flushed before this
  // one is written to: what goes to the same terminal then keeps its order.
  explicit Output(int descriptor, Output* before = nullptr) : descriptor_(descriptor), before_(before) {}
  ~Output() { flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  template <class... Arguments>
  void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Arguments>(arguments)...);
    if (buffer_.size() >= buffer_bytes_max) flush();
  }
  void write(std::string_view text) { print("{}", text); }
  // Whole lines of a transcript. A terminal gets no control characters of a scenario: the lines that repeat
  // its commands show them as bytes.
  void write_transcript(std::string_view lines);
  // Flushed at once. An error is no error of the program: for progress, which is no result.
  void write_progress(std::string_view text);
  void flush();
  // Flushes and closes the descriptor, which reports what a network file system held back until then.
  void close();

  // Of the first write that failed, an errno; 0 if none did. Nothing is written after that.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] bool is_terminal() const;
  // Columns of the terminal; 80 if it does not say.
  [[nodiscard]] unsigned width() const;

 private:
  static constexpr std::size_t buffer_bytes_max = 65536;

  int write_all(std::string_view text) const;

  int descriptor_;
  Output* before_;
  std::string buffer_;
  int error_ = 0;
};

// Both streams of the program. One thread at a time.
class Console {
 public:
  Output out;
  Output err;

  explicit Console(int out_descriptor = 1, int err_descriptor = 2)
      : out(out_descriptor), err(err_descriptor, &out) {}

  // "dmsim: TEXT" and a newline on standard error.
  void complain(std::string_view text);
  // Flushes and closes both. Complains if standard output could not be written, and returns the status with
  // which the program is to exit: `status`, unless that would hide the loss.
  [[nodiscard]] ExitStatus finish(ExitStatus status);
};

// Makes sure that descriptors 0 to 2 are open: a file that is opened later must not become standard output
// because that was closed. What is written to one that was closed fails.
void reserve_standard_descriptors();

// A file that grows beyond the limit of the process (RLIMIT_FSIZE) is then an error of the write, EFBIG,
// instead of the end of the process.
void ignore_file_size_signal();

}  // namespace sim::cli
