// SPDX-License-Identifier: GPL-2.0-or-later
// kcopyd: copies, their parts, their errors, the order of notifications, the throttle.
#include "dmcore/io/kcopyd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::IoRegion;
using dmcore::KcopydClient;
using dmcore::KcopydThrottle;
using dmcore::sector_t;
using std::chrono::milliseconds;
using test::Machine;
using test::read_letters;
using test::write_letters;

// What became of a copy.
struct Outcome {
  static void notify(bool read_error, unsigned long write_errors, void* context) {
    auto& self = *static_cast<Outcome*>(context);
    ++self.notified;
    self.read_error = read_error;
    self.write_errors = write_errors;
  }
  int notified = 0;
  bool read_error = false;
  unsigned long write_errors = 0;
};

struct Kcopyd : testing::Test {
  Machine machine;
  sim::VirtualDisk& from = machine.add_disk(1 << 16);
  sim::VirtualDisk& to = machine.add_disk(1 << 16);
  sim::VirtualDisk& also_to = machine.add_disk(1 << 16);
  KcopydClient client{machine.block(), nullptr};

  // A source in which each 4 KiB differ from the next.
  void fill(sector_t sectors) {
    for (sector_t i = 0; i < sectors; i += 8) {
      const std::vector data(4096, static_cast<std::byte>('a' + i / 8 % 26));
      ASSERT_TRUE(from.store().write(dmcore::to_bytes(i), data).ok());
    }
  }
  void expect_equal(sim::VirtualDisk& copy, sector_t sectors) {
    std::vector<std::byte> a(dmcore::to_bytes(sectors));
    std::vector<std::byte> b(dmcore::to_bytes(sectors));
    ASSERT_TRUE(from.store().read(0, a).ok());
    ASSERT_TRUE(copy.store().read(0, b).ok());
    EXPECT_EQ(a, b);
  }
  // Copies the source's beginning and waits.
  Outcome copy(sector_t sectors, unsigned flags = 0) {
    Outcome outcome;
    machine.run([&] {
      client.copy({&from, 0, sectors}, std::array{IoRegion{&to, 0, sectors}}, flags, Outcome::notify,
                  &outcome);
      client.destroy();
    });
    EXPECT_EQ(outcome.notified, 1);
    return outcome;
  }
};

TEST_F(Kcopyd, CopiesARegion) {
  fill(64);
  const Outcome outcome = copy(64);
  EXPECT_FALSE(outcome.read_error);
  EXPECT_EQ(outcome.write_errors, 0U);
  expect_equal(to, 64);
}

TEST_F(Kcopyd, CopiesToSeveralDestinations) {
  fill(64);
  Outcome outcome;
  machine.run([&] {
    const std::array regions{IoRegion{&to, 0, 64}, IoRegion{&also_to, 0, 64}};
    client.copy({&from, 0, 64}, regions, 0, Outcome::notify, &outcome);
    client.destroy();
  });
  expect_equal(to, 64);
  expect_equal(also_to, 64);
  EXPECT_EQ(from.counters.read_sectors, 64U);
}

TEST_F(Kcopyd, CopiesMoreThanAllSubJobsAtOnce) {
  fill(50000);
  copy(50000);
  expect_equal(to, 50000);
  EXPECT_EQ(from.counters.read_sectors, 50000U);
  EXPECT_EQ(to.counters.written_sectors, 50000U);
}

TEST_F(Kcopyd, NothingBeginsInTheCallersContext) {
  fill(8);
  machine.run([&] {
    Outcome outcome;
    client.copy({&from, 0, 8}, std::array{IoRegion{&to, 0, 8}}, 0, Outcome::notify, &outcome);
    EXPECT_EQ(from.in_flight(), 0U);
    EXPECT_EQ(outcome.notified, 0);
    client.destroy();
    EXPECT_EQ(outcome.notified, 1);
  });
}

TEST_F(Kcopyd, ALongCopyHasEightPartsInFlight) {
  from.set_timing({.read_latency = milliseconds(1)});
  machine.run([&] {
    Outcome outcome;
    client.copy({&from, 0, 32768}, std::array{IoRegion{&to, 0, 32768}}, 0, Outcome::notify, &outcome);
    machine.runtime().settle();
    EXPECT_EQ(from.in_flight(), 8U);
    client.destroy();
  });
}

