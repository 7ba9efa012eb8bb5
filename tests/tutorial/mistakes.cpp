// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/tutorial/mistakes.h"

#include "tests/tutorial/turnstile.h"

namespace tutorial {

namespace {

using dmcore::IrqSpinGuard;

class Sleeps final : public Turnstile {
  using Turnstile::Turnstile;

  EndIoResult end_io(Bio&, dmcore::BlockStatus&) override {
    {
      const IrqSpinGuard guard(lock_);
      --inside_;
    }
    let_in();
    return EndIoResult::done;
  }
};

class Loses final : public Turnstile {
  using Turnstile::Turnstile;

  void let_in() override {
    dmcore::BioList admitted;
    {
      const IrqSpinGuard guard(lock_);
      while (Bio* bio = line_.pop()) {
        if (!has_room()) break;
        enter();
        admitted.add(*bio);
      }
    }
    while (Bio* bio = admitted.pop()) submit_bio(*bio);
  }
};

class Hangs final : public Turnstile {
  using Turnstile::Turnstile;

  void presuspend() override {}
};

class Inverts final : public Turnstile {
 public:
  Inverts(dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len)
      : Turnstile(table, begin, len), diary_lock_(runtime(), "diary") {}

 private:
  MapResult map(Bio& bio) override {
    remap(bio);
    const IrqSpinGuard guard(lock_);
    const IrqSpinGuard diary_guard(diary_lock_);
    diary_ = describe(bio);
    enter();
    return MapResult::remapped;
  }

  std::string status(dmcore::StatusType type, bool noflush) override {
    const IrqSpinGuard diary_guard(diary_lock_);
    return Turnstile::status(type, noflush) + " " + diary_;
  }

  dmcore::SpinLock diary_lock_;
  std::string diary_;
};

class Races final : public Turnstile {
  using Turnstile::Turnstile;

  MapResult map(Bio& bio) override {
    remap(bio);
    {
      const IrqSpinGuard guard(lock_);
      if (!line_.empty() || !has_room()) {
        line_.add(bio);
        return MapResult::submitted;
      }
    }
    const IrqSpinGuard guard(lock_);
    enter();
    return MapResult::remapped;
  }
};

template <class Mistaken>
dmcore::TargetType mistaken(const char* name) {
  dmcore::TargetType type = turnstile_target_type();
  type.name = name;
  type.make = [](dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len) {
    return std::make_unique<Mistaken>(table, begin, len);
  };
  return type;
}

}  // namespace

std::vector<dmcore::TargetType> mistaken_target_types() {
  return {mistaken<Sleeps>("bad-sleeps"), mistaken<Loses>("bad-loses"), mistaken<Hangs>("bad-hangs"),
          mistaken<Inverts>("bad-inverts"), mistaken<Races>("bad-races")};
}

}  // namespace tutorial
