// Inserts the messages of one lane in their order, and finds the outcome of each. Private to the adapter.
//
// A row is inserted only after every earlier row of its lane is there, so rows of a conversation become visible in the
// order of their sequences, even while a second writer stores the same records.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/log_sequences.h"
#include "adapters/mongodb/patience.h"
#include "ports/store.h"

namespace message_service::mongodb {

// One call of store(). The lanes share it: each touches the outcomes of its own items only.
struct StoreCall {
  const std::vector<Batch::Item>& items;
  const LogSequences& made_by;
  Patience& patience;
  std::vector<std::uint64_t> sequences;  // of each item
  std::vector<StoreOutcome> outcomes;    // of each item, when the call succeeds
  base::Timestamp persisted_at = 0;
  DeadLetterOrder order = DeadLetterOrder::pass;

  const Message& message(std::size_t item) const { return items[item].message.message(); }
};

class RowWriter {
 public:
  RowWriter(Pool& pool, const Options& options, StoreCall& call) : pool_(pool), options_(options), call_(call) {}

  // `items` are places in the call, ascending.
  base::Result<void> store(std::vector<std::size_t> items);

  using Places = std::vector<std::size_t>;

  // Settles the items that are in the store, and returns the others.
  base::Result<Places> settle_known(const Pool::Client& client, const Places& items);

 private:
  struct Inserted {
    std::size_t tried = 0;
    WriteFailures failures;  // one at most
  };

  base::Result<Inserted> insert(const Pool::Client& client, const Places& items, std::size_t from);
  StoreOutcome outcome_of(std::size_t item, const Stored& before) const;
  StoreOutcome unreadable(const base::Error& error) const;
  void stored(std::size_t item);
  void park_behind(std::size_t refused, Places& items);

  Pool& pool_;
  const Options& options_;
  StoreCall& call_;
};

}  // namespace message_service::mongodb
