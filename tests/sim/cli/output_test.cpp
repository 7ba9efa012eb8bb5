// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/output.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>

#include "tests/sim/cli/captured_output.h"

namespace {

using sim::cli::Console;
using sim::cli::ExitStatus;
using sim::cli::Output;

int full_device() {
  return open("/dev/full", O_WRONLY);  // NOLINT(cppcoreguidelines-pro-type-vararg)
}

TEST(Output, WritesWhatItWasGivenInOrder) {
  test::CapturedOutput captured;
  captured.output().print("{} ", 1);
  captured.output().write("{two}");
  captured.output().flush();
  EXPECT_EQ(captured.text(), "1 {two}");
  EXPECT_EQ(captured.output().error(), 0);
}

TEST(Output, HoldsNoMoreThanItsBuffer) {
  test::CapturedOutput captured;
  captured.output().write(std::string(100'000, 'x'));
  EXPECT_EQ(captured.text().size(), 100'000U);
}

TEST(Output, WritesAllOfALongTextToASlowPipe) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_NONBLOCK), 0);
  const std::string text(1'000'000, 'x');
  if (fork() == 0) {
    Output output(ends[1]);
    output.write(text);
    output.close();
    _exit(output.error());
  }
  close(ends[1]);
  std::size_t got = 0;
  std::array<char, 1000> buffer{};
  for (ssize_t n = 1; n != 0;) {
    n = read(ends[0], buffer.data(), buffer.size());
    if (n > 0) got += static_cast<std::size_t>(n);
    if (n < 0) {
      ASSERT_EQ(errno, EAGAIN);
      n = 1;
    }
  }
  close(ends[0]);
  EXPECT_EQ(got, text.size());
}

// A terminal, of which one side is ours.
class Terminal {
 public:
  Terminal() { EXPECT_EQ(openpty(&ours_, &its_, nullptr, nullptr, nullptr), 0); }
  ~Terminal() {
    close(ours_);
    close(its_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  [[nodiscard]] int descriptor() const { return its_; }
  // What it got, up to a newline.
  [[nodiscard]] std::string line() const {
    std::string text;
    for (char c = 0; read(ours_, &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }

 private:
  int ours_ = -1;
  int its_ = -1;
};

TEST(Output, ACommandOfATranscriptHasNoControlCharactersOnATerminal) {
  const Terminal terminal;
  Output output(terminal.descriptor());
  output.write_transcript("> read 'a\x1b[31m' 0 8\n");
  output.flush();
  EXPECT_EQ(terminal.line(), "> read 'a\\x1b[31m' 0 8\r");
}

TEST(Output, ATranscriptIsWrittenAsItIsToAFile) {
  test::CapturedOutput captured;
  captured.output().write_transcript("> read 'a\x1b[31m' 0 8\nerror ENOENT\n");
  captured.output().flush();
  EXPECT_EQ(captured.text(), "> read 'a\x1b[31m' 0 8\nerror ENOENT\n");
}

TEST(Output, RemembersThatADeviceWasFull) {
  Output output(full_device());
  output.write("lost");
  output.flush();
  output.write("and this");
  output.close();
  EXPECT_EQ(output.error(), ENOSPC);
}

TEST(Output, RemembersThatNobodyReadsItsPipe) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Output output(ends[1]);
  output.write("lost");
  output.close();
  std::signal(SIGPIPE, before);
  EXPECT_EQ(output.error(), EPIPE);
}

TEST(Output, IsNotWorriedByAClosedDescriptorThatNothingIsWrittenTo) {
  Output output(-1);
  output.close();
  EXPECT_EQ(output.error(), 0);
}

TEST(Output, LosesProgressWithoutAnError) {
  Output output(full_device());
  output.write_progress("50 %");
  output.close();
  EXPECT_EQ(output.error(), 0);
}

TEST(Output, FlushesTheOneBeforeItFirst) {
  test::CapturedOutput captured;
  Output& first = captured.output();
  Output second(full_device(), &first);
  first.write("first");
  second.write("second");
  second.flush();
  EXPECT_EQ(captured.text(), "first");
}

TEST(Console, AFullStandardOutputFailsTheProgram) {
  Console console(full_device(), open("/dev/null", O_WRONLY));
  console.out.write("result");
  EXPECT_EQ(console.finish(ExitStatus::ok), ExitStatus::failed);
}

TEST(Console, ALostErrorMessageFailsTheProgram) {
  Console console(open("/dev/null", O_WRONLY), full_device());
  console.complain("lost");
  EXPECT_EQ(console.finish(ExitStatus::ok), ExitStatus::failed);
}

TEST(Console, AFullStandardOutputDoesNotHideAnotherStatus) {
  Console console(full_device(), open("/dev/null", O_WRONLY));
  console.out.write("result");
  EXPECT_EQ(console.finish(ExitStatus::stopped), ExitStatus::stopped);
}

}  // namespace
