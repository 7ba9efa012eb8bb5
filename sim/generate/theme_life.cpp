// SPDX-License-Identifier: GPL-2.0-or-later
// Themes about devices: what dmsetup does with them.
#include <algorithm>
#include <vector>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

// A mapped device of the lifecycle theme, as far as its state decides what may be done with it.
struct Mapped {
  std::string name;
  std::uint64_t sectors = 0;  // of the live table; 0: none
  std::uint64_t inactive_sectors = 0;
  bool suspended = false;
};

std::string simple_table(Bench& bench, const Device& disk, std::uint64_t& sectors) {
  Random& random = bench.random;
  sectors = random.between(1, 128) * 8;
  const std::uint64_t offset = random.below(4) * 8;
  return random.choose<std::string>({
      {5, [&] { return table(sectors, fmt::format("linear {} {}", disk.path(), offset)); }},
      {2, [&] { return table(sectors, "zero"); }},
      {2,
       [&] {
         const std::uint64_t first = sectors / 2 + 8;
         std::string text = table(first, fmt::format("linear {} {}", disk.path(), offset));
         text += fmt::format("\n{} {} {}", first, sectors, random.pick({"zero", "error"}));
         sectors += first;
         return text;
       }},
      {1, [&] { return table(sectors, "error"); }},
  });
}

std::string info_columns(Random& random) {
  std::vector<std::string> columns = {
      "name",      "attr",          "segments",  "open",         "events",          "major",
      "minor",     "uuid",          "suspended", "device_count", "names_using_dev", "devnos_used",
      "subsystem", "tables_loaded", "readonly",  "blkdevname",   "blkdevs_used"};
  std::string out = "name";
  const std::uint64_t count = random.between(1, 5);
  for (std::uint64_t i = 0; i < count; i++) out += "," + random.pick(columns);
  return out;
}

void ask_about(Bench& bench, const std::string& name) {
  Random& random = bench.random;
  const std::string inactive = random.chance(25) ? "--inactive " : "";
  random.choose({
      {3, [&] { bench.say("dmsetup table {}{}", inactive, name); }},
      {3, [&] { bench.say("dmsetup status {}{}", inactive, name); }},
      {3,
       [&] {
         const std::string option = random.chance(50) ? "--noheadings " : "";
         bench.say("dmsetup info -c {}-o {} {}", option, info_columns(random), name);
       }},
      {2, [&] { bench.say("dmsetup info {}{}", inactive, name); }},
      {2,
       [&] {
         bench.say("dmsetup deps {}{}{}", inactive,
                   random.pick({"", "-o blkdevname ", "-o devname ", "-o devno "}), name);
       }},
      {1,
       [&] {
         bench.say("dmsetup ls{}",
                   random.pick({"", " --tree", " --target linear", " --target zero", " -o blkdevname"}));
       }},
      {1,
       [&] {
         bench.say("dmsetup {}",
                   random.pick({"status", "table", "info -c -o name,attr,open,segments,events", "ls"}));
       }},
  });
}

void change(Bench& bench, Mapped& mapped, const Device& disk, std::uint64_t& names) {
  Random& random = bench.random;
  random.choose({
      {3,
       [&] {
         bench.say("dmsetup suspend {}{}", random.pick({"", "", "--noflush ", "--nolockfs "}), mapped.name);
         mapped.suspended = true;
       }},
      {3,
       [&] {
         bench.say("dmsetup resume {}", mapped.name);
         if (mapped.inactive_sectors > 0) mapped.sectors = mapped.inactive_sectors;
         mapped.inactive_sectors = 0;
         mapped.suspended = mapped.sectors == 0;
       }},
      {4,
       [&] {
         const std::string text = simple_table(bench, disk, mapped.inactive_sectors);
         const std::string command = random.pick({"load", "reload"});
         bench.say("dmsetup {} {}{} --table '{}'", command, random.chance(10) ? "-r " : "", mapped.name,
                   text);
       }},
      {1,
       [&] {
         bench.say("dmsetup clear {}", mapped.name);
         mapped.inactive_sectors = 0;
       }},
      {1,
       [&] {
         bench.say(
             "dmsetup load {} --table '{}'", mapped.name,
             random.pick({"0 8 nosuch", "0 8 linear", "8 8 zero", "0 0 zero", "0 16 linear /dev/nope 0"}));
       }},
      {2,
       [&] {
         const std::string renamed = fmt::format("n{}", names++);
         bench.say("dmsetup rename {} {}", mapped.name, renamed);
         mapped.name = renamed;
       }},
  });
}

