// SPDX-License-Identifier: GPL-2.0-or-later
// Between two steps of the kernel others can come: places where it counts on an order, and one task is held
// just there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/dm/srcu.h"
#include "dmcore/io/dm_io.h"
#include "dmcore/io/kcopyd.h"

#include "tests/rig/bio.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/guide.h"

namespace {

using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::IoRegion;
using dmcore::Point;
using test::before;
using test::TestBio;
using testing::ElementsAre;

class Window : public testing::Test {
 protected:
  auto start(const std::string& name, std::function<void()> body) {
    return machine.host().start(name, std::move(body));
  }

  test::GuidedMachine machine;
};

// A reader that has chosen a side and is not counted yet delays no synchronize(); it is counted on the side
// that later ones leave.
TEST_F(Window, OfSrcuIsBetweenTheSideAndTheCount) {
  dmcore::Srcu srcu(machine.runtime(), "srcu");
  std::vector<std::string> order;
  const auto synchronize = [&](const char* name) {
    return start(name, [&, name] {
      srcu.synchronize();
      order.emplace_back(name);
    });
  };
  machine.guide().run_until("reader", before(Point::atomic, {}, 2)).run("first");
  machine.run([&] {
    auto reader = start("reader", [&] {
      const unsigned side = srcu.enter();
      order.emplace_back("reader is in");
      machine.runtime().sleep_for(std::chrono::seconds(1));
      order.emplace_back("reader leaves");
      srcu.leave(side);
    });
    auto first = synchronize("first");
    first.wait();
    machine.runtime().sleep_for(std::chrono::milliseconds(1));
    auto second = synchronize("second");
    reader.wait();
    second.wait();
  });
  EXPECT_THAT(order, ElementsAre("first", "reader is in", "reader leaves", "second"));
  EXPECT_TRUE(machine.guide().done());
}

// The error is there before the bio stops being counted, so the task that ends the last one sees it.
TEST_F(Window, OfDmIoIsBetweenTheErrorAndTheCount) {
  sim::VirtualDisk& bad = machine.add_disk(8);
  sim::VirtualDisk& good = machine.add_disk(8);
  bad.faults().add(0, 1, sim::FaultMap::Fails::writes);
  dmcore::IoClient client(machine.block());
  machine.guide()
      .run_until("disk I/O > disk completion", before(Point::atomic, "io count"))
      .run("disk I/O #2 > disk completion");
  machine.run([&] {
    std::vector<std::byte> data(512);
    const std::array regions{IoRegion{&bad, 0, 1}, IoRegion{&good, 0, 1}};
    unsigned long errors = 0;
    EXPECT_FALSE(client.sync({BioOp::write, 0, data.data()}, regions, &errors).ok());
    EXPECT_EQ(errors, 0b01U);
  });
  EXPECT_TRUE(machine.guide().done());
}

// A task that was woken for a tag finds that another has taken it, and waits again.
TEST_F(Window, OfADiskIsBetweenTheWakeUpAndTheTag) {
  sim::VirtualDisk& disk =
      machine.add_disk(8, {.tags = 1, .timing = {.write_latency = std::chrono::seconds(1)}});
  machine.guide()
      .run_until("third", before(Point::submit_bio))
      .run("first")
      .run("second")
      .run_until("second", before(Point::submit_bio, "tags"))
      .run("third");
  std::vector<dmcore::Time> ends(3);
  machine.run([&] {
    const auto writer = [&](const char* name, std::size_t number) {
      return start(name, [&, number] {
        TestBio bio(disk, BioOp::write, number, 1, 'A');
        EXPECT_EQ(bio.submit().wait(), BlockStatus::ok);
        ends[number] = machine.runtime().now();
      });
    };
    auto first = writer("first", 0);
    auto second = writer("second", 1);
    auto third = writer("third", 2);
    first.wait();
    second.wait();
    third.wait();
  });
  EXPECT_LT(ends[0], ends[2]);
  EXPECT_LT(ends[2], ends[1]);
}

TEST_F(Window, OfLimitsIsBetweenTheirWords) {
  sim::VirtualDisk& disk = machine.add_disk(8);
  const dmcore::QueueLimits old = disk.limits;
  dmcore::QueueLimits changed = old;
  changed.max_hw_sectors = 7;
  changed.max_discard_sectors = 7;
  machine.guide().run_until("binder", before(Point::submit_bio, "limits", 2)).run("submitter");
  machine.run([&] {
    auto binder = start("binder", [&] { disk.set_limits(changed); });
    auto submitter = start("submitter", [&] {
      disk.about_to_read_limits();
      EXPECT_EQ(disk.limits.max_hw_sectors, 7U);
      EXPECT_EQ(disk.limits.max_discard_sectors, old.max_discard_sectors);
    });
    binder.wait();
    submitter.wait();
  });
  EXPECT_EQ(disk.limits.max_discard_sectors, 7U);
  EXPECT_TRUE(machine.guide().done());
}

TEST_F(Window, OfTheCapacityIsBeforeItsCheck) {
  sim::VirtualDisk& disk = machine.add_disk(8);
  machine.guide().run_until("submitter", before(Point::submit_bio, "capacity")).run("binder");
  machine.run([&] {
    auto submitter = start("submitter", [&] {
      TestBio bio(disk, BioOp::read, 7, 1);
      EXPECT_EQ(bio.submit().wait(), BlockStatus::ioerr);
    });
    auto binder = start("binder", [&] { disk.set_nr_sectors(4); });
    submitter.wait();
    binder.wait();
  });
  EXPECT_TRUE(machine.guide().done());
}

// A master's fields are copied to the next sub-job without the master's lock.
TEST_F(Window, OfKcopydIsBeforeASubJobIsACopyOfItsMaster) {
  constexpr dmcore::sector_t sectors = 3 * dmcore::KcopydClient::sub_job_size;
  sim::VirtualDisk& from = machine.add_disk(sectors);
  sim::VirtualDisk& to = machine.add_disk(sectors);
  to.faults().add(0, 1, sim::FaultMap::Fails::writes);
  dmcore::KcopydClient client(machine.block(), nullptr);
  unsigned long errors = 0;
  // The splitter has started one sub-job and has claimed the second part; the first one fails, and then
  // copies the third part.
  machine.guide().run_until("splitter", before(Point::atomic, "kcopyd errors", 2)).run("a second later");
  machine.run([&] {
    auto splitter = start("splitter", [&] {
      client.copy(
          {&from, 0, sectors}, std::array{IoRegion{&to, 0, sectors}}, dmcore::kcopyd_ignore_error,
          [](bool, unsigned long write_errors, void* context) {
            *static_cast<unsigned long*>(context) = write_errors;
          },
          &errors);
    });
    machine.runtime().sleep_for(std::chrono::seconds(1));
    EXPECT_EQ(to.counters.written_sectors, 2 * dmcore::KcopydClient::sub_job_size);
    auto later = start("a second later", [] {});
    later.wait();
    splitter.wait();
    client.destroy();
  });
  EXPECT_TRUE(machine.guide().done());
  EXPECT_EQ(errors, 1U);
}

// While memory is short a copy waits for a job of the reserve.
TEST_F(Window, OfKcopydIsInTheAllocationOfAJob) {
  constexpr unsigned copies = 20;
  constexpr unsigned reserve = 8;
  sim::VirtualDisk& from = machine.add_disk(8, {.timing = {.read_latency = std::chrono::seconds(1)}});
  sim::VirtualDisk& to = machine.add_disk(8);
  dmcore::KcopydClient client(machine.block(), nullptr);
  unsigned ended = 0;
  machine.runtime().set_memory_short(true);
  machine.run([&] {
    unsigned started = 0;
    auto copier = start("copier", [&] {
      for (; started < copies; ++started) {
        client.copy(
            {&from, 0, 8}, std::array{IoRegion{&to, 0, 8}}, 0,
            [](bool, unsigned long, void* context) { ++*static_cast<unsigned*>(context); }, &ended);
      }
    });
    machine.runtime().settle();
    EXPECT_EQ(started, reserve);
    copier.wait();
    client.destroy();
  });
  EXPECT_EQ(ended, copies);
}

}  // namespace
