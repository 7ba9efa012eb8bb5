// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/sysfs.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace dmcore {

namespace {

using Print = std::string (*)(const BlockDevice&);

std::string number(std::uint64_t value) {
  return fmt::format("{}", value);
}

struct Attribute {
  std::string_view name;
  Print print;
};

// Attributes that depend on limits and flags, in the format and order of block/blk-sysfs.c.
constexpr std::array attributes{
    Attribute{"read_ahead_kb", [](const BlockDevice& d) { return number(read_ahead(d) / 2); }},
    Attribute{"max_hw_sectors_kb", [](const BlockDevice& d) { return number(d.limits.max_hw_sectors >> 1); }},
    Attribute{"max_sectors_kb", [](const BlockDevice& d) { return number(d.limits.max_sectors >> 1); }},
    Attribute{"max_segments", [](const BlockDevice& d) { return number(d.limits.max_segments); }},
    Attribute{"max_discard_segments",
              [](const BlockDevice& d) { return number(d.limits.max_discard_segments); }},
    Attribute{"max_segment_size", [](const BlockDevice& d) { return number(d.limits.max_segment_size); }},
    Attribute{"hw_sector_size", [](const BlockDevice& d) { return number(d.limits.logical_block_size); }},
    Attribute{"logical_block_size", [](const BlockDevice& d) { return number(d.limits.logical_block_size); }},
    Attribute{"physical_block_size",
              [](const BlockDevice& d) { return number(d.limits.physical_block_size); }},
    Attribute{"chunk_sectors", [](const BlockDevice& d) { return number(d.limits.chunk_sectors); }},
    Attribute{"minimum_io_size", [](const BlockDevice& d) { return number(d.limits.io_min); }},
    Attribute{"optimal_io_size", [](const BlockDevice& d) { return number(d.limits.io_opt); }},
    Attribute{"discard_granularity",
              [](const BlockDevice& d) { return number(d.limits.discard_granularity); }},
    Attribute{"discard_max_bytes",
              [](const BlockDevice& d) { return number(to_bytes(d.limits.max_discard_sectors)); }},
    Attribute{"discard_max_hw_bytes",
              [](const BlockDevice& d) { return number(to_bytes(d.limits.max_hw_discard_sectors)); }},
    Attribute{"write_zeroes_max_bytes",
              [](const BlockDevice& d) { return number(to_bytes(d.limits.max_write_zeroes_sectors)); }},
    Attribute{"dma_alignment", [](const BlockDevice& d) { return number(d.limits.dma_alignment); }},
    Attribute{"fua", [](const BlockDevice& d) { return number(d.fua ? 1 : 0); }},
    Attribute{
        "write_cache",
        [](const BlockDevice& d) { return std::string(d.write_cache ? "write back" : "write through"); }},
    Attribute{"../size", [](const BlockDevice& d) { return number(d.nr_sectors()); }},
    Attribute{"../ro", [](const BlockDevice& d) { return number(d.read_only ? 1 : 0); }},
    Attribute{"iostats", [](const BlockDevice& d) { return number(d.request_based ? 1 : 0); }},
    Attribute{"rq_affinity", [](const BlockDevice& d) { return number(d.request_based ? 1 : 0); }},
    Attribute{"io_poll_delay",
              [](const BlockDevice& d) { return std::string(d.request_based ? "-1" : "0"); }},
    Attribute{"scheduler",
              [](const BlockDevice& d) {
                return std::string(d.request_based ? "[none] mq-deadline kyber bfq" : "none");
              }},
};

struct Constant {
  std::string_view name;
  std::string_view text;
};

// Attributes with the same value on all devices here.
constexpr std::array constants{
    Constant{"add_random", "0"},
    Constant{"dax", "0"},
    Constant{"discard_zeroes_data", "0"},
    Constant{"io_poll", "0"},
    Constant{"max_integrity_segments", "0"},
    Constant{"nomerges", "0"},
    Constant{"nr_requests", "128"},
    Constant{"nr_zones", "0"},
    Constant{"rotational", "0"},
    Constant{"stable_writes", "0"},
    Constant{"virt_boundary_mask", "0"},
    Constant{"write_same_max_bytes", "0"},
    Constant{"zone_append_max_bytes", "0"},
    Constant{"zone_write_granularity", "0"},
    Constant{"zoned", "none"},
};

}  // namespace

std::uint32_t read_ahead(const BlockDevice& device) {
  // Twice the optimal I/O size, in pages, computed in 32 bits; at least VM_READAHEAD_PAGES.
  constexpr std::uint32_t page_bytes = 4096;
  constexpr std::uint32_t pages_min = 32;
  if (device.read_ahead) return *device.read_ahead;
  return std::max(device.limits.io_opt * 2 / page_bytes, pages_min) * (page_bytes >> sector_shift);
}

Result<std::string> sysfs_attribute(const BlockDevice& device, std::string_view name) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return attribute.print(device);
  }
  for (const Constant& constant : constants) {
    if (constant.name == name) return std::string(constant.text);
  }
  // The file exists, but there is no writeback throttling.
  if (name == "wbt_lat_usec") return Errno::inval;
  return Errno::noent;
}

}  // namespace dmcore
