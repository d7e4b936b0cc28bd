// The hash table for hot paths over much memory: its entries lie in one array, so that a look-up that is not in the
// cache costs few cache lines. References to entries do not outlive an insertion.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

namespace message_service {

template <class Key, class Value, class Hash>
using FlatMap = boost::unordered_flat_map<Key, Value, Hash>;

}  // namespace message_service
