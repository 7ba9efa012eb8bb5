// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-256, by OpenSSL.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace sim::host {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::span<const std::byte> data);
  // The digest in 64 hexadecimal digits. Ends the computation.
  std::string finish();

 private:
  struct Deleter {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Deleter> context_;
};

}  // namespace sim::host