TEST_F(Kcopyd, ACopyOfNothingJustNotifies) {
  const Outcome outcome = copy(0);
  EXPECT_FALSE(outcome.read_error);
  EXPECT_EQ(from.counters.read_sectors, 0U);
}

TEST_F(Kcopyd, AReadErrorKeepsTheDestinationAsItWas) {
  from.faults().add(3, 1, sim::FaultMap::Fails::reads);
  const Outcome outcome = copy(8);
  EXPECT_TRUE(outcome.read_error);
  EXPECT_EQ(outcome.write_errors, 0U);
  EXPECT_EQ(to.counters.written_sectors, 0U);
}

TEST_F(Kcopyd, WriteErrorsNameTheDestination) {
  also_to.faults().add(0, 1, sim::FaultMap::Fails::writes);
  Outcome outcome;
  machine.run([&] {
    const std::array regions{IoRegion{&to, 0, 8}, IoRegion{&also_to, 0, 8}};
    client.copy({&from, 0, 8}, regions, 0, Outcome::notify, &outcome);
    client.destroy();
  });
  EXPECT_FALSE(outcome.read_error);
  EXPECT_EQ(outcome.write_errors, 0b10U);
}

TEST_F(Kcopyd, AnErrorInOnePartEndsALongCopyEarly) {
  from.faults().add(0, 1, sim::FaultMap::Fails::reads);
  const Outcome outcome = copy(60000);
  EXPECT_TRUE(outcome.read_error);
  EXPECT_LT(to.counters.written_sectors, 60000U - 1024);
}

TEST_F(Kcopyd, IgnoringErrorsGoesOnWithTheRest) {
  fill(60000);
  from.faults().add(1024, 1, sim::FaultMap::Fails::reads);
  const Outcome outcome = copy(60000, dmcore::kcopyd_ignore_error);
  EXPECT_TRUE(outcome.read_error);
  EXPECT_EQ(to.counters.written_sectors, 60000U);
}

// Sees in which order sectors are written.
struct Order final : sim::WriteRecorder {
  void written(sector_t sector, std::span<const std::byte>) override { sectors.push_back(sector); }
  void zeroed(sector_t sector, sector_t) override { sectors.push_back(sector); }
  void flush_begins() override {}
  void flush_ended() override {}
  std::vector<sector_t> sectors;
};

TEST_F(Kcopyd, ASequentialCopyWritesFromFrontToBack) {
  // The later parts are read sooner.
  from.set_timing({.bytes_per_second = 100'000'000});
  Order order;
  to.set_recorder(&order);
  copy(20000, dmcore::kcopyd_write_seq);
  EXPECT_TRUE(std::is_sorted(order.sectors.begin(), order.sectors.end()));
  EXPECT_EQ(order.sectors.size(), 20U);
}

TEST_F(Kcopyd, ZeroesWithWriteZeroesWhereAllDevicesCan) {
  machine.run([&] {
    EXPECT_TRUE(write_letters(to, 0, "AAAA").ok());
    Outcome outcome;
    client.zero(std::array{IoRegion{&to, 1, 2}}, 0, Outcome::notify, &outcome);
    client.destroy();
    EXPECT_EQ(read_letters(to, 0, 4), "A..A");
  });
}

TEST_F(Kcopyd, ZeroesByWritingWhereOneCannot) {
  to.limits.max_write_zeroes_sectors = 0;
  machine.run([&] {
    EXPECT_TRUE(write_letters(to, 0, "AAAA").ok());
    Outcome outcome;
    client.zero(std::array{IoRegion{&to, 1, 5000}}, 0, Outcome::notify, &outcome);
    client.destroy();
    EXPECT_EQ(read_letters(to, 0, 4), "A...");
  });
  EXPECT_EQ(to.counters.written_sectors, 5004U);
}