void io_if_it_flows(Bench& bench, const Mapped& mapped) {
  Random& random = bench.random;
  if (mapped.suspended || mapped.sectors == 0) return;
  const Device device{
      .name = mapped.name, .sectors = mapped.sectors, .unit = 8, .alignment = 1, .mapped = true};
  const Span at = bench.span(device, 200);
  if (random.chance(50))
    bench.say("read {} {} {}", mapped.name, at.sector, at.count);
  else
    bench.say("write {} {} {} {}", mapped.name, at.sector, at.count, bench.pattern());
}

}  // namespace

void lifecycle(Bench& bench) {
  Random& random = bench.random;
  const Device disk = bench.disk(2048);
  bench.stamp(disk, 'S');
  std::vector<Mapped> all;
  std::uint64_t names = 0;
  const std::uint64_t steps = random.between(12, 40);
  for (std::uint64_t i = 0; i < steps; i++) {
    if (all.empty() || (all.size() < 4 && random.chance(15))) {
      Mapped mapped{
          .name = fmt::format("n{}", names++), .sectors = 0, .inactive_sectors = 0, .suspended = false};
      if (random.chance(15)) {
        bench.say("dmsetup create {} --notable{}", mapped.name,
                  random.chance(50) ? " -u ID-" + mapped.name : "");
        mapped.suspended = true;
        // Without a table there is nothing to suspend: a flush does not wait, it fails.
        if (random.chance(40)) bench.say("flush {}", mapped.name);
      } else {
        const std::string text = simple_table(bench, disk, mapped.sectors);
        bench.create(
            mapped.name, text,
            random.pick({"", "", "", "-u some-id", "--readonly", "--readahead 64", "--addnodeoncreate"}));
        // A uuid can be taken: then the device is not there, and everything about it fails.
      }
      all.push_back(mapped);
      continue;
    }
    const std::size_t which = random.below(all.size());
    Mapped& mapped = all[which];
    random.choose({
        {6, [&] { change(bench, mapped, disk, names); }},
        {4, [&] { ask_about(bench, mapped.name); }},
        {2, [&] { io_if_it_flows(bench, mapped); }},
        {1,
         [&] {
           bench.say("dmsetup remove {}", mapped.name);
           all.erase(all.begin() + static_cast<std::ptrdiff_t>(which));
         }},
    });
  }
  bench.say("dmsetup table");
  bench.say("dmsetup info -c");
}

void waiting_io(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 2000;
  shape.region_max = 64;
  Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  const std::uint64_t rounds = random.between(1, 2);
  for (std::uint64_t round = 0; round < rounds; round++) {
    const std::uint64_t before = random.below(4);
    for (std::uint64_t i = 0; i < before; i++) some_io(bench, clone.device);
    bench.say("dmsetup suspend {}c", random.pick({"", "--noflush "}));
    // Each in a part of its own, so that their order does not matter.
    const std::uint64_t jobs = random.between(1, 3);
    const std::uint64_t part = clone.device.sectors / jobs;
    for (std::uint64_t job = 0; job < jobs; job++) {
      const Device share{.name = "c", .sectors = part, .unit = clone.region, .alignment = 1, .mapped = true};
      Span at = bench.inner_span(share, 600);
      at.sector = std::min((at.sector + job * part + clone.region - 1) / clone.region * clone.region,
                           clone.device.sectors - 1);
      at.count = std::min(at.count, (job + 1) * part > at.sector ? (job + 1) * part - at.sector : 1);
      at.count = std::min(at.count, clone.region);
      random.choose({
          {4, [&] { bench.say("write c {} {} {} &", at.sector, at.count, bench.pattern()); }},
          {2, [&] { bench.say("write c {} {} {} fua &", at.sector, at.count, bench.pattern()); }},
          {3, [&] { bench.say("read c {} {} &", at.sector, at.count); }},
          {1, [&] { bench.say("discard c {} {} &", at.sector, at.count); }},
          {1, [&] { bench.say("flush c &"); }},
      });
    }
    if (random.chance(30)) {
      bench.say("dmsetup info -c --noheadings -o name,attr,segments c");
      bench.say("iostat {}", clone.source.name);
    }
    random.choose({
        {4, [] {}},
        {2,
         [&] {
           clone.hydrate = false;
           bench.say("dmsetup load c --table '{}'", clone.table());
         }},
        {1,
         [&] {
           bench.say("dmsetup load c --table '{}'",
                     table(clone.device.sectors, fmt::format("linear {} 0", clone.destination.path())));
           round = rounds;
         }},
    });
    bench.say("dmsetup resume c");
    bench.say("wait");
    bench.say("dmsetup status c");
    bench.say("read c 0 {}", clone.device.sectors);
  }
}

