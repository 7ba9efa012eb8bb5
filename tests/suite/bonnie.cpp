// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/bonnie.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <random>

namespace suite {

namespace {

constexpr std::size_t stdio_bytes = 4096;
constexpr std::size_t chunk_bytes = 8192;  // bonnie++'s
constexpr unsigned seekers = 3;            // processes that seek at the same time

class Bonnie {
 public:
  Bonnie(Rig& rig, FileSystem& fs, const BonnieOptions& options) : rig_(rig), fs_(fs), options_(options) {}

  BonnieResult run() {
    write_file("putc", stdio_bytes, std::byte{'c'});
    fs_.remove(file_name);
    write_file("write", chunk_bytes, std::byte{'w'});
    rewrite();
    read_file("getc", stdio_bytes);
    read_file("read", chunk_bytes);
    seek();
    fs_.remove(file_name);
    fs_.sync();
    small_files("seq", false);
    small_files("random", true);
    return std::move(result_);
  }

 private:
  static constexpr const char* file_name = "Bonnie.0";

  // A phase of so many bytes, or so many operations.
  void measure(const std::string& name, std::uint64_t bytes, std::uint64_t operations,
               const std::function<void()>& body) {
    result_.phases.push_back({name, rig_.time_of(body), bytes, operations});
  }

  template <class Action>
  void each_chunk(std::size_t bytes, Action action) {
    for (std::uint64_t at = 0; at < options_.file_bytes; at += bytes) action(at);
  }

  void write_file(const std::string& name, std::size_t bytes, std::byte fill) {
    measure(name, options_.file_bytes, 0, [&] {
      fs_.create(file_name);
      const std::vector<std::byte> data(bytes, fill);
      each_chunk(bytes, [&](std::uint64_t at) { fs_.write(file_name, at, data); });
      fs_.sync();
    });
    fill_ = fill;
  }

  void read_chunk(std::uint64_t at, std::vector<std::byte>& buffer) {
    fs_.read(file_name, at, buffer);
    if (buffer.front() != fill_ && buffer.front() != rewritten) {
      throw test::Failure(fmt::format("{}: wrong content at {}", file_name, at));
    }
  }

  void rewrite() {
    fs_.drop_caches();
    measure("rewrite", options_.file_bytes, 0, [&] {
      std::vector<std::byte> buffer(chunk_bytes);
      each_chunk(chunk_bytes, [&](std::uint64_t at) {
        read_chunk(at, buffer);
        buffer.front() = rewritten;
        fs_.write(file_name, at, buffer);
      });
      fs_.sync();
    });
  }

  void read_file(const std::string& name, std::size_t bytes) {
    fs_.drop_caches();
    measure(name, options_.file_bytes, 0, [&] {
      std::vector<std::byte> buffer(bytes);
      each_chunk(bytes, [&](std::uint64_t at) { read_chunk(at, buffer); });
    });
  }

  // Random reads, of which every tenth is changed and written again.
  void seek() {
    constexpr unsigned changed_every = 10;
    fs_.drop_caches();
    measure("seeks", 0, options_.seeks, [&] {
      rig_.in_parallel(seekers, [&](unsigned seeker) {
        std::mt19937_64 random(seeker);
        std::vector<std::byte> buffer(chunk_bytes);
        for (unsigned i = seeker; i < options_.seeks; i += seekers) {
          const std::uint64_t at = random() % (options_.file_bytes / chunk_bytes) * chunk_bytes;
          read_chunk(at, buffer);
          if (i % changed_every == 0) fs_.write(file_name, at, buffer);
        }
      });
      fs_.sync();
    });
  }

  // Creates empty files, looks at them, and removes them.
  void small_files(const std::string& order, bool shuffled) {
    std::vector<unsigned> numbers(options_.small_files);
    std::iota(numbers.begin(), numbers.end(), 0U);
    std::mt19937_64 random(options_.small_files);
    const auto each_file = [&](const auto& action) {
      for (std::size_t left = numbers.size(); shuffled && left > 1; --left) {
        std::swap(numbers[left - 1], numbers[random() % left]);
      }
      for (const unsigned number : numbers) action(fmt::format("Bonnie/{:05}", number));
    };
    measure(order + " create", 0, options_.small_files, [&] {
      each_file([&](const std::string& path) { fs_.create(path); });
      fs_.sync();
    });
    fs_.drop_caches();
    measure(order + " stat", 0, options_.small_files, [&] {
      each_file([&](const std::string& path) {
        if (fs_.size_of(path) != 0) throw test::Failure(path + ": not empty");
      });
    });
    measure(order + " delete", 0, options_.small_files, [&] {
      each_file([&](const std::string& path) { fs_.remove(path); });
      fs_.sync();
    });
  }

  static constexpr std::byte rewritten{'r'};

  Rig& rig_;
  FileSystem& fs_;
  BonnieOptions options_;
  std::byte fill_{0};
  BonnieResult result_;
};

}  // namespace

std::string BonnieResult::Phase::rate() const {
  if (time.count() == 0) return "cached";
  constexpr double mebibyte = 1U << 20U;
  const double amount = bytes != 0 ? static_cast<double>(bytes) / mebibyte : static_cast<double>(operations);
  return fmt::format("{:.1f}", amount / std::chrono::duration<double>(time).count());
}

const BonnieResult::Phase& BonnieResult::phase(const std::string& name) const {
  const auto found =
      std::find_if(phases.begin(), phases.end(), [&](const Phase& p) { return p.name == name; });
  if (found == phases.end()) throw test::Failure("bonnie has no phase " + name);
  return *found;
}

dmcore::Duration BonnieResult::total() const {
  dmcore::Duration sum{0};
  for (const Phase& phase : phases) sum += phase.time;
  return sum;
}

BonnieResult run_bonnie(Rig& rig, FileSystem& fs, const BonnieOptions& options) {
  return Bonnie(rig, fs, options).run();
}

}  // namespace suite
