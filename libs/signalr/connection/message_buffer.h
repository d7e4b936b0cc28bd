// Messages numbered from 1 in each direction, so that a client which lost its socket goes on with the next one as if
// nothing had been (stateful reconnect). Two plain state machines; one connection's, on its shard.
//
// Numbered are calls, items, completions and cancellations. The numbers stand in no message: both sides count, and say
// in Sequence from which one on they send again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "runtime/socket_writer.h"
#include "signalr/protocol/message.h"

namespace signalr {

bool is_numbered(const HubMessage& message);

// What the client has been sent and has not acknowledged.
//
// Microsoft's clients acknowledge the last message they have ever seen, but count anew from each Sequence, and refuse
// one that is ahead of that count (MessageBuffer: _ackTimer, _resetSequence). An acknowledgement of what was first sent
// on an earlier socket does not tell how far they have counted on this one. So Sequence names a number that they have
// counted for certain, and those between it and first() are taken by placeholders, which the client drops as seen.
class SentMessages {
 public:
  void add(runtime::SharedBytes bytes);

  // False, and nothing is done, when that many were never sent.
  bool acknowledge(std::int64_t sequence_id);

  // The client comes back: it is told sequence(), and sent as many placeholders and all messages().
  void begin_again() { sent_before_ = last_; }
  std::int64_t sequence() const { return sequence_; }
  std::int64_t placeholders() const { return first() - sequence_; }

  const std::deque<runtime::SharedBytes>& messages() const { return messages_; }
  std::size_t bytes() const { return bytes_; }

 private:
  // With more, a client may have to start anew. They must pass before anything new does, also on a poor line: 32 KB.
  static constexpr std::int64_t kPlaceholdersMax = 1'000;

  // The number of the first of messages(), or of the next one ever.
  std::int64_t first() const { return last_ - static_cast<std::int64_t>(messages_.size()) + 1; }

  std::deque<runtime::SharedBytes> messages_;
  std::size_t bytes_ = 0;
  std::int64_t last_ = 0;
  std::int64_t sent_before_ = 0;  // the last one of earlier sockets
  std::int64_t sequence_ = 1;
};

// What the client has sent.
class ReceivedMessages {
 public:
  // Another numbered one has come. False: it was here before, and is only to be acknowledged again.
  bool take(std::size_t bytes);

  // The client comes back: nothing counts until its Sequence.
  void await_sequence() { awaiting_sequence_ = true; }
  bool is_awaiting_sequence() const { return awaiting_sequence_; }

  // False: there would be a gap, or no such number.
  bool begin_at(std::int64_t sequence_id);

  // Whether an acknowledgement is due, of last(); soon: without waiting for the next tick.
  bool is_ack_due() const { return ack_due_; }
  bool is_ack_due_soon() const { return bytes_ >= kAckBytes; }
  std::int64_t last() const { return last_; }
  void acknowledged();

 private:
  static constexpr std::size_t kAckBytes = 25'000;  // clients stop sending at 100,000

  std::int64_t next_ = 1;
  std::int64_t last_ = 0;
  std::size_t bytes_ = 0;  // since the last acknowledgement
  bool ack_due_ = false;
  bool awaiting_sequence_ = false;
};

}  // namespace signalr
