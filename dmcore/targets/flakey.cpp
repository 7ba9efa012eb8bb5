// SPDX-License-Identifier: GPL-2.0-or-later
// flakey DEVICE START UP_SECONDS DOWN_SECONDS [#FEATURES FEATURE...]: a linear mapping that is alternately up
// and down (drivers/md/dm-flakey.c). Features say what happens while it is down; by default all I/O fails:
//   drop_writes    writes are forgotten, reads work
//   error_writes   writes fail, reads work
//   corrupt_bio_byte N r|w VALUE FLAGS    byte N, from 1, of each bio of that direction becomes VALUE, if the
//   bio's
//                                         operation and flags, as the kernel numbers them, contain FLAGS
#include <fmt/format.h>
#include <limits>

#include "dmcore/block/bio_opf.h"
#include "dmcore/dm/table.h"
#include "dmcore/targets/targets.h"

namespace dmcore {

namespace {

constexpr unsigned any = std::numeric_limits<unsigned>::max();
constexpr unsigned max_feature_args = 6;
constexpr unsigned corrupt_value_max = 255;

constexpr std::string_view drop_writes_feature = "drop_writes";
constexpr std::string_view error_writes_feature = "error_writes";
constexpr std::string_view corrupt_bio_byte_feature = "corrupt_bio_byte";

class FlakeyTarget final : public Target {
 public:
  using Target::Target;

  Status ctr(std::span<const std::string> argv) override;
  void dtr() override { put_device(device_); }
  MapResult map(Bio& bio) override;
  EndIoResult end_io(Bio& bio, BlockStatus& status) override;
  std::string status(StatusType type, bool noflush) override;
  bool iterate_devices(const DeviceVisitor& visit) override { return visit(*device_, start_, len()); }
  [[nodiscard]] bool has_iterate_devices() const override { return true; }

 private:
  // Per-bio data.
  struct PerBio {
    bool while_down;
  };
  enum class Direction : std::uint8_t { read, write };

  Status read_intervals(ArgSet& args);
  Status read_features(ArgSet& args);
  Status read_drop_writes();
  Status read_error_writes();
  Status read_corrupt_bio_byte(ArgSet& args, unsigned& features_left);
  Status check_features();

  [[nodiscard]] bool is_down() const;
  MapResult remap(Bio& bio);
  [[nodiscard]] bool reads_fail() const { return corrupt_byte_ == 0 && !drop_writes_ && !error_writes_; }
  void corrupt(Bio& bio, Direction direction) const;