void replacement(Bench& bench) {
  Random& random = bench.random;
  Clone clone = make_clone(bench, "c");
  create(bench, clone);
  const std::uint64_t steps = random.between(2, 8);
  for (std::uint64_t i = 0; i < steps; i++) some_io(bench, clone.device);
  hydrate_all(bench, clone);
  whole_content(bench, clone);
  const std::string linear =
      table(clone.device.sectors, fmt::format("linear {} 0", clone.destination.path()));
  if (random.chance(50)) {
    bench.swap_table("c", linear);
  } else {
    bench.say("dmsetup suspend c");
    bench.say("dmsetup load c --table '{}'", linear);
    bench.say("dmsetup resume c");
  }
  bench.say("dmsetup table c");
  bench.say("dmsetup deps c");
  bench.say("sha256 c");
  for (std::uint64_t i = 0; i < steps; i++) some_io(bench, clone.device);
  bench.say("iostat {}", clone.source.name);
  bench.say("sha256 c");
  bench.say("sha256 {}", clone.source.name);
  if (random.chance(30)) {
    bench.swap_table("c", clone.table());
    bench.say("dmsetup status c");
    bench.say("sha256 c");
  }
}

void listing(Bench& bench) {
  Random& random = bench.random;
  const Device disk = bench.disk(4096);
  const Device other = bench.disk(2048);
  std::vector<std::string> names;
  const std::uint64_t devices = random.between(1, 6);
  for (std::uint64_t i = 0; i < devices; i++) {
    const std::string name =
        random.pick({"a", "b-1", "c.d", "vol_x", "x+y", "Z", "long-name-of-a-device", "e f"}) +
        std::to_string(i);
    std::string text;
    random.choose({
        {1, [&] { text = table(8 * (i + 1), "zero"); }},
        {1, [&] { text = table(512, fmt::format("linear {} {}", disk.path(), 512 * i)); }},
        {1, [&] { text = table(256, fmt::format("striped 2 8 {} 0 {} 0", disk.path(), other.path())); }},
        {1,
         [&] {
           text = names.empty() ? table(8, "error")
                                : table(8, fmt::format("linear \"/dev/mapper/{}\" 0", names.front()));
         }},
    });
    bench.say("dmsetup create '{}' {}--table '{}'", name, random.chance(30) ? fmt::format("-u U-{} ", i) : "",
              text);
    names.push_back(name);
  }
  const std::uint64_t questions = random.between(8, 20);
  for (std::uint64_t i = 0; i < questions; i++) {
    random.choose({
        {3,
         [&] {
           bench.say("dmsetup ls{}",
                     random.pick({"", " --tree", " --tree -o ascii", " --tree -o inverted",
                                  " --tree -o nodevice", " --tree -o uuid,active,open", " --target linear",
                                  " --target striped", " -o blkdevname", " -o devname"}));
         }},
        {2,
         [&] {
           bench.say("dmsetup deps{}", random.pick({"", " -o blkdevname", " -o devname", " -o devno"}));
         }},
        {4,
         [&] {
           const std::string headings = random.chance(50) ? "--noheadings " : "";
           const std::string layout =
               random.pick({"", "", "--separator , ", "--unquoted ", "--nameprefixes ", "--rows ",
                            "--nameprefixes --rows ", "--sort name ", "--sort -minor ", "-S segments=1 "});
           bench.say("dmsetup info -c {}{}-o {}", headings, layout, info_columns(random));
         }},
        {2,
         [&] {
           bench.say("dmsetup table{}",
                     random.pick({"", " --target linear", " --target zero", " --concise"}));
         }},
        {2,
         [&] {
           bench.say("dmsetup status{}",
                     random.pick({"", " --target linear", " --target striped", " --noflush"}));
         }},
        {1, [&] { bench.say("dmsetup info '{}'", random.pick(names)); }},
        {1,
         [&] {
           bench.say("dmsetup target-version {}", random.pick({"clone", "linear", "dust", "nope"}));
         }},
        {1,
         [&] {
           const std::string split = random.pick({"vg-lv", "a--b-c", "x", "vg-lv-real", "-"});
           bench.say("dmsetup splitname {} {}", split, random.pick({"", "LVM", "LVM2"}));
         }},
        {1, [&] { bench.say("dmsetup info -u U-{}", random.below(6)); }},
        {1,
         [&] {
           const std::string command = random.pick({"table", "status", "info", "deps"});
           bench.say("dmsetup {} -j 253 -m {}", command, random.below(7));
         }},
    });
  }
}

}  // namespace sim::generate
