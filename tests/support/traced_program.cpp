// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/traced_program.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

namespace {

constexpr auto changing_calls = std::to_array<std::uint64_t>({
    SYS_pwrite64,
    SYS_ftruncate,
    SYS_fdatasync,
    SYS_fsync,
    SYS_fallocate,
    SYS_unlinkat,
    SYS_renameat,
    SYS_fchmodat,
#ifdef SYS_rename
    SYS_unlink,
    SYS_rename,
    SYS_chmod,
#endif
});

bool creates(const __ptrace_syscall_info& call) {
  return call.entry.nr == SYS_openat && (call.entry.args[2] & O_CREAT) != 0;
}

bool changes_files(const __ptrace_syscall_info& call) {
  return creates(call) ||
         std::find(changing_calls.begin(), changing_calls.end(), call.entry.nr) != changing_calls.end();
}

// LeakSanitizer looks at the process by ptrace() itself, and fails where another traces it.
void do_not_look_for_leaks() {
  const char* const options = std::getenv("ASAN_OPTIONS");
  const std::string all = std::string(options != nullptr ? options : "") + ":detect_leaks=0";
  ::setenv("ASAN_OPTIONS", all.c_str(), 1);
}

[[noreturn]] void become(const std::vector<std::string>& words, int output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  do_not_look_for_leaks();
  constexpr int may_not_trace = 126;
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(may_not_trace);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

std::string content_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file))
    text.append(buffer.data(), got);
  return text;
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A traced process that stops at each system call.
class Tracee {
 public:
  explicit Tracee(::pid_t pid) : pid_(pid) {}

  // Continues to the next stop; false if the process has ended.
  bool go_on(int signal) {
    ::ptrace(PTRACE_SYSCALL, pid_, nullptr, signal);
    ::waitpid(pid_, &status_, 0);
    return WIFSTOPPED(status_);
  }
  // The call that it is about to make, if that is why it stopped.
  [[nodiscard]] std::optional<__ptrace_syscall_info> call() const {
    __ptrace_syscall_info info{};
    if (WSTOPSIG(status_) != (SIGTRAP | 0x80)) return std::nullopt;
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid_, sizeof(info), &info);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return std::nullopt;
    return info;
  }
  // A signal that it stopped for and has yet to get.
  [[nodiscard]] int pending_signal() const {
    const int signal = WSTOPSIG(status_);
    return signal == SIGTRAP || signal == (SIGTRAP | 0x80) ? 0 : signal;
  }
  [[nodiscard]] int status() const { return status_; }

 private:
  ::pid_t pid_;
  int status_ = 0;
};

}  // namespace

std::optional<TracedRun> run_traced(const std::vector<std::string>& words, unsigned nth, int signal) {
  std::FILE* output = std::tmpfile();
  if (output == nullptr) return std::nullopt;
  const ::pid_t pid = ::fork();
  if (pid == 0) become(words, ::fileno(output));

  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!WIFSTOPPED(status)) {
    std::fclose(output);
    return std::nullopt;
  }
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);

  TracedRun run;
  Tracee tracee(pid);
  for (int deliver = 0; tracee.go_on(deliver);) {
    deliver = tracee.pending_signal();
    const auto call = tracee.call();
    if (!call || !changes_files(*call) || ++run.changes != nth) continue;
    run.interrupted = true;
    ::kill(pid, signal);
  }
  run.status = exit_status(tracee.status());
  run.output = content_of(output);
  std::fclose(output);
  return run;
}

}  // namespace test
