// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/plug.h"

namespace dmcore {

namespace {

// BLK_MAX_REQUEST_COUNT, which is doubled if there are several devices; BLK_PLUG_FLUSH_SIZE.
constexpr std::size_t max_requests = 32;
constexpr std::uint64_t large_request_bytes = 128 << 10;

}  // namespace

Plug::Plug(Runtime& runtime) : runtime_(runtime), outermost_(runtime.current().plug == nullptr) {
  if (outermost_) runtime.current().plug = this;
}

Plug::~Plug() {
  if (!outermost_) return;
  if (runtime_.dying()) {
    requests_.clear();
    return;
  }
  flush(false);
  runtime_.current().plug = nullptr;
}

void Plug::add(PluggedRequest& request) {
  const std::size_t max = several_devices_ ? 2 * max_requests : max_requests;
  if (count_ != 0 && (count_ >= max || requests_.front().bytes >= large_request_bytes)) flush(false);
  if (!requests_.empty() && requests_.front().device != request.device) several_devices_ = true;
  requests_.push_front(request);
  ++count_;
}

PluggedRequest* Plug::newest_of(const PluggedDevice& device) {
  for (PluggedRequest& request : requests_) {
    if (request.device == &device) return &request;
    if (!several_devices_) break;
  }
  return nullptr;
}

// blk_mq_flush_plug_list()
void Plug::flush(bool sleeps) {
  if (count_ == 0) return;
  count_ = 0;
  if (!several_devices_ && !sleeps) {
    issue_all();
  } else {
    while (!requests_.empty()) hand_over(sleeps);
  }
}

// blk_mq_plug_issue_direct()
void Plug::issue_all() {
  while (!requests_.empty()) {
    PluggedRequest& request = requests_.front();
    requests_.pop_front();
    request.device->issue(request);
  }
}

// blk_mq_dispatch_plug_list(): lets the requests of one device go, oldest first: that of the newest request.
void Plug::hand_over(bool sleeps) {
  PluggedDevice& device = *requests_.front().device;
  PluggedRequests its;
  for (auto it = requests_.begin(); it != requests_.end();) {
    PluggedRequest& request = *it++;
    if (request.device != &device) continue;
    requests_.erase(requests_.iterator_to(request));
    its.push_front(request);
  }
  if (sleeps) {
    device.insert(its);
    return;
  }
  while (!its.empty()) {
    PluggedRequest& request = its.front();
    its.pop_front();
    device.issue(request);
  }
}

}  // namespace dmcore
