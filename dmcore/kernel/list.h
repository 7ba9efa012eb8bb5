// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/intrusive/list.hpp>

namespace dmcore {

// The member that links a structure into a list: struct list_head.
using ListHook =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

// A list of Ts, linked through that member. It does not own them; through one hook an element is on one list
// at a time.
template <class T, ListHook T::*hook, class... Options>
using LinkedList = boost::intrusive::list<T, boost::intrusive::member_hook<T, ListHook, hook>, Options...>;

}  // namespace dmcore
