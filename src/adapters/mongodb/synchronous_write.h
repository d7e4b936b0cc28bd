// Stores one message while its sender waits, with the next sequence of its conversation. One transaction does both, so
// that rows become visible in the order of their sequences. Private to the adapter.
#pragma once

#include "adapters/mongodb/pool.h"
#include "base/clock.h"
#include "model/message.h"
#include "ports/store.h"

namespace message_service::mongodb {

class SynchronousWrite {
 public:
  // Sequences begin at `first_sequence`, above all that is stored.
  SynchronousWrite(Pool& pool, const Pool::Client& client, const Options& options, std::uint64_t first_sequence)
      : pool_(pool),
        client_(client),
        options_(options),
        first_sequence_(first_sequence),
        deadline_(base::SteadyClock::now() + options.write_timeout) {}

  // `conflict`: a message with other content has the key. `forbidden`: the sender does not take part. `unknown`: the
  // commit was not answered. Tries again, within the time for a write, after a failure because two writers wrote to a
  // conversation at once.
  base::Result<WriteOutcome> store(const Admitted& message);

 private:
  struct Attempt;
  base::Result<WriteOutcome> store_once(const Admitted& message, Attempt& attempt);
  static base::Error not_countable(const std::string& conversation_id);
  base::Result<std::uint64_t> next_sequence(const std::string& conversation_id, Attempt& attempt);
  base::Result<void> judge(const Stored& entry, Attempt& attempt);
  base::Result<void> insert(const Stored& stored, Attempt& attempt);
  base::Result<void> commit(Attempt& attempt);

  Pool& pool_;
  const Pool::Client& client_;
  const Options& options_;
  const std::uint64_t first_sequence_;
  const base::SteadyTime deadline_;
};

}  // namespace message_service::mongodb
