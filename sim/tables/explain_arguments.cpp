// SPDX-License-Identifier: GPL-2.0-or-later
// What each argument of each target means.
#include <fmt/format.h>

#include "dmcore/dm/args.h"

#include "dmclone/clone_target.h"

#include "sim/tables/amounts.h"
#include "sim/tables/explain.h"

namespace sim::tables {

namespace {

using Words = std::vector<std::string>;
using Explained = std::vector<ExplainedWord>;

// Reads the arguments one after the other and notes their meanings.
class Reader {
 public:
  Reader(const Words& words, dmcore::sector_t len) : words_(words), len_(len) {}

  [[nodiscard]] bool more() const { return at_ < words_.size(); }
  [[nodiscard]] const std::string& peek() const { return words_[at_]; }
  [[nodiscard]] dmcore::sector_t len() const { return len_; }

  // The next argument, with a meaning; notes that it is missing if there is none.
  std::string take(std::string meaning) {
    if (!more()) {
      explained_.push_back({"(missing)", std::move(meaning)});
      return {};
    }
    explained_.push_back({words_[at_], std::move(meaning)});
    return words_[at_++];
  }
  std::optional<std::uint32_t> take_number(const std::string& meaning) {
    const auto number = dmcore::scan_u32(take(meaning));
    if (!number) amend("no number");
    return number;
  }
  // A number of sectors, with its size in other units.
  void take_start(const std::string& meaning) {
    if (!dmcore::scan_u64(take(meaning))) amend("no number");
  }
  // Adds to what was said of the last argument.
  void amend(const std::string& more) { explained_.back().meaning += ": " + more; }

  // What is left over does not belong there.
  Explained finish() {
    while (more()) take("left over: the target takes no further argument");
    return std::move(explained_);
  }
  [[nodiscard]] std::size_t left() const { return words_.size() - at_; }

