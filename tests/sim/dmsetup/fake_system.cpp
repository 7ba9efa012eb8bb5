// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/dmsetup/fake_system.h"

#include <algorithm>
#include <cstring>
#include <fmt/core.h>

#include "sim/language/lexer.h"

namespace sim::test {

namespace io = dmcore::ioctl;
using dmcore::Errno;
using dmcore::Status;

namespace {

void append(std::vector<std::byte>& to, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  to.insert(to.end(), bytes, bytes + size);
}

std::string text_at(std::span<const std::byte> from) {
  const auto* text = reinterpret_cast<const char*>(from.data());
  return {text, strnlen(text, from.size())};
}

std::vector<FakeTarget> read_targets(std::span<const std::byte> payload, std::uint32_t count) {
  std::vector<FakeTarget> targets;
  for (; count != 0; count--) {
    io::TargetSpec spec;
    std::memcpy(&spec, payload.data(), sizeof(spec));
    targets.push_back(
        {spec.sector_start, spec.length, spec.target_type, text_at(payload.subspan(sizeof(spec)))});
    payload = payload.subspan(spec.next);
  }
  return targets;
}

std::vector<std::byte> write_targets(const std::vector<FakeTarget>& targets) {
  std::vector<std::byte> out;
  for (const FakeTarget& target : targets) {
    io::TargetSpec spec{};
    spec.sector_start = target.start;
    spec.length = target.length;
    spec.next =
        static_cast<std::uint32_t>(io::align_record(out.size() + sizeof(spec) + target.params.size() + 1));
    std::memcpy(spec.target_type, target.type.data(), target.type.size());
    append(out, &spec, sizeof(spec));
    append(out, target.params.c_str(), target.params.size() + 1);
    out.resize(spec.next);
  }
  return out;
}

}  // namespace

Status FakeDmsetupSystem::control(std::uint32_t number, std::span<std::byte> buffer) {
  const auto command = static_cast<io::Command>(number);
  commands.push_back(command);
  Header header;
  std::memcpy(&header, buffer.data(), sizeof(header));
  if (auto& queue = failures[command]; !queue.empty()) {
    const Errno error = queue.front();
    queue.pop_front();
    if (error != Errno::ok) return error;
  }
  Reply reply;
  DMCORE_TRY(perform(command, header, buffer.subspan(header.data_start), reply));
  header.version[0] = 4;
  header.version[1] = 47;
  header.version[2] = 0;
  if (header.data_start + reply.size() > buffer.size()) {
    header.flags |= io::flag_buffer_full;
  } else if (!reply.empty()) {
    std::memcpy(buffer.data() + header.data_start, reply.data(), reply.size());
  }
  std::memcpy(buffer.data(), &header, sizeof(header));
  return {};
}

std::map<std::string, FakeDevice>::iterator FakeDmsetupSystem::find(const Header& header) {
  return std::find_if(devices.begin(), devices.end(), [&header](const auto& entry) {
    if (header.uuid[0] != 0) return entry.second.uuid == header.uuid;
    if (header.name[0] != 0) return entry.first == header.name;
    return entry.second.minor == io::device_minor(header.dev);
  });
}

void FakeDmsetupSystem::describe(Header& header, const std::string& name, const FakeDevice& device) {
  std::memset(header.name, 0, sizeof(header.name));
  std::memcpy(header.name, name.data(), name.size());
  std::memset(header.uuid, 0, sizeof(header.uuid));
  std::memcpy(header.uuid, device.uuid.data(), device.uuid.size());
  header.dev = io::encode_device(dmcore::DeviceMapper::major, device.minor);
  header.open_count = device.open_count;
  const std::uint32_t query = header.flags & io::flag_query_inactive_table;
  header.flags = device.flags | (device.live.empty() ? 0 : io::flag_active_present) |
                 (device.inactive.empty() ? 0 : io::flag_inactive_present);
  header.target_count = static_cast<std::uint32_t>((query != 0 ? device.inactive : device.live).size());
}

Status FakeDmsetupSystem::create(Header& header) {
  if (devices.contains(header.name)) return Errno::busy;
  FakeDevice device;
  device.uuid = header.uuid;
  const auto taken = [this](std::uint32_t minor) {
    return std::any_of(devices.begin(), devices.end(),
                       [minor](const auto& d) { return d.second.minor == minor; });
  };
  if ((header.flags & io::flag_persistent_dev) != 0) device.minor = io::device_minor(header.dev);
  while (taken(device.minor)) device.minor++;
  describe(header, header.name, devices[header.name] = device);
  return {};
}

Status FakeDmsetupSystem::rename(const Header& header, std::span<const std::byte> payload) {
  const auto it = find(header);
  if (it == devices.end()) return Errno::nxio;
  FakeDevice device = it->second;
  std::string name = it->first;
  if ((header.flags & io::flag_uuid) != 0) {
    device.uuid = text_at(payload);
  } else {
    name = text_at(payload);
  }
  devices.erase(it);
  devices[name] = device;
  return {};
}

FakeDmsetupSystem::Reply FakeDmsetupSystem::list() const {
  Reply out;
  std::size_t last = 0;
  for (const auto& [name, device] : devices) {
    last = out.size();
    io::NameListEntry entry{io::encode_device(dmcore::DeviceMapper::major, device.minor), 0};
    append(out, &entry, io::name_list_name_offset);
    append(out, name.c_str(), name.size() + 1);
    out.resize(io::align_record(out.size()));
    const std::uint32_t event[2] = {0,
                                    device.uuid.empty() ? io::name_list_has_no_uuid : io::name_list_has_uuid};
    append(out, event, sizeof(event));
    if (!device.uuid.empty()) append(out, device.uuid.c_str(), device.uuid.size() + 1);
    out.resize(io::align_record(out.size()));
    const auto next = static_cast<std::uint32_t>(out.size() - last);
    std::memcpy(out.data() + last + offsetof(io::NameListEntry, next), &next, sizeof(next));
  }
  const std::uint32_t end = 0;
  if (out.empty()) out.resize(sizeof(io::NameListEntry));
  std::memcpy(out.data() + last + offsetof(io::NameListEntry, next), &end, sizeof(end));
  return out;
}

Status FakeDmsetupSystem::perform(io::Command command, Header& header, std::span<const std::byte> payload,
                                  Reply& reply) {
  switch (command) {
    case io::Command::version:
      return {};
    case io::Command::list_devices:
      reply = list();
      return {};
    case io::Command::dev_create:
      return create(header);
    case io::Command::dev_rename:
      return rename(header, payload);
    case io::Command::remove_all:
      devices.clear();
      return {};
    default:
      break;
  }
  const auto it = find(header);
  if (it == devices.end()) return Errno::nxio;
  FakeDevice& device = it->second;
  const bool inactive = (header.flags & io::flag_query_inactive_table) != 0;
  switch (command) {
    case io::Command::dev_remove:
      devices.erase(it);
      return {};
    case io::Command::table_load:
      device.inactive = read_targets(payload, header.target_count);
      break;
    case io::Command::table_clear:
      device.inactive.clear();
      break;
    case io::Command::dev_suspend:
      device.flags = header.flags & io::flag_suspend;
      if (device.flags == 0 && !device.inactive.empty()) device.live = std::exchange(device.inactive, {});
      break;
    case io::Command::table_status:
      reply = write_targets(inactive ? device.inactive : device.live);
      break;
    case io::Command::table_deps: {
      const io::TargetDeps deps{static_cast<std::uint32_t>(device.deps.size()), 0};
      append(reply, &deps, sizeof(deps));
      append(reply, device.deps.data(), device.deps.size() * sizeof(std::uint64_t));
      break;
    }
    case io::Command::target_message:
      message = text_at(payload.subspan(sizeof(io::TargetMessage)));
      if (message_answer) append(reply, message_answer->c_str(), message_answer->size() + 1);
      break;
    default:
      break;
  }
  describe(header, it->first, device);
  if (command == io::Command::target_message && message_answer) header.flags |= io::flag_data_out;
  return {};
}

std::optional<std::uint64_t> FakeDmsetupSystem::device_at(std::string_view path) {
  if (path == "/dev/loop0") return io::encode_device(7, 0);
  return std::nullopt;
}

std::optional<std::string> FakeDmsetupSystem::block_device_name(std::uint64_t device) {
  const auto minor = io::device_minor(device);
  return fmt::format("{}{}", io::device_major(device) == 7 ? "loop" : "dm-", minor);
}

std::optional<std::string> FakeDmsetupSystem::read_file(const std::string& path) {
  const auto it = files.find(path);
  if (it == files.end()) return std::nullopt;
  return it->second;
}

dmsetup::Outcome FakeDmsetupSystem::run(const std::string& line, const std::string& input) {
  return dmsetup::run(*this, language::split_words(line).value(), input);
}

std::string FakeDmsetupSystem::output(const std::string& line, const std::string& input) {
  const dmsetup::Outcome outcome = run(line, input);
  return outcome.exit_code == 0 ? outcome.out : fmt::format("{}exit {}\n", outcome.out, outcome.exit_code);
}

}  // namespace sim::test
