// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/manual/vim_syntax.h"

#include <fmt/format.h>

#include "sim/language/parse_command.h"

namespace sim::cli::manual {

std::string vim_syntax() {
  return fmt::format(
      R"vim(" Vim syntax file: scenarios of dmsim (*.dms). Made by `dmsim manual`.
if exists("b:current_syntax")
  finish
endif

syntax case match
syntax match dmsCommand "^\s*\zs\%({0}\)\ze\%(\s\|$\)"
syntax match dmsOption "\%(^\|\s\)\zs\%({1}\)\ze\%(=\|\s\|$\)"
syntax match dmsNumber "\%(^\|[[:space:]=]\)\zs\%(0x\x\+\|-\?\d[0-9_]*\%(\.\d\+\)\?\%([KMGTkmgt]\%(iB\)\?\|s\|[num]s\)\?\)\ze\%([[:space:]]\|$\)"
syntax match dmsPattern "\%(^\|\s\)\zs@\S\+"
syntax match dmsBackground "\%(^\|\s\)\zs&\s*$"
syntax match dmsBackground "^\s*\zsthen\ze\s" nextgroup=dmsThen skipwhite
syntax match dmsThen "\%({0}\)\ze\s" contained
syntax region dmsString start=+"+ skip=+\\.+ end=+"+
syntax region dmsString start=+'+ end=+'+
syntax match dmsComment "\%(^\|\s\)\zs#.*$" contains=dmsTodo
syntax keyword dmsTodo TODO FIXME XXX contained
syntax region dmsDocument matchgroup=dmsDocumentTag start=+<<-\?['"]\?\z(\w\+\)['"]\?.*$+ end=+^\t*\z1$+

highlight default link dmsCommand Statement
highlight default link dmsThen Statement
highlight default link dmsOption Type
highlight default link dmsNumber Number
highlight default link dmsPattern Special
highlight default link dmsBackground Operator
highlight default link dmsString String
highlight default link dmsComment Comment
highlight default link dmsTodo Todo
highlight default link dmsDocument String
highlight default link dmsDocumentTag Delimiter

let b:current_syntax = "dms"
)vim",
      fmt::join(language::command_names(), "\\|"), fmt::join(language::disk_option_names(), "\\|"));
}

}  // namespace sim::cli::manual
