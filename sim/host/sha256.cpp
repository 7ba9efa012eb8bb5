// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/sha256.h"

#include <array>
#include <fmt/core.h>
#include <iterator>
#include <openssl/evp.h>

namespace sim::host {

void Sha256::Deleter::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

// These functions fail only for lack of memory, which is not dealt with anywhere.
Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> data) {
  EVP_DigestUpdate(context_.get(), data.data(), data.size());
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
  std::string out;
  for (unsigned i = 0; i < size; i++) fmt::format_to(std::back_inserter(out), "{:02x}", digest[i]);
  return out;
}

}  // namespace sim::host
