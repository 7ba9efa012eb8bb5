# SPDX-License-Identifier: GPL-2.0-or-later
"""Files with all their mutants in them, each of which is switched on by its number while the program runs."""

HEADER_NAME = "dmsim_mutants.h"
HEADER = """// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdlib>
#include <new>

// The tree is compiled with its own flags, so that a cache of objects has what is not mutated.
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma GCC diagnostic ignored "-Wunused-result"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wmisleading-indentation"
#pragma GCC diagnostic ignored "-Wdangling-else"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wreturn-type"
#pragma GCC diagnostic ignored "-Waddress"
#pragma GCC diagnostic ignored "-Wpessimizing-move"
#pragma GCC diagnostic ignored "-Wredundant-move"

namespace dmsim_mutants {

// The number of the mutant that is on; 0: none.
inline const int active = [] {
  const char* const number = std::getenv("DMSIM_MUTANT");
  return number != nullptr ? std::atoi(number) : 0;
}();

// The error of what was done is not seen.
template <class Outcome>
Outcome lost(bool on, Outcome outcome) {
  return on ? Outcome() : outcome;
}

// A lock guard that lets go at once.
template <class Guard>
class Held {
 public:
  template <class Lock>
  Held(Lock& lock, bool on) : held_(!on) {
    new (place_) Guard(lock);
    if (on) let_go();
  }
  ~Held() noexcept(false) {
    if (held_) let_go();
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  void let_go() { std::launder(reinterpret_cast<Guard*>(place_))->~Guard(); }
  alignas(Guard) std::byte place_[sizeof(Guard)];
  bool held_;
};

}  // namespace dmsim_mutants
"""


def rewrite(text, mutants):
    """The text with mutants in it. Line numbers stay what they are."""
    parts = []  # (start, end, order, text before, text behind, instead)
    for mutant in mutants:
        switch = f"(dmsim_mutants::active == {mutant.number})"
        for edit in mutant.edits:
            instead = edit.instead.format(m=switch) if edit.instead is not None else None
            parts.append((edit.start, edit.end, edit.before.format(m=switch), edit.behind.format(m=switch), instead))
    # Outer ones first; an insertion that is no part of anything comes before all that begin at the same place.
    parts.sort(key=lambda part: (part[0], part[0] != part[1], -part[1]))
    result, at, closing = [], 0, []
    skip_until = 0

    def copy(to):
        nonlocal at
        if to > at:
            result.append(text[at:to])
            at = to

    for start, end, before, behind, instead in parts:
        while closing and closing[-1][0] <= start:
            stop, tail = closing.pop()
            copy(stop)
            result.append(tail)
        if closing and end > closing[-1][0]:
            raise ValueError(f"edits overlap: {text[start:end]!r}")
        if start < skip_until:
            raise ValueError(f"an edit inside of what is replaced: {text[start:end]!r}")
        copy(start)
        result.append(before)
        if instead is not None:
            result.append(instead + "\n" * text.count("\n", start, end))
            at = skip_until = end
        if end > start:
            closing.append((end, behind))
    while closing:
        stop, tail = closing.pop()
        copy(stop)
        result.append(tail)
    copy(len(text))
    changed = "".join(result)
    # The first line of each file is a comment, with its licence.
    first, rest = changed.split("\n", 1)
    assert first.startswith("// SPDX"), first
    if "#pragma once" in rest:
        return f"{first}\n" + rest.replace("#pragma once", f'#pragma once /**/\n#include "{HEADER_NAME}"\n#line {_line_behind(changed)}', 1)
    return f'#include "{HEADER_NAME}"\n{rest}'


def _line_behind(text):
    return text[:text.index("#pragma once")].count("\n") + 2
