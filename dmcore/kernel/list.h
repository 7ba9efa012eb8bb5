// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/intrusive/list.hpp>

namespace dmcore {

// A member of a structure that lets it be on a list: struct list_head.
using ListHook =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

// A list of Ts, linked through that member. It owns nothing; an element is on one such list at a time.
template <class T, ListHook T::*hook, class... Options>
using LinkedList = boost::intrusive::list<T, boost::intrusive::member_hook<T, ListHook, hook>, Options...>;

}  // namespace dmcore
