// Messages numbered from 1 in each direction, so that a client that lost its socket continues with the next message as
// if nothing had happened (stateful reconnect). Two plain state machines of one connection, on its shard.
//
// Calls, items, completions and cancellations are numbered. No message carries its number: both sides count, and
// Sequence names the number from which a side sends again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "runtime/socket_writer.h"
#include "signalr/protocol/message.h"

namespace signalr {

bool is_numbered(const HubMessage& message);

// Messages that the client has been sent and has not acknowledged.
//
// Microsoft's clients acknowledge the last message that they have ever seen. But they count again from each Sequence,
// and refuse a Sequence that is ahead of that count (MessageBuffer: _ackTimer, _resetSequence). The acknowledgement of
// a message first sent on an earlier socket does not show how far a client has counted on this socket. So Sequence
// names a number that the client has certainly counted. Placeholders take the numbers between that one and first(); the
// client drops them as already seen.
class SentMessages {
 public:
  void add(runtime::SharedBytes bytes);

  // False, with nothing done, when that many were never sent.
  bool acknowledge(std::int64_t sequence_id);

  // The client comes back: send it sequence(), then placeholders() placeholders and all messages().
  void begin_again() { sent_before_ = last_; }
  std::int64_t sequence() const { return sequence_; }
  std::int64_t placeholders() const { return first() - sequence_; }

  const std::deque<runtime::SharedBytes>& messages() const { return messages_; }
  std::size_t bytes() const { return bytes_; }

 private:
  // With more, a client may have to start a new connection. Placeholders must pass before any new message does, also on
  // a poor line: 32 KB.
  static constexpr std::int64_t kPlaceholdersMax = 1'000;

  // The number of the first of messages(), or of the next message when there are none.
  std::int64_t first() const { return last_ - static_cast<std::int64_t>(messages_.size()) + 1; }

  std::deque<runtime::SharedBytes> messages_;
  std::size_t bytes_ = 0;
  std::int64_t last_ = 0;
  std::int64_t sent_before_ = 0;  // the last number of earlier sockets
  std::int64_t sequence_ = 1;
};

// Messages that the client has sent.
class ReceivedMessages {
 public:
  // Another numbered message has arrived. False: it had arrived before, and only needs another acknowledgement.
  bool take(std::size_t bytes);

  // The client comes back: no message counts until its Sequence.
  void await_sequence() { awaiting_sequence_ = true; }
  bool is_awaiting_sequence() const { return awaiting_sequence_; }

  // False: there would be a gap, or there is no such number.
  bool begin_at(std::int64_t sequence_id);

  // Whether an acknowledgement of last() is due; soon: without waiting for the next tick.
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
