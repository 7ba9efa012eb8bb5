// SPDX-License-Identifier: GPL-2.0-or-later
// Reports of fields that have nothing to do with devices.
#include "sim/libdm/report.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/dmsetup/fake_system.h"

namespace {

using sim::libdm::Field;
using sim::libdm::FieldSet;
using sim::libdm::FieldValue;
using sim::libdm::Report;
using testing::HasSubstr;

constexpr std::uint32_t type_a = 1;
constexpr std::uint32_t type_b = 2;
constexpr std::array fields = std::to_array<Field>({{type_a, false, "Fruit", 5, "fruit"},
                                                    {type_a, true, "Count", 3, "count"},
                                                    {type_b, false, "Colour", 6, "colour_name"}});
constexpr std::array prefixes = std::to_array<sim::libdm::TypePrefix>({{type_a, "a_"}, {type_b, "b_"}});

class LibdmReport : public testing::Test {
 protected:
  std::unique_ptr<Report> create(const Report::Options& options) {
    return Report::create(context_, FieldSet{.fields = fields, .prefixes = prefixes}, options);
  }
  static bool add(Report& report, const std::string& fruit, std::uint64_t count, const std::string& colour) {
    return report.add_row([&](std::size_t field) -> std::optional<FieldValue> {
      if (field == 0) return FieldValue{fruit, 0};
      if (field == 1) return FieldValue{std::to_string(count), count};
      if (colour.empty()) return std::nullopt;
      return FieldValue{colour, 0};
    });
  }
  static std::string output(Report& report) {
    std::string out;
    report.output(out);
    return out;
  }

  sim::test::FakeDmsetupSystem system_;
  std::string log_;
  sim::libdm::Context context_{
      system_, sim::libdm::LogLevel::error,
      [this](sim::libdm::LogLevel, std::string_view line) { (log_ += line) += '\n'; }};
};

TEST_F(LibdmReport, ColumnsAreAsWideAsTheirValues) {
  const auto report = create({.fields = "fruit,count", .keys = {}, .selection = {}});
  add(*report, "apple", 7, "red");
  add(*report, "blackberry", 1000, "black");
  EXPECT_EQ(output(*report), "Fruit      Coun\napple         7\nblackberry 1000\n");
}

TEST_F(LibdmReport, RowsAreSortedByTheirKeys) {
  const auto report = create({.fields = "fruit", .keys = "-count", .selection = {}, .headings = false});
  add(*report, "a", 9, "x");
  add(*report, "b", 10, "x");
  EXPECT_EQ(output(*report), "b    \na    \n");
}

TEST_F(LibdmReport, ASelectionLeavesRowsOut) {
  const auto report =
      create({.fields = "fruit", .keys = {}, .selection = "count>=10 || colour_name=red", .headings = false});
  add(*report, "a", 9, "red");
  add(*report, "b", 9, "blue");
  add(*report, "c", 10, "blue");
  EXPECT_EQ(output(*report), "a    \nc    \n");
}

TEST_F(LibdmReport, TypesAreThoseOfAllFieldsThatCount) {
  EXPECT_EQ(create({.fields = "fruit", .keys = {}, .selection = {}})->types(), type_a);
  EXPECT_EQ(create({.fields = "fruit", .keys = "colour_name", .selection = {}})->types(), type_a | type_b);
  EXPECT_EQ(create({.fields = "fruit", .keys = {}, .selection = "colour_name=red"})->types(),
            type_a | type_b);
}

TEST_F(LibdmReport, APrefixWithAllMeansTheFieldsOfAType) {
  const auto report = create({.fields = "b_all", .keys = {}, .selection = {}, .aligned = false});
  add(*report, "a", 9, "red");
  EXPECT_EQ(output(*report), "Colour\nred\n");
}

TEST_F(LibdmReport, UnderscoresAndCaseDoNotCount) {
  EXPECT_NE(create({.fields = "ColourName", .keys = {}, .selection = {}}), nullptr);
}

TEST_F(LibdmReport, AFieldThatThereIsNotIsNamed) {
  EXPECT_EQ(create({.fields = "taste", .keys = {}, .selection = {}}), nullptr);
  EXPECT_THAT(log_, HasSubstr("Unrecognised field: taste"));
}

TEST_F(LibdmReport, AValueThatIsMissingFailsTheRow) {
  const auto report = create({.fields = "colour_name", .keys = {}, .selection = {}});
  EXPECT_FALSE(add(*report, "a", 9, ""));
  EXPECT_THAT(log_, HasSubstr("report function failed for field colour_name"));
  EXPECT_TRUE(report->empty());
}

TEST_F(LibdmReport, ColumnsCanBeRows) {
  const auto report = create({.fields = "fruit,count",
                              .keys = {},
                              .selection = {},
                              .separator = ":",
                              .aligned = false,
                              .columns_as_rows = true});
  add(*report, "a", 1, "x");
  add(*report, "b", 2, "x");
  EXPECT_EQ(output(*report), "Fruit:a:b\nCount:1:2\n");
}

TEST_F(LibdmReport, CellsCanNameTheirFields) {
  const auto report =
      create({.fields = "fruit", .keys = {}, .selection = {}, .headings = false, .name_prefixes = true});
  add(*report, "a", 1, "x");
  EXPECT_EQ(output(*report), "DM_FRUIT='a'\n");
}

}  // namespace
