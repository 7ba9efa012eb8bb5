// SPDX-License-Identifier: GPL-2.0-or-later
// dmsetup's commands and options, also rare ones, on a few devices that come and go.
#include <algorithm>
#include <vector>

#include "sim/generate/bench.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

class Commands {
 public:
  explicit Commands(Bench& bench)
      : bench_(bench), random_(bench.random), disk_(bench.disk(4096)), other_(bench.disk(2048)) {
    for (std::uint64_t i = random_.between(1, 4); i > 0; i--) create();
  }

  void step() {
    random_.choose({
        {3, [&] { create(); }},
        {3, [&] { remove(); }},
        {2, [&] { rename(); }},
        {4, [&] { state(); }},
        {4, [&] { question(); }},
        {2, [&] { load(); }},
        {2, [&] { message(); }},
        {2,
         [&] {
           const std::string option = random_.pick({"", "", "--noflush ", "-f ", "--nolockfs "});
           bench_.say("dmsetup wipe_table {}{}", option, name());
         }},
        {1, [&] { geometry(); }},
        {1, [&] { concise(); }},
        {1, [&] { small(); }},
    });
  }

  void finish() {
    bench_.say("dmsetup table");
    bench_.say("dmsetup info -c --noheadings -o name,uuid,attr,open,segments,events,devno");
    bench_.say("dmsetup ls --tree");
  }

 private:
  std::string name() {
    const std::vector<std::string> names = {"a", "b", "c", "d e", "f/g", "h"};
    return "'" + names[random_.weighted({8, 8, 6, 2, 1, 1})] + "'";
  }

  // How a device can be named to a command.
  std::string handle() {
    return random_.choose<std::string>({
        {8, [&] { return name(); }},
        {2, [&] { return fmt::format("-u U-{}", random_.below(4)); }},
        {2, [&] { return fmt::format("-j 253 -m {}", random_.below(5)); }},
        {1,
         [&] {
           const std::string first = name();
           return first + " " + name();
         }},
    });
  }

  std::string a_table() {
    const std::uint64_t sectors = random_.between(1, 64) * 8;
    return random_.choose<std::string>({
        {4, [&] { return table(sectors, fmt::format("linear {} {}", disk_.path(), random_.below(64) * 8)); }},
        {2,
         [&] {
           return table(sectors, random_.pick({"zero", "error"}));
         }},
        {2, [&] { return fmt::format("0 {0} linear {1} 0\n{0} 8 zero", sectors, disk_.path()); }},
        {2,
         [&] {
           return table(sectors / 16 * 16 + 16,
                        fmt::format("striped 2 8 {} 0 {} 0", disk_.path(), other_.path()));
         }},
        // over a device that may be there or not, or be this one itself
        {1,
         [&] {
           return table(8, fmt::format("linear /dev/mapper/{} 0", random_.pick({"a", "b", "c"})));
         }},
        {1,
         [&] {
           return random_.pick({"0 8 nosuch", "8 8 zero", "0 0 zero", "0 8", "0 8 linear /dev/nope 0",
                                "x 8 zero", "0 18446744073709551615 zero"});
         }},
    });
  }

  void create() {
    std::string options;
    if (random_.chance(30)) options += fmt::format(" -u U-{}", random_.below(4));
    if (random_.chance(15)) options += random_.pick({" -r", " --readonly"});
    if (random_.chance(8)) options += fmt::format(" -m {}", random_.below(6));
    if (random_.chance(5)) options += " -j 253 -m 9";
    if (random_.chance(10))
      options += random_.pick({" --readahead none", " --readahead 300", " --readahead +8"});
    if (random_.chance(6)) options += random_.pick({" --addnodeoncreate", " --addnodeonresume"});
    if (random_.chance(6))
      options += random_.pick({" -y", " -f", " --noudevsync", " --noudevrules", " --inactive"});
    if (random_.chance(6))
      options += random_.pick({" --manglename none", " --manglename hex", " --manglename auto"});
    const bool without_table = random_.chance(12);
    const std::string device = name();
    if (without_table)
      bench_.say("dmsetup create {}{} {}", device, options, random_.pick({"--notable", "-n"}));
    else
      bench_.say("dmsetup create {}{} --table '{}'", device, options, a_table());
  }

  void remove() {
    // No --retry: it waits for a second, five times.
    const std::string option = random_.pick({"", "", "", "--force ", "--deferred ", "-f "});
    bench_.say("dmsetup remove {}{}", option, handle());
    if (random_.chance(8)) bench_.say("dmsetup remove_all{}", random_.pick({"", " --force", " --deferred"}));
  }

  void rename() {
    const std::string device = name();
    if (random_.chance(25))
      bench_.say("dmsetup rename {} --setuuid {}", device,
                 random_.pick({"U-1", "U-2", "U-3", "x y", "''", "a/b"}));
    else if (random_.chance(20))
      bench_.say("dmsetup rename -u U-{} {}", random_.below(4), device);
    else
      bench_.say("dmsetup rename {} {}", device, name());
  }

  void state() {
    random_.choose({
        {1,
         [&] {
           const std::string option = random_.pick({"", "--noflush ", "--nolockfs ", "--noopencount "});
           bench_.say("dmsetup suspend {}{}", option, handle());
         }},
        {2,
         [&] {  // Without a name, --readahead makes dmsetup 1.02.185 itself crash.
           if (random_.chance(15)) {
             bench_.say("dmsetup resume --readahead 128 {}", name());
           } else {
             const std::string option = random_.pick({"", "", "--noflush ", "--addnodeonresume "});
             bench_.say("dmsetup resume {}{}", option, handle());
           }
         }},
        {1, [&] { bench_.say("dmsetup clear {}", handle()); }},
    });
  }