TEST_F(Kcopyd, ACallbackOfSomebodyElseComesFromTheWorker) {
  machine.run([&] {
    Outcome outcome;
    void* job = client.prepare_callback(Outcome::notify, &outcome);
    EXPECT_EQ(client.jobs(), 1U);
    client.do_callback(job, true, 5);
    EXPECT_EQ(outcome.notified, 0);
    client.destroy();
    EXPECT_EQ(outcome.notified, 1);
    EXPECT_TRUE(outcome.read_error);
    EXPECT_EQ(outcome.write_errors, 5U);
  });
}

TEST_F(Kcopyd, DestroyWaitsForAPreparedCallback) {
  machine.run([&] {
    Outcome outcome;
    void* job = client.prepare_callback(Outcome::notify, &outcome);
    machine.runtime().spawn("somebody else", [&] {
      machine.runtime().sleep_for(milliseconds(5));
      client.do_callback(job, false, 0);
    });
    client.destroy();
    EXPECT_EQ(machine.runtime().now(), milliseconds(5));
  });
}

TEST_F(Kcopyd, ANotificationMayBeginTheNextCopy) {
  fill(16);
  struct Chain {
    Kcopyd* test;
    Outcome second;
  } chain{this, {}};
  machine.run([&] {
    const auto next = [](bool, unsigned long, void* context) {
      auto& self = *static_cast<Chain*>(context);
      self.test->client.copy({&self.test->from, 8, 8}, std::array{IoRegion{&self.test->to, 8, 8}}, 0,
                             Outcome::notify, &self.second);
    };
    client.copy({&from, 0, 8}, std::array{IoRegion{&to, 0, 8}}, 0, next, &chain);
    client.destroy();
  });
  EXPECT_EQ(chain.second.notified, 1);
  expect_equal(to, 16);
}

TEST_F(Kcopyd, WithoutMemoryJobsWaitForTheReserve) {
  fill(20000);
  client.buffers().set_memory_short(true);
  from.set_timing({.read_latency = milliseconds(1)});
  machine.run([&] {
    Outcome outcome;
    client.copy({&from, 0, 20000}, std::array{IoRegion{&to, 0, 20000}}, 0, Outcome::notify, &outcome);
    machine.runtime().settle();
    EXPECT_EQ(from.in_flight(), 1U);  // the reserve is one sub-job
    client.destroy();
  });
  expect_equal(to, 20000);
  EXPECT_EQ(client.buffers().pages_out(), 0U);
}

TEST_F(Kcopyd, ReadErrorsGiveBackTheirMemory) {
  from.faults().add(0, 60000, sim::FaultMap::Fails::reads);
  copy(60000);
  EXPECT_EQ(client.buffers().pages_out(), 0U);
}

// ---- The throttle ----

struct Throttled : testing::Test {
  Machine machine;
  sim::VirtualDisk& from = machine.add_disk(1 << 20, {.timing = {.read_latency = milliseconds(20)}});
  sim::VirtualDisk& to = machine.add_disk(1 << 20, {.timing = {.write_latency = milliseconds(20)}});
  KcopydThrottle throttle{machine.kernel()};
  KcopydClient client{machine.block(), &throttle};

  // How long 100 copies take, one after the other.
  dmcore::Time time_for_copies(unsigned percent) {
    throttle.percent = percent;
    machine.run([&] {
      for (int i = 0; i < 100; ++i) {
        dmcore::Completion done(machine.runtime(), "copy");
        client.copy(
            {&from, 0, 8}, std::array{IoRegion{&to, 0, 8}}, 0,
            [](bool, unsigned long, void* context) { static_cast<dmcore::Completion*>(context)->complete(); },
            &done);
        done.wait();
      }
      client.destroy();
    });
    return machine.runtime().now();
  }
};

TEST_F(Throttled, At100PercentNothingWaits) {
  EXPECT_EQ(time_for_copies(100), milliseconds(4000));
}

TEST_F(Throttled, At50PercentCopiesTakeAboutTwiceAsLong) {
  const auto time = time_for_copies(50);
  EXPECT_GT(time, milliseconds(7000));
  EXPECT_LT(time, milliseconds(9500));
}

TEST_F(Throttled, At0PercentAStepSleepsForATenthOfASecondTenTimesAtMost) {
  const auto time = time_for_copies(0);
  EXPECT_GT(time, milliseconds(100000));
  EXPECT_LT(time, milliseconds(260000));
}

}  // namespace
