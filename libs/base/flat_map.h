// The hash table for hot paths over much memory. Its entries lie in one array, so that a look-up that misses the cache
// costs few cache lines. References to entries do not outlive an insertion. Strangers choose the ids that are its keys,
// so the hash is keyed.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>

#include "base/keyed_hash.h"

namespace base {

template <class Hash>
struct Keyed {
  using is_avalanching = void;
  template <class Key>
  std::size_t operator()(const Key& key) const {
    return keyed_hash(static_cast<std::uint64_t>(Hash()(key)));
  }
};

template <class Key, class Value, class Hash>
using FlatMap = boost::unordered_flat_map<Key, Value, Keyed<Hash>>;

}  // namespace base
