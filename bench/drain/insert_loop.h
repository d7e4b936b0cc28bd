// The bare loop that the store is measured against: the obvious code to put messages into MongoDB as fast as its driver
// can, into a collection with the store's index. It does nothing else: it checks no keys, assigns no sequences and
// handles no replays. For `bench` only.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace message_service::bench {

struct InsertLoop {
  std::string connection_string;
  std::string database_name;  // its collection `bare_inserts` is dropped before and afterwards
  std::size_t messages = 100'000;
  std::size_t batch = 1000;
  std::size_t threads = 2;
  std::size_t conversations = 1000;
  std::size_t content_bytes = 100;

  // Documents a second, acknowledged by the majority's journals. Blocks.
  base::Result<double> run() const;
};

}  // namespace message_service::bench
