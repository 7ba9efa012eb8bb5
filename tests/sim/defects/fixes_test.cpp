// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/defects/fixes.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/sim/cli/dmsim_program.h"
#include "tests/support/markdown.h"

namespace sim {
namespace {

using dmcore::Fix;

TEST(FixCatalogue, HasEachFixAtItsPlace) {
  std::size_t place = 0;
  for (const FixEntry& entry : fix_catalogue()) EXPECT_EQ(entry.fix, static_cast<Fix>(place++));
  EXPECT_EQ(place, dmcore::fix_count);
}

TEST(FixCatalogue, NamesWhatIsInAndFindsItAgain) {
  dmcore::Fixes fixes;
  EXPECT_EQ(fix_names(fixes, "+"), "");
  fixes.put_in(Fix::discard_under_copy);
  EXPECT_EQ(fix_names(fixes, "+"), "discard-under-copy");
  fixes.put_in(Fix::fua_overwrite);
  EXPECT_EQ(fix_names(fixes, "+"), "fua-overwrite+discard-under-copy");
  EXPECT_EQ(fix_named("fua-overwrite"), Fix::fua_overwrite);
  EXPECT_EQ(fix_named("fua"), std::nullopt);
}

TEST(FixCatalogue, IsWhatThePageTells) {
  const std::string page = test::read_page("docs/findings.md");
  for (const FixEntry& entry : fix_catalogue()) {
    const std::string heading = "\n## " + std::string(entry.finding) + "\n";
    const std::size_t begin = page.find(heading);
    ASSERT_NE(begin, std::string::npos) << entry.name;
    const std::string section = page.substr(begin, page.find("\n##", begin + heading.size()) - begin);
    EXPECT_NE(section.find("`--with-fix " + std::string(entry.name) + "`"), std::string::npos) << entry.name;
    EXPECT_NE(section.find("`docs/findings/" + std::string(entry.patch) + "`"), std::string::npos);
    EXPECT_NE(test::read_page("docs/findings/" + std::string(entry.patch)).find("drivers/md/dm-"),
              std::string::npos);
  }
}

TEST(Fixes, AreListedByDmsim) {
  const test::DmsimProgram dmsim;
  const std::string text = dmsim.run({"fixes"}).out;
  std::istringstream lines(dmsim.run({"fixes", "--json"}).out);
  for (const FixEntry& entry : fix_catalogue()) {
    EXPECT_NE(text.find(std::string(entry.name) + "\n  " + std::string(entry.summary)), std::string::npos);
    std::string line;
    ASSERT_TRUE(std::getline(lines, line)) << entry.name;
    EXPECT_EQ(nlohmann::json::parse(line).at("name"), entry.name);
  }
}

// Several at once, as what the patched kernels print (docs/findings).
TEST(Fixes, ChangeWhatAScenarioShows) {
  const test::DmsimProgram dmsim;
  const std::string scenario =
      "disk m 4M\ndisk d 8\ndisk s 8\nwrite s 0 8 @S\n"
      "dmsetup create slow --table '0 8 delay /dev/s 0 1000'\n"
      "dmsetup create c --table '0 8 clone /dev/m /dev/d /dev/mapper/slow 8'\n"
      "sleep 0.5\ndiscard c 0 8\nwrite c 0 8 A\nsleep 2\nread c 0 8\n";
  dmsim.file("under.dms", scenario);
  const auto last_line = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "replay");
    arguments.emplace_back("under.dms");
    std::string out = dmsim.run(arguments).out;
    out.pop_back();
    return out.substr(out.rfind('\n') + 1);
  };
  EXPECT_EQ(last_line({}), "0-7 @S");
  EXPECT_EQ(last_line({"--with-fix", "fua-overwrite"}), "0-7 @S");
  EXPECT_EQ(last_line({"--with-fix", "fua-overwrite", "--with-fix", "discard-under-copy"}), "0-7 A");
}

}  // namespace
}  // namespace sim
