// SPDX-License-Identifier: GPL-2.0-or-later
// Runs dmsim on images of metadata: of a small clone, one of several array blocks, and damaged ones.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "tests/sim/cli/dmsim_program.h"
#include "tests/sim/metadata/image.h"

namespace test {

class MetadataProgram : public testing::Test {
 protected:
  MetadataProgram() {
    put("clean", Image::of_sample("small"));
    Image image = Image::of_sample("many-array-blocks");
    put("large", image);
    image.at<std::byte>(image.array_block(1), 1000) ^= std::byte{1};
    damaged_block = image.array_block(1);
    put("damaged", image);
    image = Image::of_sample("small");
    image.at<std::byte>(0, 1000) ^= std::byte{1};
    put("without-superblock", image);
    image = Image::of_sample("small");
    image.set_count(500, 1);
    put("leak", image);
  }
  void put(const std::string& name, const Image& image) const {
    dmsim.file(name, {reinterpret_cast<const char*>(image.bytes().data()), image.bytes().size()});
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    return dmsim.shell("test -e " + name).status == 0;
  }

  DmsimProgram dmsim;
  std::uint64_t damaged_block = 0;
};

}  // namespace test
