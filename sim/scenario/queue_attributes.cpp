// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/queue_attributes.h"

#include <algorithm>
#include <array>
#include <fmt/core.h>

#include "dmcore/dm/dm.h"

namespace sim::scenario {
namespace {

using dmcore::BlockDevice;
using dmcore::to_bytes;

// Mapped devices take bios as they come; disks have a request queue, which has more to say.
bool has_requests(const BlockDevice& device) {
  return device.dev().major != dmcore::DeviceMapper::default_major;
}

struct NumberAttribute {
  std::string_view name;
  std::uint64_t (*value)(const BlockDevice&);
};

constexpr std::array numbers = std::to_array<NumberAttribute>({
    {"chunk_sectors", [](const BlockDevice& d) -> std::uint64_t { return d.limits.chunk_sectors; }},
    {"discard_granularity",
     [](const BlockDevice& d) -> std::uint64_t { return d.limits.discard_granularity; }},
    {"discard_max_bytes", [](const BlockDevice& d) { return to_bytes(d.limits.max_discard_sectors); }},
    {"discard_max_hw_bytes", [](const BlockDevice& d) { return to_bytes(d.limits.max_hw_discard_sectors); }},
    {"dma_alignment", [](const BlockDevice& d) -> std::uint64_t { return d.limits.dma_alignment; }},
    {"fua", [](const BlockDevice& d) -> std::uint64_t { return d.fua ? 1 : 0; }},
    {"hw_sector_size", [](const BlockDevice& d) -> std::uint64_t { return d.limits.logical_block_size; }},
    {"iostats", [](const BlockDevice& d) -> std::uint64_t { return has_requests(d) ? 1 : 0; }},
    {"logical_block_size", [](const BlockDevice& d) -> std::uint64_t { return d.limits.logical_block_size; }},
    {"max_discard_segments",
     [](const BlockDevice& d) -> std::uint64_t { return d.limits.max_discard_segments; }},
    {"max_hw_sectors_kb", [](const BlockDevice& d) -> std::uint64_t { return d.limits.max_hw_sectors >> 1; }},
    {"max_sectors_kb", [](const BlockDevice& d) -> std::uint64_t { return d.limits.max_sectors >> 1; }},
    {"max_segment_size", [](const BlockDevice& d) -> std::uint64_t { return d.limits.max_segment_size; }},
    {"max_segments", [](const BlockDevice& d) -> std::uint64_t { return d.limits.max_segments; }},
    {"minimum_io_size", [](const BlockDevice& d) -> std::uint64_t { return d.limits.io_min; }},
    {"nr_requests", [](const BlockDevice&) -> std::uint64_t { return 128; }},
    {"optimal_io_size", [](const BlockDevice& d) -> std::uint64_t { return d.limits.io_opt; }},
    {"physical_block_size",
     [](const BlockDevice& d) -> std::uint64_t { return d.limits.physical_block_size; }},
    {"read_ahead_kb", [](const BlockDevice& d) -> std::uint64_t { return default_read_ahead(d.limits) / 2; }},
    {"rq_affinity", [](const BlockDevice& d) -> std::uint64_t { return has_requests(d) ? 1 : 0; }},
    {"write_zeroes_max_bytes",
     [](const BlockDevice& d) { return to_bytes(d.limits.max_write_zeroes_sectors); }},
    {"../size", [](const BlockDevice& d) -> std::uint64_t { return d.nr_sectors(); }},
    {"../ro", [](const BlockDevice& d) -> std::uint64_t { return d.read_only ? 1 : 0; }},
});

// Features that no device here has.
constexpr std::array zeroes = std::to_array<std::string_view>(
    {"add_random", "dax", "discard_zeroes_data", "io_poll", "max_integrity_segments", "nomerges", "nr_zones",
     "rotational", "stable_writes", "virt_boundary_mask", "write_same_max_bytes", "zone_append_max_bytes",
     "zone_write_granularity"});

}  // namespace

std::uint32_t default_read_ahead(const dmcore::QueueLimits& limits) {
  constexpr std::uint32_t page_size = 4096;
  constexpr std::uint32_t pages_min = 32;  // VM_READAHEAD_PAGES
  const std::uint32_t pages = std::max(limits.io_opt * 2 / page_size, pages_min);
  return pages * (page_size >> dmcore::sector_shift);
}

dmcore::Result<std::string> queue_attribute(const BlockDevice& device, std::string_view name) {
  for (const NumberAttribute& attribute : numbers) {
    if (attribute.name == name) return fmt::format("{}", attribute.value(device));
  }
  if (std::find(zeroes.begin(), zeroes.end(), name) != zeroes.end()) return std::string("0");
  if (name == "io_poll_delay") return std::string(has_requests(device) ? "-1" : "0");
  if (name == "scheduler") return std::string(has_requests(device) ? "[none] mq-deadline kyber bfq" : "none");
  if (name == "write_cache") return std::string(device.write_cache ? "write back" : "write through");
  if (name == "zoned") return std::string("none");
  if (name == "wbt_lat_usec") return dmcore::Errno::inval;  // throttling of writeback is switched off
  return dmcore::Errno::noent;
}

}  // namespace sim::scenario
