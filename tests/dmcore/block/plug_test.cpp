// SPDX-License-Identifier: GPL-2.0-or-later
// Plugs: which requests they hold back, and in which order they let them go.
#include "dmcore/block/plug.h"

#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/machine.h"

namespace {

using dmcore::Plug;
using dmcore::PluggedRequests;
using testing::ElementsAre;
using testing::IsEmpty;

struct NumberedRequest : dmcore::PluggedRequest {
  std::string name;
};

// Notes what reaches it: "a1" if the task itself starts the request, "queue a1" if a worker is to do it.
class NotingDevice : public dmcore::PluggedDevice {
 public:
  NotingDevice(std::string name, std::vector<std::string>& notes) : name_(std::move(name)), notes_(notes) {}

  NumberedRequest& make_request(std::uint64_t bytes = 4096) {
    NumberedRequest& request = requests_.emplace_back();
    request.device = this;
    request.bytes = bytes;
    request.name = name_ + std::to_string(requests_.size());
    return request;
  }

  void issue(dmcore::PluggedRequest& request) override {
    notes_.push_back(static_cast<NumberedRequest&>(request).name);
  }
  void insert(PluggedRequests& requests) override {
    while (!requests.empty()) {
      notes_.push_back("queue " + static_cast<NumberedRequest&>(requests.front()).name);
      requests.pop_front();
    }
  }

 private:
  std::string name_;
  std::vector<std::string>& notes_;
  std::deque<NumberedRequest> requests_;
};

class PlugTest : public testing::Test {
 protected:
  test::Machine machine;
  std::vector<std::string> notes;
  NotingDevice a{"a", notes};
  NotingDevice b{"b", notes};
};

TEST_F(PlugTest, HoldsRequestsBackUntilItEnds) {
  machine.run([&] {
    {
      Plug plug(machine.runtime());
      plug.add(a.make_request());
      EXPECT_THAT(notes, IsEmpty());
    }
    EXPECT_THAT(notes, ElementsAre("a1"));
    EXPECT_EQ(Plug::of_current(machine.runtime()), nullptr);
  });
}

TEST_F(PlugTest, LetsTheRequestsOfOneDeviceGoLastInFirstOut) {
  machine.run([&] {
    {
      Plug plug(machine.runtime());
      for (int i = 0; i < 3; ++i) plug.add(a.make_request());
    }
    EXPECT_THAT(notes, ElementsAre("a3", "a2", "a1"));
  });
}

TEST_F(PlugTest, LetsThoseOfSeveralDevicesGoByDeviceFirstInFirstOut) {
  machine.run([&] {
    {
      Plug plug(machine.runtime());
      plug.add(a.make_request());
      plug.add(b.make_request());
      plug.add(a.make_request());
      plug.add(b.make_request());
      plug.add(a.make_request());
    }
    EXPECT_THAT(notes, ElementsAre("a1", "a2", "a3", "b1", "b2"));
  });
}

TEST_F(PlugTest, BeginsWithTheDeviceOfTheNewestRequest) {
  machine.run([&] {
    {
      Plug plug(machine.runtime());
      plug.add(a.make_request());
      plug.add(b.make_request());
    }
    EXPECT_THAT(notes, ElementsAre("b1", "a1"));
  });
}

TEST_F(PlugTest, LeavesItsRequestsToAWorkerWhenTheTaskSleeps) {
  machine.run([&] {
    Plug plug(machine.runtime());
    plug.add(a.make_request());
    plug.add(a.make_request());
    machine.runtime().sleep_for(std::chrono::milliseconds(1));
    EXPECT_THAT(notes, ElementsAre("queue a1", "queue a2"));
  });
}

TEST_F(PlugTest, KeepsItsRequestsWhileTheTaskIsOnlyPreempted) {
  test::Machine preempting{{sim::Schedule::Kind::random, 1}};
  preempting.run([&] {
    Plug plug(preempting.runtime());
    plug.add(a.make_request());
    preempting.runtime().spawn("other", [] {});
    for (int i = 0; i < 100; ++i) preempting.runtime().schedule_point();
    EXPECT_THAT(notes, IsEmpty());
  });
}

TEST_F(PlugTest, WithinAnotherPlugChangesNothing) {
  machine.run([&] {
    Plug outer(machine.runtime());
    {
      const Plug inner(machine.runtime());
      Plug::of_current(machine.runtime())->add(a.make_request());
    }
    EXPECT_EQ(Plug::of_current(machine.runtime()), &outer);
    EXPECT_THAT(notes, IsEmpty());
  });
}

TEST_F(PlugTest, BelongsToOneTask) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    machine.in_parallel(1, [&](unsigned) { EXPECT_EQ(Plug::of_current(machine.runtime()), nullptr); });
  });
}

TEST_F(PlugTest, HoldsAtMost32RequestsOfOneDevice) {
  machine.run([&] {
    Plug plug(machine.runtime());
    for (int i = 0; i < 32; ++i) plug.add(a.make_request());
    EXPECT_THAT(notes, IsEmpty());
    plug.add(a.make_request());
    EXPECT_EQ(notes.size(), 32U);
    EXPECT_EQ(notes.front(), "a32");
  });
}

TEST_F(PlugTest, HoldsAtMost64RequestsOfSeveralDevices) {
  machine.run([&] {
    Plug plug(machine.runtime());
    plug.add(b.make_request());
    for (int i = 0; i < 63; ++i) plug.add(a.make_request());
    EXPECT_THAT(notes, IsEmpty());
    plug.add(a.make_request());
    EXPECT_EQ(notes.size(), 64U);
  });
}

TEST_F(PlugTest, LetsGoBehindALargeRequest) {
  machine.run([&] {
    Plug plug(machine.runtime());
    plug.add(a.make_request(128 << 10));
    EXPECT_THAT(notes, IsEmpty());
    plug.add(a.make_request());
    EXPECT_THAT(notes, ElementsAre("a1"));
  });
}

TEST_F(PlugTest, OffersTheNewestRequestOfADeviceForMerging) {
  machine.run([&] {
    Plug plug(machine.runtime());
    EXPECT_EQ(plug.newest_of(a), nullptr);
    NumberedRequest& of_a = a.make_request();
    plug.add(of_a);
    EXPECT_EQ(plug.newest_of(a), &of_a);
    EXPECT_EQ(plug.newest_of(b), nullptr);
    NumberedRequest& of_b = b.make_request();
    plug.add(of_b);
    EXPECT_EQ(plug.newest_of(a), &of_a);
    EXPECT_EQ(plug.newest_of(b), &of_b);
  });
}

}  // namespace