  void load() {
    const std::string command = random_.pick({"load", "reload"});
    const std::string option = random_.pick({"", "", "-r "});
    const std::string device = name();
    bench_.say("dmsetup {} {}{} --table '{}'", command, option, device, a_table());
  }

  void message() {
    const std::string device = name();
    const std::string sector = random_.pick({"0", "0", "8", "1000000"});
    bench_.say("dmsetup message {} {} {}", device, sector,
               random_.pick({"hello", "''", "enable", "@cancel_deferred_remove", "@nosuch", "a b c",
                             "'  two words '", "@cancel_deferred_remove 1"}));
  }

  void geometry() {
    const std::string device = name();
    const std::string cylinders = random_.pick({"1", "16", "1024", "65535", "65536", "x", "-1"});
    const int heads = random_.pick({1, 16, 255, 256});
    const int sectors = random_.pick({1, 63, 255, 256});
    const int start = random_.pick({0, 0, 0, 8, 100000});
    bench_.say("dmsetup setgeometry {} {} {} {} {}", device, cylinders, heads, sectors, start);
  }

  void concise() {
    if (random_.chance(50)) {
      bench_.say("dmsetup table --concise {}", random_.chance(50) ? name() : "");
      return;
    }
    const std::string device = random_.pick({"a", "b", "k", " l "});
    const std::string uuid = random_.pick({"", "", "U-1", "C-1"});
    const std::string minor = random_.pick({"", "", "3", "x"});
    const std::string flags = random_.pick({"", "rw", "ro", "rx"});
    const std::string text =
        random_.pick({"0 8 zero", "0 8 zero,8 8 error", "0 8 linear /dev/loop0 0", "0 8 nosuch", ""});
    bench_.say("dmsetup create --concise '{},{},{},{},{}{}'", device, uuid, minor, flags, text,
               random_.pick({"", "", ";n,,,,0 16 zero", ";"}));
  }

  void small() {
    bench_.say("dmsetup {}", random_.pick({"version",
                                           "mknodes",
                                           "mknodes a",
                                           "mangle",
                                           "mangle a",
                                           "target-version clone zero",
                                           "target-version nosuch",
                                           "splitname a-b LVM",
                                           "nosuch",
                                           "",
                                           "info a b",
                                           "udevcookies",
                                           "measure a",
                                           "version",

                                           "table --showkeys a",
                                           "status --target zero",
                                           "ls --target error",
                                           "remove",
                                           "rename a",
                                           "create",
                                           "message a",
                                           "clear",
                                           "-c",
                                           "--version",
                                           "info -c -o help_not"}));
  }

  void question() {
    const std::string inactive = random_.chance(20) ? "--inactive " : "";
    const std::string all_or_one = random_.chance(40) ? "" : handle();
    random_.choose({
        {3,
         [&] {
           bench_.say("dmsetup table {}{}{}", inactive,
                      random_.pick({"", "", "--target linear ", "--showkeys ", "--noheadings "}), all_or_one);
         }},
        {3,
         [&] {
           bench_.say("dmsetup status {}{}{}", inactive,
                      random_.pick({"", "", "--target zero ", "--noflush ", "-v "}), all_or_one);
         }},
        {3, [&] { columns(all_or_one); }},
        {2, [&] { bench_.say("dmsetup info {}{}", inactive, all_or_one); }},
        {2,
         [&] {
           bench_.say("dmsetup deps {}{}{}", inactive,
                      random_.pick({"", "-o blkdevname ", "-o devname ", "-o devno "}), all_or_one);
         }},
        {2,
         [&] {
           bench_.say("dmsetup ls {}",
                      random_.pick({"", "--tree", "--tree -o ascii", "--tree -o inverted",
                                    "--tree -o uuid,rw,open", "--target linear", "-o blkdevname",
                                    "-o devname", "-o devno", "--tree -o notrunc,active",
                                    "--tree -o blkdevname,nodevice", "--tree -o compact"}));
         }},
    });
  }

  void columns(const std::string& which) {
    const std::string fields = random_.pick(
        {"name", "name,uuid", "all", "name,open,segments", "name,suspended,live_table,inactive_table",
         "name,attr,readonly,tables_loaded", "devno,name,blkdevname",
         "name,device_count,devs_used,devnos_used,blkdevs_used", "name,device_ref_count",
         "names_using_dev,devnos_using_dev,name", "name,major,minor,events", "+uuid", "name,nosuch",
         "name,read_ahead", "name,subsystem,vg_name,lv_name,lv_layer", "mangled_name,unmangled_name",
         "name,mangled_uuid,unmangled_uuid", "name_with_nothing", "name,deferred_remove"});
    const std::string names = random_.pick({"", "", "--noheadings ", "--nameprefixes "});
    const std::string layout =
        random_.pick({"", "", "--separator , ", "--unquoted ", "--rows ", "--unbuffered "});
    const std::string selection =
        random_.pick({"", "", "-O minor ", "-O -name ", "-S open=0 ", "-S 'segments>1' ", "-S 'name=~^[ab]' ",
                      "-S 'uuid!=\"\"' ", "-O nosuch "});
    bench_.say("dmsetup info -c {}{}{}-o {} {}", names, layout, selection, fields, which);
  }

  Bench& bench_;
  Random& random_;
  Device disk_;
  Device other_;
};

}  // namespace

void commands(Bench& bench) {
  Commands commands(bench);
  const std::uint64_t steps = bench.random.between(10, 30);
  for (std::uint64_t i = 0; i < steps; i++) commands.step();
  commands.finish();
}

}  // namespace sim::generate