  TableDevice* device_ = nullptr;
  sector_t start_ = 0;
  std::uint64_t start_time_ = 0;  // jiffies
  unsigned up_interval_ = 0;      // seconds
  unsigned down_interval_ = 0;
  bool drop_writes_ = false;
  bool error_writes_ = false;
  unsigned corrupt_byte_ = 0;  // 0: none
  Direction corrupt_direction_ = Direction::read;
  unsigned corrupt_value_ = 0;
  unsigned corrupt_flags_ = 0;
};

Status FlakeyTarget::ctr(std::span<const std::string> argv) {
  if (argv.size() < 4) return fail("Invalid argument count");
  start_time_ = runtime().jiffies();
  ArgSet args(argv);
  const std::string& path = *args.shift();
  const auto start = scan_u64(*args.shift());
  if (!start) return fail("Invalid device sector");
  start_ = *start;
  DMCORE_TRY(read_intervals(args));
  DMCORE_TRY(read_features(args));
  const auto device = get_device(path, table().mode());
  if (!device.ok()) return fail("Device lookup failed", device.error());
  device_ = *device;

  num_flush_bios = 1;
  num_discard_bios = 1;
  has_end_io = true;
  return {};
}

Status FlakeyTarget::read_intervals(ArgSet& args) {
  // The same text for both intervals, as in the kernel.
  constexpr ArgLimits interval{0, any, "Invalid up interval"};
  const auto up = read_arg(interval, args, error);
  DMCORE_TRY(up.status());
  const auto down = read_arg(interval, args, error);
  DMCORE_TRY(down.status());
  up_interval_ = *up;
  down_interval_ = *down;
  // The sum wraps around as in the kernel, where this is tested first.
  if (up_interval_ + down_interval_ == 0) return fail("Total (up + down) interval is zero");
  if (up_interval_ + down_interval_ < up_interval_) return fail("Interval overflow");
  return {};
}

Status FlakeyTarget::read_features(ArgSet& args) {
  if (args.empty()) return {};
  const auto count = read_arg_group({0, max_feature_args, "Invalid number of feature args"}, args, error);
  DMCORE_TRY(count.status());
  // As in the kernel, this wraps around if a feature has more words than the count says: then all words that
  // follow are read.
  unsigned left = *count;
  while (left != 0) {
    const std::string* name = args.shift();
    --left;
    if (name == nullptr) return fail("Insufficient feature arguments");
    if (equal_ignoring_case(*name, drop_writes_feature)) {
      DMCORE_TRY(read_drop_writes());
    } else if (equal_ignoring_case(*name, error_writes_feature)) {
      DMCORE_TRY(read_error_writes());
    } else if (equal_ignoring_case(*name, corrupt_bio_byte_feature)) {
      DMCORE_TRY(read_corrupt_bio_byte(args, left));
    } else {
      return fail("Unrecognised flakey feature requested");
    }
  }
  return check_features();
}

Status FlakeyTarget::read_drop_writes() {
  if (drop_writes_) return fail("Feature drop_writes duplicated");
  drop_writes_ = true;
  if (error_writes_) return fail("Feature drop_writes conflicts with feature error_writes");
  return {};
}

Status FlakeyTarget::read_error_writes() {
  if (error_writes_) return fail("Feature error_writes duplicated");
  error_writes_ = true;
  if (drop_writes_) return fail("Feature error_writes conflicts with feature drop_writes");
  return {};
}

Status FlakeyTarget::read_corrupt_bio_byte(ArgSet& args, unsigned& features_left) {
  if (features_left == 0) return fail("Feature corrupt_bio_byte requires parameters");
  const auto byte = read_arg({1, any, "Invalid corrupt bio byte"}, args, error);
  DMCORE_TRY(byte.status());
  corrupt_byte_ = *byte;
  const std::string* direction = args.shift();
  if (direction != nullptr && equal_ignoring_case(*direction, "w")) {
    corrupt_direction_ = Direction::write;
  } else if (direction != nullptr && equal_ignoring_case(*direction, "r")) {
    corrupt_direction_ = Direction::read;
  } else {
    return fail("Invalid corrupt bio direction (r or w)");
  }
  const auto value =
      read_arg({0, corrupt_value_max, "Invalid corrupt value to write into bio byte (0-255)"}, args, error);
  DMCORE_TRY(value.status());
  corrupt_value_ = *value;
  const auto flags = read_arg({0, any, "Invalid corrupt bio flags mask"}, args, error);
  DMCORE_TRY(flags.status());
  corrupt_flags_ = *flags;
  features_left -= 4;
  return {};
}

Status FlakeyTarget::check_features() {
  if (corrupt_direction_ != Direction::write) return {};
  if (drop_writes_) return fail("drop_writes is incompatible with corrupt_bio_byte with the WRITE flag set");
  if (error_writes_)
    return fail("error_writes is incompatible with corrupt_bio_byte with the WRITE flag set");
  return {};
}

bool FlakeyTarget::is_down() const {
  const auto elapsed = static_cast<unsigned>((runtime().jiffies() - start_time_) / hz);
  return elapsed % (up_interval_ + down_interval_) >= up_interval_;
}

MapResult FlakeyTarget::remap(Bio& bio) {
  bio.device = device_->device;
  bio.sector = start_ + target_sector(bio.sector);
  return MapResult::remapped;
}

MapResult FlakeyTarget::map(Bio& bio) {
  auto& per_bio = per_bio_data_as<PerBio>(bio);
  per_bio.while_down = is_down();
  if (!per_bio.while_down) return remap(bio);
  if (!bio.is_write()) return reads_fail() ? MapResult::kill : remap(bio);
  if (drop_writes_ || error_writes_) {
    end_bio(bio, drop_writes_ ? BlockStatus::ok : BlockStatus::ioerr);
    return MapResult::submitted;
  }
  if (corrupt_byte_ == 0) return MapResult::kill;
  corrupt(bio, Direction::write);
  return remap(bio);
}

EndIoResult FlakeyTarget::end_io(Bio& bio, BlockStatus& status) {
  const bool read_while_down = !bio.is_write() && per_bio_data_as<PerBio>(bio).while_down;
  if (status != BlockStatus::ok || !read_while_down) return EndIoResult::done;
  if (corrupt_byte_ != 0) {
    // A disk advances the bio to its end, so that this only has an effect on bios completed by another mapped
    // device.
    corrupt(bio, Direction::read);
  } else if (reads_fail()) {
    status = BlockStatus::ioerr;
  }
  return EndIoResult::done;
}

void FlakeyTarget::corrupt(Bio& bio, Direction direction) const {
  if (direction != corrupt_direction_ || (bio_opf(bio) & corrupt_flags_) != corrupt_flags_) return;
  if (!bio.has_data() || bio.size < corrupt_byte_) return;
  bio.data[corrupt_byte_ - 1] = static_cast<std::byte>(corrupt_value_);
}

std::string FlakeyTarget::status(StatusType type_of_status, bool /*noflush*/) {
  if (type_of_status != StatusType::table) return {};
  const unsigned words = (drop_writes_ ? 1 : 0) + (error_writes_ ? 1 : 0) + (corrupt_byte_ != 0 ? 5 : 0);
  std::string text =
      fmt::format("{} {} {} {} {} ", device_->name, start_, up_interval_, down_interval_, words);
  if (drop_writes_) {
    text += fmt::format("{} ", drop_writes_feature);
  } else if (error_writes_) {
    text += fmt::format("{} ", error_writes_feature);
  }
  if (corrupt_byte_ != 0) {
    text += fmt::format("{} {} {} {} {} ", corrupt_bio_byte_feature, corrupt_byte_,
                        corrupt_direction_ == Direction::write ? 'w' : 'r', corrupt_value_, corrupt_flags_);
  }
  return text;
}

Argument flakey_number(std::string name, std::string meaning, Argument::Unit unit = Argument::Unit::none) {
  return {.name = std::move(name),
          .meaning = std::move(meaning),
          .format = NumberFormat::scanned_32,
          .unit = unit,
          .max = any};
}

Keyword corrupt_bio_byte_keyword() {
  Argument byte = flakey_number("byte", "which one, counted from 1");
  byte.min = 1;
  Argument value = flakey_number("value", "what it becomes");
  value.max = corrupt_value_max;
  return {.name = corrupt_bio_byte_feature,
          .meaning = "while down, a byte of each bio is changed",
          .values = {std::move(byte),
                     {.name = "direction",
                      .meaning = "in reads (r) or in writes (w)",
                      .kind = Argument::Kind::choice,
                      .choices = {"r", "w"}},
                     std::move(value),
                     flakey_number("flags", "that a bio must have, as the kernel numbers them")}};
}

TargetArguments flakey_arguments() {
  return {.summary = "a device that fails now and then",
          .parts = {data_device_argument(), start_argument(),
                    flakey_number("up interval", "how long it works, in turns with the down interval",
                                  Argument::Unit::seconds),
                    flakey_number("down interval", "how long it fails", Argument::Unit::seconds),
                    KeywordGroup{.name = "feature arguments",
                                 .words_max = max_feature_args,
                                 .keywords = {{.name = drop_writes_feature,
                                               .meaning = "while down, writes are forgotten and reads work"},
                                              {.name = error_writes_feature,
                                               .meaning = "while down, writes fail and reads work"},
                                              corrupt_bio_byte_keyword()},
                                 .when_empty = "while down, all I/O fails"}},
          .ignores_rest = true};
}

}  // namespace

TargetType flakey_target_type() {
  TargetType type;
  type.name = "flakey";
  type.version = {1, 5, 0};
  type.features = TargetType::passes_crypto;
  type.arguments = flakey_arguments;
  type.make = [](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<FlakeyTarget>(table, begin, len);
  };
  return type;
}

}  // namespace dmcore
