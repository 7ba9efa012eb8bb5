// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/traced_witness.h"

#include <array>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/language/pattern.h"
#include "sim/rewind/arena.h"

namespace sim::schedules {

namespace {

std::string text_of(const host::IoWitness::Request& request) {
  constexpr std::array<std::string_view, 4> names = {"write", "discard", "flush", "read"};
  std::string text(names[static_cast<std::size_t>(request.kind)]);
  if (request.durable) text += " (FUA)";
  if (request.kind == host::IoWitness::Kind::flush) return fmt::format("{} of {}", text, request.device);
  if (request.count == 1) return fmt::format("{} of {}, sector {}", text, request.device, request.sector);
  return fmt::format("{} of {}, sectors {}-{}", text, request.device, request.sector,
                     request.sector + request.count - 1);
}

// The first few that differ.
std::string contents_of(std::span<const std::byte> read, dmcore::sector_t first) {
  constexpr std::size_t names_max = 4;
  std::vector<std::string> names;
  for (std::size_t at = 0; at + dmcore::sector_size <= read.size(); at += dmcore::sector_size) {
    std::string name =
        language::sector_name(read.subspan(at, dmcore::sector_size), first + at / dmcore::sector_size);
    if (!names.empty() && names.back() == name) continue;
    if (names.size() == names_max) return fmt::format("{}, ...", fmt::join(names, ", "));
    names.push_back(std::move(name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::uint64_t TracedWitness::begins(const Request& request) {
  const std::uint64_t id = witness_.begins(request);
  if (other_ != nullptr) others_[id] = other_->begins(request);
  if (trace_ == nullptr) return id;
  first_sectors_[id] = request.sector;
  if (!exploring_) return id;
  const rewind::Outside outside;
  trace_->io(Trace::Event::What::begins_io, text_of(request));
  return id;
}

void TracedWitness::ended(std::uint64_t id, bool ok, std::span<const std::byte> read) {
  witness_.ended(id, ok, read);
  if (other_ != nullptr) other_->ended(others_.extract(id).mapped(), ok, read);
  if (trace_ == nullptr) return;
  const dmcore::sector_t first = first_sectors_.extract(id).mapped();
  if (!exploring_) return;
  const rewind::Outside outside;
  std::string text = ok ? "ends" : "fails";
  if (ok && !read.empty()) text += fmt::format(", has read {}", contents_of(read, first));
  trace_->io(Trace::Event::What::ends_io, std::move(text));
}

}  // namespace sim::schedules
