// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/defects/catalogue.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/sim/cli/dmsim_program.h"
#include "tests/support/markdown.h"

namespace sim {
namespace {

using dmcore::Defect;

TEST(DefectCatalogue, HasEachDefectAtItsPlace) {
  std::size_t place = 0;
  for (const DefectEntry& entry : defect_catalogue()) EXPECT_EQ(entry.defect, static_cast<Defect>(place++));
  EXPECT_EQ(place, dmcore::defect_count);
}

TEST(DefectCatalogue, FindsNames) {
  for (const DefectEntry& entry : defect_catalogue()) EXPECT_EQ(defect_named(entry.name), entry.defect);
  EXPECT_EQ(defect_named("commit"), std::nullopt);
}

TEST(DefectCatalogue, NamesWhatIsIn) {
  dmcore::Defects defects;
  EXPECT_EQ(defect_names(defects, "+"), "");
  defects.put_in(Defect::copy_ends_early);
  defects.put_in(Defect::one_phase_commit);
  EXPECT_TRUE(defects.on(Defect::copy_ends_early));
  EXPECT_FALSE(defects.on(Defect::commit_before_flush));
  EXPECT_EQ(defect_names(defects, "+"), "one-phase-commit+copy-ends-early");
}

TEST(DefectCatalogue, IsWhatThePageTells) {
  const std::string page = test::read_page("docs/defects.md");
  for (const DefectEntry& entry : defect_catalogue()) {
    const std::string heading = "\n### " + std::string(entry.name) + "\n";
    const std::size_t begin = page.find(heading);
    ASSERT_NE(begin, std::string::npos) << entry.name;
    const std::string section = page.substr(begin, page.find("\n##", begin + heading.size()) - begin);
    const std::string_view named = entry.commit.empty() ? entry.relative : entry.commit;
    const std::string_view commit = named.substr(named.rfind(' ') + 1);
    EXPECT_NE(section.find(commit.empty() ? "Not from Linux" : commit), std::string::npos) << entry.name;
    EXPECT_NE(section.find(entry.found_by == Search::power_cuts
                               ? fmt::format("$ dmsim explore crash --defect {}", entry.name)
                               : fmt::format("+{}:", entry.name)),
              std::string::npos)
        << entry.name;
  }
}

TEST(Defects, AreListedByDmsim) {
  const test::DmsimProgram dmsim;
  const std::string text = dmsim.run({"defects"}).out;
  std::istringstream lines(dmsim.run({"defects", "--json"}).out);
  for (const DefectEntry& entry : defect_catalogue()) {
    EXPECT_NE(text.find(std::string(entry.name) + "\n  " + std::string(entry.summary)), std::string::npos);
    std::string line;
    ASSERT_TRUE(std::getline(lines, line)) << entry.name;
    EXPECT_EQ(nlohmann::json::parse(line).at("name"), entry.name);
    EXPECT_EQ(nlohmann::json::parse(line).at("found_by"), name_of(entry.found_by));
  }
}

}  // namespace
}  // namespace sim
