// SPDX-License-Identifier: GPL-2.0-or-later
// No part of a key leaves dmsim, in whatever form and place it comes in.
#include "sim/tables/secrets.h"

#include <gtest/gtest.h>

#include "sim/tables/explain.h"

#include "tests/sim/tables/tables_requests.h"

namespace {

using namespace sim::tables;

constexpr const char* hex_key = "8a7bd0c3f1e2964455aa00ff1b2c3d4e8a7bd0c3f1e2964455aa00ff1b2c3d4e";

// Everything that the commands print about a file: explained, brought up, and as a scenario.
std::string all_output(const Request& request) {
  const Outcome outcome = test::brought_up(request);
  return explain(request).text + as_report(outcome, "") + as_scenario(outcome);
}

// No run of six characters of the key is in the text.
void expect_hidden(const std::string& text, const std::string& key) {
  constexpr std::size_t piece = 6;
  for (std::size_t i = 0; i + piece <= key.size(); ++i)
    ASSERT_EQ(text.find(key.substr(i, piece)), std::string::npos) << key.substr(i, piece) << " in\n" << text;
}

void expect_hidden_in_output(const std::string& tables, const std::string& key, bool leave_out = false) {
  SCOPED_TRACE(tables);
  Request request = test::tables_request(tables);
  request.stack.leave_out = request.build.leave_out = leave_out;
  expect_hidden(all_output(request), key);
  // As a list of numbers the same text makes no sense, and is quoted.
  expect_hidden(all_output(test::tables_request("a: 0 8 zero\n", tables)), key);
}

struct KeyForm {
  std::string key;      // as the argument
  std::string of_that;  // what must not be seen
};
const std::vector<KeyForm> key_forms = {
    {hex_key, hex_key},
    {"00112233445566778899001122334455", "00112233445566778899001122334455"},
    {"ABCDEF0123456789ABCDEF0123456789", "ABCDEF0123456789ABCDEF0123456789"},
    {":64:logon:cryptsetup:5f4c77ab-d0", "cryptsetup:5f4c77ab-d0"},
    {":32:user:my_secret_name", "my_secret_name"},
    {":32:encrypted:trusted_name", "trusted_name"},
    {":32:trusted:kernel.with.dots", "kernel.with.dots"},
    {":32:trusted:secret,commas,within", "secret,commas,within"},
    {":32:trusted:secret;semicolons,within", "secret;semicolons,within"},
    {":32:logon:/dev/disk/secret", "/dev/disk/secret"},
};

TEST(TablesKeys, OfCryptLinesAreNotShown) {
  for (const KeyForm& form : key_forms) {
    for (const bool leave_out : {false, true}) {
      expect_hidden_in_output("luks: 0 8000 crypt aes-xts-plain64 " + form.key +
                                  " 0 8:16 4096 1 allow_discards\nup: 0 8 linear /dev/mapper/luks 0\n",
                              form.of_that, leave_out);
    }
  }
}

TEST(TablesKeys, OfLinesThatCannotBeReadAreNotShown) {
  for (const KeyForm& form : key_forms) {
    const std::string rest = " aes-xts-plain64 " + form.key + " 0 8:16 0";
    for (const std::string& line : {
             "luks 0 8000 crypt" + rest,                              // no colon
             "luks: 8000 crypt" + rest,                               // a number is missing
             "luks 0 8000 crypt" + rest + " data: 0 8 linear 8:0 0",  // two lines in one
             "luks:" + rest,
             "luks,,3,rw,0 8000 crypt" + rest,  // concise
             "luks,,3,0 8000 crypt" + rest,     // the same, wrong
             "luks,,3,rw,crypt" + rest,
             "Name: luks\nUUID: x\n0 8000 crypt" + rest,
             "luks: 0 8000 crypt aes-xts-plain64\n" + form.key + " 0 8:16 0",  // wrapped
             "luks: 0 8000 crypt aes-xts-plain64\n  " + form.key + "\n  0 8:16 0",
         })
      expect_hidden_in_output(line + "\n", form.of_that);
  }
}

TEST(TablesKeys, PiecesOfAWrappedKeyAreNotShown) {
  for (const KeyForm& form : key_forms) {
    const std::string hidden = form.of_that;
    for (std::size_t at = 1; at < form.key.size(); ++at) {
      expect_hidden_in_output("luks: 0 8000 crypt aes-xts-plain64 " + form.key.substr(0, at) + "\n" +
                                  form.key.substr(at) + " 0 8:16 0\n",
                              hidden);
    }
  }
}

TEST(TablesKeys, WithoutThemLinesThatCannotBeReadAreQuoted) {
  const std::string text = explain(test::tables_request("a: 0 8 linear 8:0 0\nb: 0 8\n")).text;
  EXPECT_NE(text.find("'b: 0 8' is no line of a table"), std::string::npos) << text;
}

TEST(TablesKeys, LinesBesideThemThatCannotBeReadAreNotQuoted) {
  const std::string text = explain(test::tables_request("a: 0 8 crypt aes 00ff00ff 0 8:0 0\nb: 0 8\n")).text;
  EXPECT_NE(text.find("t:2: error: this (not shown: the file may contain keys) is no line of a table"),
            std::string::npos)
      << text;
}

TEST(TablesKeys, InTheTypesPlaceAreNotShown) {
  expect_hidden_in_output(std::string("luks: 0 8000 ") + hex_key + " 0 8:16 0\n", hex_key);
}

TEST(TablesKeys, OfIntegrityOptionsAreNotShown) {
  for (const char* option :
       {"internal_hash:hmac(sha256):", "journal_crypt:ctr(aes):", "journal_mac:hmac(sha1):"}) {
    const std::string arguments = std::string(" 8:16 0 - J 2 block_size:512 ") + option + hex_key;
    expect_hidden_in_output("i: 0 8000 integrity" + arguments + "\n", hex_key);
    expect_hidden_in_output("i 0 8000 integrity" + arguments + "\n", hex_key);
    const Explanation explanation = explain(test::tables_request("i: 0 8000 integrity" + arguments + "\n"));
    EXPECT_NE(explanation.text.find(option + std::string(hidden_key)), std::string::npos) << explanation.text;
  }
}

TEST(TablesKeys, OfUnknownTypesAreNotShown) {
  expect_hidden_in_output("x: 0 8000 mycrypt plain-text-password 8:16 0\n", "plain-text-password");
}

TEST(TablesKeys, TheRestOfACryptLineIsShown) {
  const std::string text = explain(test::tables_request(std::string("luks: 0 8000 crypt aes-xts-plain64 ") +
                                                        hex_key + " 0 8:16 4096\n"))
                               .text;
  EXPECT_NE(text.find("crypt aes-xts-plain64 (key not shown) 0 8:16 4096"), std::string::npos) << text;
}

TEST(TablesKeys, AreNotSeenInNamesAndNumbers) {
  for (const char* text :
       {"mpath-360000000000000000e00000000010001", "0 8000 linear 8:16 123456789012", "vg-cafe"})
    EXPECT_EQ(without_keys(text), text);
}

TEST(TablesKeys, ARootHashIsNoSecret) {
  const std::string line =
      std::string("v: 0 8000 verity 1 8:16 8:32 4096 4096 1000 1 sha256 ") + hex_key + " " + hex_key;
  EXPECT_NE(explain(test::tables_request(line + "\n")).text.find(hex_key), std::string::npos);
}

}  // namespace
