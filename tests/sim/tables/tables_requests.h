// SPDX-License-Identifier: GPL-2.0-or-later
// Requests as the command line makes them.
#pragma once

#include <string>

#include "sim/tables/report.h"

namespace test {

// The tables of a file "t", with a list "l" unless it is empty.
inline sim::tables::Request tables_request(const std::string& text, const std::string& list = {}) {
  sim::tables::Request request;
  request.name = "t";
  request.text = text;
  if (!list.empty()) request.lists.emplace_back("l", list);
  return request;
}

// Brought up on a new machine.
inline sim::tables::Outcome brought_up(const sim::tables::Request& request) {
  sim::Machine machine(sim::Schedule(), *request.stack.dialect);
  sim::host::Host host(machine);
  sim::tables::Outcome outcome;
  host.run([&] { outcome = sim::tables::bring_up(request, host); });
  return outcome;
}

}  // namespace test
