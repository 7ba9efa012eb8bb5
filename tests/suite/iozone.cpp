// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/iozone.h"

#include <algorithm>
#include <fmt/format.h>

namespace suite {

namespace {

class Iozone {
 public:
  Iozone(Rig& rig, FileSystem& fs, const IozoneOptions& options) : rig_(rig), fs_(fs), options_(options) {}

  IozoneResult run() {
    IozoneResult result;
    result.layout = rig_.time_of([&] {
      for (unsigned file = 0; file < options_.processes; ++file) fs_.create(name_of(file));
      for (int pass = 0; pass < 2; ++pass) write();
      for (int pass = 0; pass < 2; ++pass) {
        fs_.drop_caches();
        read();
      }
    });
    fs_.drop_caches();
    result.reread = rig_.time_of([&] {
      each_record([&](std::uint64_t at, std::vector<std::byte>& record) {
        fs_.read_direct(name_of(0), at, record);
        check(0, record);
      });
    });
    return result;
  }

 private:
  static std::string name_of(unsigned file) { return fmt::format("{}", file + 1); }
  static std::byte fill_of(unsigned file) { return static_cast<std::byte>('a' + file); }

  template <class Action>
  void each_record(Action action) {
    std::vector<std::byte> record(options_.record_bytes);
    for (std::uint64_t at = 0; at < options_.file_bytes; at += options_.record_bytes) action(at, record);
  }

  static void check(unsigned file, const std::vector<std::byte>& record) {
    const std::byte fill = fill_of(file);
    if (!std::all_of(record.begin(), record.end(), [&](std::byte b) { return b == fill; })) {
      throw test::Failure(fmt::format("file {} has another file's content", name_of(file)));
    }
  }

  // The processes take turns: nobody waits while there is memory for what is dirty.
  void write() {
    each_record([&](std::uint64_t at, std::vector<std::byte>& record) {
      for (unsigned file = 0; file < options_.processes; ++file) {
        std::fill(record.begin(), record.end(), fill_of(file));
        fs_.write(name_of(file), at, record);
      }
    });
    fs_.sync();
  }

  void read() {
    rig_.in_parallel(options_.processes, [&](unsigned file) {
      each_record([&](std::uint64_t at, std::vector<std::byte>& record) {
        fs_.read(name_of(file), at, record);
        check(file, record);
      });
    });
  }

  Rig& rig_;
  FileSystem& fs_;
  IozoneOptions options_;
};

}  // namespace

IozoneResult run_iozone(Rig& rig, FileSystem& fs, const IozoneOptions& options) {
  return Iozone(rig, fs, options).run();
}

}  // namespace suite
