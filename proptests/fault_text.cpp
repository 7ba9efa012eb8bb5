// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/fault_text.h"

#include <fmt/format.h>

namespace proptests {

namespace {

using sim::Fault;

std::string text_of(const sim::SectorRange& where) {
  return fmt::format("{}+{}", where.first, where.count);
}

std::string optional(const sim::SectorRange& where) {
  return where.count == sim::SectorRange::everything ? "" : ":" + text_of(where);
}

std::string text_of(dmcore::Time time) {
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(time);
  return whole == time ? fmt::format("{}ms", whole.count()) : fmt::format("{}ns", time.count());
}

struct Text {
  std::string operator()(const Fault::ReadError& error) const { return "read-error" + optional(error.where); }
  std::string operator()(const Fault::WriteError& error) const {
    return "write-error" + optional(error.where);
  }
  std::string operator()(const Fault::FlushError&) const { return "flush-error"; }
  std::string operator()(const Fault::Torn& torn) const {
    return fmt::format("torn:{}@{}", text_of(torn.where), torn.kept);
  }
  std::string operator()(const Fault::Misdirected& misdirected) const {
    return fmt::format("misdirected:{}@{}", text_of(misdirected.where), misdirected.to);
  }
  std::string operator()(const Fault::BitRot& rot) const {
    return fmt::format("bit-rot:{}.{}@{}", rot.byte, rot.bit, text_of(rot.at));
  }
  std::string operator()(const Fault::Lies&) const { return "lies"; }
  std::string operator()(const Fault::Silent& silent) const {
    const std::string from = "silent:" + text_of(silent.from);
    return silent.to == Fault::Silent::for_ever ? from : from + "-" + text_of(silent.to);
  }
};

}  // namespace

std::string text_of(const Fault& fault) {
  const std::string text = std::visit(Text(), fault.what);
  return fault.hits_max == Fault::always ? text : fmt::format("{}:x{}", text, fault.hits_max);
}

}  // namespace proptests
