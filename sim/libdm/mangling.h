// SPDX-License-Identifier: GPL-2.0-or-later
// Mangling: how libdevmapper writes names and uuids with characters that udev does not allow in a device
// node's name.
//
// Such a character becomes \xNN, N being hexadecimal digits. The kernel knows a device by its mangled name;
// what the user types and sees is the plain one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sim::libdm {

enum class Mangling {
  none,       // names are passed on as they are
  automatic,  // mangled unless they look mangled already; a mixture is an error
  hex,        // always mangled, the backslash too
};

struct MangleResult {
  enum class Outcome { unchanged, changed, failed };
  Outcome outcome = Outcome::unchanged;
  std::string text;  // changed: the result; failed: what is wrong
};

// `what` names the text in messages ("name", "UUID"). `size_max` is the size of the field it must fit, its
// terminating zero included. Mode `none` mangles as `automatic` does: callers that want nothing do not call.
MangleResult mangle(std::string_view text, std::string_view what, std::size_t size_max, Mangling mode);

// In the modes other than `none`, a character that should have been mangled is an error.
MangleResult unmangle(std::string_view text, std::string_view what, Mangling mode);

// In automatic mode a text that contains a mangled \x is refused: it was mangled twice.
bool mangled_more_than_once(std::string_view text);

}  // namespace sim::libdm
