// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/clone_plan.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>

namespace proptests {

namespace {

constexpr std::string_view values = "ABCEFGHIJKLMNOPQRTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::array<std::string_view, 8> messages = {
    "enable_hydration",        "disable_hydration",      "hydration_threshold 0",  "hydration_threshold 3",
    "hydration_threshold 100", "hydration_batch_size 0", "hydration_batch_size 4", "hydration_batch_size 64"};

class Renderer {
 public:
  explicit Renderer(const Plan& plan) : plan_(plan), sectors_(device_sectors(plan)) {}

  std::vector<Command> render() {
    set_up();
    for (const Step& step : plan_.steps) add(step);
    tear_down();
    return std::move(commands_);
  }

 private:
  Command& plain(std::string text, StepKind kind = StepKind::sleep) {
    Command& command = commands_.emplace_back();
    command.text = std::move(text);
    command.kind = kind;
    return command;
  }

  void create(bool hydration) {
    Command& command = plain(fmt::format("dmsetup create c --table '{}'", table(hydration)));
    command.hydration = hydration;
    command.ends_copies = true;  // there are none yet
  }

  void remove() { plain("dmsetup remove c").ends_copies = true; }

  void suspend(std::string_view option = "") {
    plain(fmt::format("dmsetup suspend {}c", option)).ends_copies = true;
  }

  void resume() { plain("dmsetup resume c"); }

  void message(std::string_view text) {
    Command& command = plain(fmt::format("dmsetup message c 0 {}", text));
    if (text == "enable_hydration") command.hydration = true;
    if (text == "disable_hydration") command.hydration = false;
  }

  [[nodiscard]] std::string table(bool hydration) const {
    return fmt::format("0 {} clone /dev/meta /dev/dest /dev/source {} {}{}{}", sectors_,
                       region_sectors(plan_), (hydration ? 0 : 1) + (plan_.passdown ? 0 : 1),
                       hydration ? "" : " no_hydration", plan_.passdown ? "" : " no_discard_passdown");
  }

  void set_up() {
    plain("disk meta 1M");
    plain(fmt::format("disk dest {}s read_latency={}ms write_latency={}ms flush_latency={}ms", sectors_,
                      plan_.read_latency_ms / 2, plan_.read_latency_ms / 2, plan_.read_latency_ms / 3));
    plain(fmt::format("disk source {}s read_latency={}ms", sectors_, plan_.read_latency_ms));
    plain(fmt::format("write source 0 {} @S", sectors_));
    plain(fmt::format("write dest 0 {} @D", sectors_));
    plain("iostat source");
    create(plan_.hydration);
  }

  // Everything has to be as the model says, also after all is hydrated and the source is gone.
  void tear_down() {
    plain("wait", StepKind::wait);
    whole_read("c");
    // Nothing changes any more, so what the status says now it must say again after reopening.
    message("disable_hydration");
    plain("sleep 100");
    plain("flush c");
    plain("dmsetup status c");
    remove();
    create(false);
    plain("dmsetup status c");
    message("hydration_threshold 7");
    message("enable_hydration");
    plain("until c ' ([0-9]+)/\\1 0 ' 100000");
    whole_read("c");
    plain("flush c");
    suspend();
    plain(fmt::format("dmsetup load c --table '0 {} linear /dev/dest 0'", sectors_));
    resume();
    whole_read("c");
    plain("iostat source");
  }

  void whole_read(std::string_view device) {
    Command command;
    command.text = fmt::format("read {} 0 {}", device, sectors_);
    command.kind = StepKind::read;
    command.count = sectors_;
    commands_.push_back(std::move(command));
  }

  void add(const Step& step) {
    switch (step.kind) {
      case StepKind::read:
      case StepKind::write:
      case StepKind::write_fua:
      case StepKind::discard:
        add_io(step);
        return;
      case StepKind::flush:
        plain(step.background ? "flush c &" : "flush c");
        return;
      case StepKind::wait:
        plain("wait", StepKind::wait);
        return;
      case StepKind::sleep:
        plain(fmt::format("sleep {}", 0.05 * (step.choice % 50)));
        return;
      case StepKind::message:
        message(messages[step.choice % messages.size()]);
        return;
      case StepKind::suspend_resume:
        suspend(step.choice % 2 == 0 ? "" : "--noflush ");
        resume();
        return;
      case StepKind::reload:
        // In this order: a table loaded before the suspend would have read the metadata too early.
        suspend();
        plain(fmt::format("dmsetup load c --table '{}'", table(plan_.hydration)));
        resume();
        commands_.back().hydration = plan_.hydration;
        return;
      case StepKind::reopen:
        plain("wait", StepKind::wait);
        remove();
        create(plan_.hydration);
        return;
    }
  }

  void add_io(const Step& step) {
    Command command;
    command.kind = step.kind;
    command.background = step.background;
    command.first = std::min(sectors_ * step.position / 1000, sectors_ - 1);
    command.count = std::clamp<std::uint64_t>(step.length, 1, sectors_ - command.first);
    const char* verb = step.kind == StepKind::read      ? "read"
                       : step.kind == StepKind::discard ? "discard"
                                                        : "write";
    command.text = fmt::format("{} c {} {}", verb, command.first, command.count);
    if (step.kind == StepKind::write || step.kind == StepKind::write_fua) {
      command.value = values[written_++ % values.size()];
      command.text += " " + command.value;
    }
    if (step.kind == StepKind::write_fua) command.text += " fua";
    if (step.background) command.text += " &";
    commands_.push_back(std::move(command));
  }

  const Plan& plan_;
  std::uint64_t sectors_;
  std::size_t written_ = 0;
  std::vector<Command> commands_;
};

}  // namespace

std::uint64_t region_sectors(const Plan& plan) {
  return 1U << plan.region_shift;
}

std::uint64_t device_sectors(const Plan& plan) {
  const std::uint64_t region = region_sectors(plan);
  const std::uint64_t sectors = region * plan.regions;
  const std::uint64_t missing = region * plan.tail / 8;
  return std::max<std::uint64_t>(sectors - missing, 1);
}

std::vector<Command> render(const Plan& plan) {
  return Renderer(plan).render();
}

std::string scenario_text(const std::vector<Command>& commands) {
  std::string text;
  for (const Command& command : commands) text += command.text + "\n";
  return text;
}

std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  return out << scenario_text(render(plan));
}

}  // namespace proptests
