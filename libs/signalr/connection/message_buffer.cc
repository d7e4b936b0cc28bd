#include "signalr/connection/message_buffer.h"

#include <algorithm>
#include <utility>

namespace signalr {

bool is_numbered(const HubMessage& message) {
  return !std::holds_alternative<Ping>(message) && !std::holds_alternative<Close>(message) &&
         !std::holds_alternative<Ack>(message) && !std::holds_alternative<Sequence>(message) &&
         !std::holds_alternative<Unknown>(message);
}

void SentMessages::add(runtime::SharedBytes bytes) {
  bytes_ += bytes->size();
  messages_.push_back(std::move(bytes));
  ++last_;
}

bool SentMessages::acknowledge(std::int64_t sequence_id) {
  if (sequence_id > last_) return false;
  while (first() <= sequence_id) {
    bytes_ -= messages_.front()->size();
    messages_.pop_front();
  }
  const bool counted = sequence_id > sent_before_;
  sequence_ = counted ? first() : std::max(sequence_, first() - kPlaceholdersMax);
  return true;
}

bool ReceivedMessages::take(std::size_t bytes) {
  ack_due_ = true;
  bytes_ += bytes;
  const std::int64_t number = next_++;
  if (number <= last_) return false;
  last_ = number;
  return true;
}

bool ReceivedMessages::begin_at(std::int64_t sequence_id) {
  if (sequence_id < 1 || sequence_id > last_ + 1) return false;
  next_ = sequence_id;
  awaiting_sequence_ = false;
  return true;
}

void ReceivedMessages::acknowledged() {
  ack_due_ = false;
  bytes_ = 0;
}

}  // namespace signalr