 private:
  const Words& words_;
  dmcore::sector_t len_;
  std::size_t at_ = 0;
  Explained explained_;
};

// Says so if fewer arguments follow than were announced.
std::uint32_t take_count(Reader& reader, const std::string& of_what) {
  const auto count = reader.take_number(fmt::format("so many {} follow", of_what));
  if (!count) return 0;
  if (*count > reader.left()) reader.amend(fmt::format("but only {} arguments are left", reader.left()));
  return static_cast<std::uint32_t>(std::min<std::size_t>(*count, reader.left()));
}

void read_region_size(Reader& reader) {
  const auto size = reader.take_number("region size, in sectors");
  if (!size) return;
  if (*size < dmclone::min_region_size || *size > dmclone::max_region_size) {
    reader.amend(fmt::format("not from {} to {}", dmclone::min_region_size, dmclone::max_region_size));
  } else if (!dmcore::is_power_of_2(*size)) {
    reader.amend("not a power of two");
  } else {
    reader.amend(fmt::format("{}, which makes {} regions; each is copied as a whole", amount(*size),
                             dmcore::div_round_up(reader.len(), *size)));
  }
}

void read_core_argument(Reader& reader) {
  const std::string key = reader.peek();
  if (dmcore::equal_ignoring_case(key, "hydration_threshold")) {
    reader.take("how many regions are copied at once in the background, at most");
  } else if (dmcore::equal_ignoring_case(key, "hydration_batch_size")) {
    reader.take("how many adjacent regions are copied as one, at most");
  } else {
    reader.take("no core argument; those are hydration_threshold and hydration_batch_size");
  }
  const std::string value = reader.take("its value, in regions");
  if (!dmcore::parse_u32(value).ok()) reader.amend("no number");
}

Explained of_clone(Reader reader) {
  reader.take("metadata device: remembers which regions are copied");
  reader.take("destination device: gets the copy, and all writes");
  reader.take("source device: is only read");
  read_region_size(reader);
  if (!reader.more()) return reader.finish();
  for (std::uint32_t left = take_count(reader, "feature arguments"); left != 0 && reader.more(); --left) {
    if (dmcore::equal_ignoring_case(reader.peek(), "no_hydration")) {
      reader.take("nothing is copied in the background until the message enable_hydration");
    } else if (dmcore::equal_ignoring_case(reader.peek(), "no_discard_passdown")) {
      reader.take("discards are not passed on to the destination");
    } else {
      reader.take("no feature; those are no_hydration and no_discard_passdown");
    }
  }
  if (!reader.more()) return reader.finish();
  const std::uint32_t count = take_count(reader, "core arguments, keys and values");
  if (count % 2 != 0) reader.amend("an odd number");
  for (std::uint32_t left = count / 2; left != 0 && reader.more(); --left) read_core_argument(reader);
  return reader.finish();
}

Explained of_linear(Reader reader) {
  reader.take("device that the sectors are on");
  reader.take_start("the sector there at which they begin");
  return reader.finish();
}

Explained of_striped(Reader reader) {
  const auto stripes = reader.take_number("so many devices take turns");
  if (stripes && *stripes != 0 && reader.len() % *stripes != 0)
    reader.amend("the length is no multiple of it");
  const auto chunk = reader.take_number("sectors on one device before it is the next one's turn");
  if (chunk && *chunk != 0 && stripes && *stripes != 0 && reader.len() / *stripes % *chunk != 0)
    reader.amend("each device's part is no multiple of it");
  for (std::uint32_t i = 0; stripes && i < *stripes && reader.more(); ++i) {
    reader.take(fmt::format("device {}", i + 1));
    reader.take_start("the sector there at which its part begins");
  }
  return reader.finish();
}

Explained of_delay(Reader reader) {
  for (const char* what : {"reads (and writes, flushes, if nothing else is said)", "writes", "flushes"}) {
    if (!reader.more()) break;
    reader.take(fmt::format("device for {}", what));
    reader.take_start("the sector there at which they begin");
    reader.take_number("milliseconds by which they are held back");
  }
  return reader.finish();
}

Explained of_flakey(Reader reader) {
  reader.take("device that the sectors are on");
  reader.take_start("the sector there at which they begin");
  reader.take_number("seconds for which all is well, ...");
  reader.take_number("... and then seconds for which it fails, in turns");
  if (!reader.more()) return reader.finish();
  take_count(reader, "feature arguments");
  while (reader.more()) {
    const std::string name = reader.peek();
    if (dmcore::equal_ignoring_case(name, "drop_writes")) {
      reader.take("while it fails, writes are forgotten and reads work");
    } else if (dmcore::equal_ignoring_case(name, "error_writes")) {
      reader.take("while it fails, writes fail and reads work");
    } else if (dmcore::equal_ignoring_case(name, "corrupt_bio_byte")) {
      reader.take("while it fails, a byte of each bio is changed");
      reader.take_number("which byte, from 1");
      reader.take("of reads (r) or writes (w)");
      reader.take_number("the new value");
      reader.take_number("flags that a bio must have");
    } else {
      reader.take("no feature; those are drop_writes, error_writes and corrupt_bio_byte");
    }
  }
  return reader.finish();
}

Explained of_dust(Reader reader) {
  reader.take("device that the sectors are on");
  reader.take_start("the sector there at which they begin");
  reader.take_number("bytes in a block: blocks are made bad, and good again, by messages");
  return reader.finish();
}

Explained of_error(Reader reader) {
  Explained explained;
  while (reader.more()) reader.take("ignored: the target takes any arguments");
  return reader.finish();
}

Explained of_foreign(Reader reader) {
  while (reader.more()) {
    // Keys must not be repeated.
    const bool may_be_key = reader.peek().size() > 31;
    if (may_be_key) return {{"(not shown)", "dmsim has no such target, and some of this may be a key"}};
    reader.take("an argument of a target that dmsim does not have");
  }
  return reader.finish();
}

}  // namespace

std::vector<ExplainedWord> explain_arguments(const libdm::Target& target) {
  const Words words = arguments_of(target);
  const Reader reader(words, target.length);
  if (target.type == "clone") return of_clone(reader);
  if (target.type == "linear") return of_linear(reader);
  if (target.type == "striped") return of_striped(reader);
  if (target.type == "delay") return of_delay(reader);
  if (target.type == "flakey") return of_flakey(reader);
  if (target.type == "dust") return of_dust(reader);
  if (target.type == "error") return of_error(reader);
  if (target.type == "zero") return Reader(reader).finish();
  return of_foreign(reader);
}

}  // namespace sim::tables
