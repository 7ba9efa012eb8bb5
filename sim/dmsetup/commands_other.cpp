// SPDX-License-Identifier: GPL-2.0-or-later
// message, setgeometry, mknodes, udev*, and what is only there to say that it is not.
#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>

#include "sim/dmsetup/commands.h"

namespace sim::dmsetup {
namespace {

// Takes the device off the arguments, unless --uuid or --major name it.
bool take_device(const Call& call, Task& task, std::span<const std::string>& arguments) {
  const Options& options = call.session.options;
  if (options.uuid || options.major) return choose_device(call.session, task, nullptr);
  if (!choose_device(call.session, task, arguments.data())) return false;
  arguments = arguments.subspan(1);
  return true;
}

std::optional<std::uint64_t> parse_sector(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  const std::uint64_t sector = std::strtoull(text.c_str(), &end, 10);
  if (errno != 0 || *end != '\0' || end == text.c_str()) return std::nullopt;
  return sector;
}

// A udev cookie; 0, with a message, if it is none.
std::uint32_t parse_cookie(Session& session, const std::string& text) {
  char* end = nullptr;
  errno = 0;
  const unsigned long value = std::strtoul(text.c_str(), &end, 0);
  if (errno == 0 && value != 0 && *end == '\0' && value <= UINT32_MAX)
    return static_cast<std::uint32_t>(value);
  session.error("Incorrect cookie value.");
  return 0;
}

// As scanf("%u") sees it.
bool begins_with_number(const std::string& text) {
  char* end = nullptr;
  (void)std::strtoul(text.c_str(), &end, 10);
  return end != text.c_str();
}

// Asks on standard output until a line of standard input says yes or no; its end means no.
bool agrees(Session& session) {
  const std::string input = session.take_input();
  char answer = 0;
  char last = 0;
  std::size_t at = 0;
  do {
    if (last == '\n' || last == 0) session.print("Do you really want to continue? [y/n]: ");
    if (at == input.size()) {
      session.print("\n");
      return false;
    }
    last = static_cast<char>(std::tolower(static_cast<unsigned char>(input[at++])));
    if (last == 'y' || last == 'n') answer = last;
  } while (answer == 0 || last != '\n');
  return answer == 'y';
}

}  // namespace

bool message(const Call& call) {
  Session& session = call.session;
  auto arguments = call.arguments;
  Task task(session.context, TaskType::target_message);
  if (!take_device(call, task, arguments)) return call.session.backtrace();
  const auto sector = arguments.empty() ? std::nullopt : parse_sector(arguments[0]);
  if (!sector) {
    session.error("Invalid sector.");
    return false;
  }
  arguments = arguments.subspan(1);
  if (arguments.empty()) session.error("No message supplied.");
  task.set_message(*sector, fmt::format("{}", fmt::join(arguments, " ")));
  apply_common_options(session, task);
  if (!task.run()) return session.backtrace();
  if (const auto response = task.message_response()) {
    session.out += *response;
    if (!response->empty() && response->back() != '\n') session.out += '\n';
  }
  return true;
}

bool set_geometry(const Call& call) {
  auto arguments = call.arguments;
  Task task(call.session.context, TaskType::set_geometry);
  if (!take_device(call, task, arguments)) return call.session.backtrace();
  task.set_geometry(
      fmt::format("{}", fmt::join(arguments.first(std::min<std::size_t>(4, arguments.size())), " ")));
  apply_common_options(call.session, task);
  return task.run() || call.session.backtrace();
}

bool make_nodes(Session& session, const std::string* name) {
  Task task(session.context, TaskType::mknodes);
  if (name != nullptr && !task.set_name(*name)) return false;
  task.no_open_count = true;
  return task.run();
}

bool mknodes(const Call& call) {
  return make_nodes(call.session, call.first());
}

bool help(const Call& call) {
  call.session.error("Commands are those of dmsetup 1.02.185; see dmsetup(8).");
  return true;
}

bool stats(const Call& call) {
  const Options& options = call.session.options;
  if (options.all_programs && options.program_id) {
    call.session.error("Please supply one of --allprograms and --programid");
    return false;
  }
  if (options.all_regions && options.region_id) {
    call.session.error("Please supply one of --allregions and --regionid");
    return false;
  }
  if (options.follow && options.no_monitor) {
    call.session.error("Use of --follow is incompatible with --nomonitor.");
    return false;
  }
  if (call.subcommand == "help") return help(call);
  if (call.subcommand == "version") return version(call);
  // There are never any regions, which is all that these could show.
  if (call.subcommand == "list" || call.subcommand == "report") return info(call);
  call.session.error("Statistics are not kept here.");
  return false;
}

bool udev_flags(const Call& call) {
  constexpr std::array<std::string_view, 7> names = {
      "DISABLE_DM_RULES", "DISABLE_SUBSYSTEM_RULES",  "DISABLE_DISK_RULES", "DISABLE_OTHER_RULES",
      "LOW_PRIORITY",     "DISABLE_LIBRARY_FALLBACK", "PRIMARY_SOURCE"};
  constexpr unsigned flags_shift = 16;
  constexpr unsigned subsystem_flags = 8;  // the flags from this bit on are the subsystem's
  const std::uint32_t cookie = parse_cookie(call.session, *call.first());
  if (cookie == 0) return false;
  for (unsigned i = 0; i < 16; i++) {
    if (((cookie >> flags_shift) & (1U << i)) == 0) continue;
    if (i < names.size()) {
      call.session.print("DM_UDEV_{}_FLAG='1'\n", names[i]);
    } else if (i < subsystem_flags) {
      call.session.print("DM_UDEV_FLAG{}='1'\n", i);
    } else {
      call.session.print("DM_SUBSYSTEM_UDEV_FLAG{}='1'\n", i - subsystem_flags);
    }
  }
  return true;
}

bool udev_complete(const Call& call) {
  const std::uint32_t cookie = parse_cookie(call.session, *call.first());
  if (cookie == 0) return false;
  call.session.print("DM_COOKIE_COMPLETED=0x{:<10x}\n", cookie);
  constexpr std::uint32_t base_mask =
      0xffff;  // the rest is flags; a cookie of flags alone belongs to no process
  if ((cookie & base_mask) != 0) call.session.context.look_for_udev();
  return true;
}

// Without udev there are no cookies to create, wait for or complete.
bool udev_create_cookie(const Call& call) {
  call.session.context.look_for_udev();
  return true;
}

bool udev_release_cookie(const Call& call) {
  std::uint32_t cookie = call.session.options.udev_cookie;
  if (!call.arguments.empty()) cookie = parse_cookie(call.session, *call.first());
  if (cookie != 0) {
    call.session.context.look_for_udev();
    return true;
  }
  if (call.arguments.empty()) call.session.error("No udev transaction cookie given.");
  return false;
}

bool udev_complete_all(const Call& call) {
  if (!call.arguments.empty() && !begins_with_number(*call.first())) {
    call.session.error("Failed to read age_in_minutes parameter.");
    return false;
  }
  if (!call.session.options.yes && !agrees(call.session)) {
    call.session.print("Semaphores with keys prefixed by 3405 (0xd4d) NOT destroyed.\n");
    return true;
  }
  call.session.print("0 semaphores with keys prefixed by 3405 (0xd4d) destroyed. 0 skipped.\n");
  return true;
}

bool udev_cookies(const Call& call) {
  call.session.print("Cookie       Semid      Value      Last semop time           Last change time\n");
  return true;
}

}  // namespace sim::dmsetup
