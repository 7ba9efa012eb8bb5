// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/output.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

#include "sim/text/printable.h"
#include "sim/text/split.h"

namespace sim::cli {

// Returns an errno, 0 for success.
int Output::write_all(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // Another process that shares the descriptor made it non-blocking.
      pollfd writable = {descriptor_, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

void Output::flush() {
  if (buffer_.empty()) return;
  if (before_ != nullptr) before_->flush();
  if (error_ == 0) error_ = write_all(buffer_);
  buffer_.clear();
}

void Output::write_transcript(std::string_view lines) {
  if (!is_terminal()) {
    write(lines);
    return;
  }
  for (const std::string_view line : lines_of(lines))
    print("{}\n", line.starts_with("> ") ? printable(line) : std::string(line));
}

void Output::write_progress(std::string_view text) {
  flush();
  if (before_ != nullptr) before_->flush();
  if (error_ == 0) write_all(text);
}

void Output::close() {
  flush();
  // A descriptor that was closed from the beginning matters only if something was written to it.
  if (::close(descriptor_) != 0 && errno != EBADF && error_ == 0) error_ = errno;
}

bool Output::is_terminal() const {
  return ::isatty(descriptor_) != 0;
}

unsigned Output::width() const {
  constexpr unsigned default_width = 80;
  winsize size{};
  const bool known = ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
  return known ? size.ws_col : default_width;
}

void Console::complain(std::string_view text) {
  err.print("dmsim: {}\n", text);
  err.flush();
}

ExitStatus Console::finish(ExitStatus status) {
  out.close();
  if (out.error() != 0)
    complain(fmt::format("cannot write standard output: {}", std::generic_category().message(out.error())));
  err.close();
  const bool lost = out.error() != 0 || err.error() != 0;
  return lost && status == ExitStatus::ok ? ExitStatus::failed : status;
}

void reserve_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is this one. Opened the wrong way round, it fails as a closed one does.
    if (::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) != descriptor) return;
  }
}

void ignore_file_size_signal() {
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace sim::cli
