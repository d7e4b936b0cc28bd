#include "verify/sequence_check.h"

#include <algorithm>

namespace message_service::verify {

void SequenceCheck::run(RecordSort& by_sequence) {
  while (const Record* record = by_sequence.next()) {
    if (record->conversation != conversation_) {
      if (conversation_ != Tables::kNone) end_sequence();
      begin_conversation(record->conversation);
      begin_sequence(record->key);
    } else if (record->key != sequence_) {
      end_sequence();
      begin_sequence(record->key);
    }
    if (record->kind == Record::Kind::stored) {
      row_ = {.exists = true, .hash = record->hash, .place = record->place};
      check_order(*record);
    } else {
      check_seen(*record);
    }
  }
  if (conversation_ != Tables::kNone) end_sequence();
}

void SequenceCheck::begin_conversation(std::uint32_t conversation) {
  conversation_ = conversation;
  is_listed_ = tables_.conversations[conversation].counted > 0;
  begins_.clear();
  ends_.clear();
  begun_ = ended_ = 0;
  for (const std::uint32_t number : tables_.conversations[conversation].views) {
    begins_.push_back(tables_.views[number].after);
    ends_.push_back(tables_.views[number].complete_to());
  }
  std::ranges::sort(begins_);
  std::ranges::sort(ends_);
}

void SequenceCheck::begin_sequence(std::uint64_t sequence) {
  sequence_ = sequence;
  number_ += 1;
  row_ = {};
  views_seen_ = 0;
}

// How many views should have the sequence. Sequences ascend within a conversation.
std::size_t SequenceCheck::views_expected() {
  while (begun_ < begins_.size() && begins_[begun_] < sequence_) ++begun_;
  while (ended_ < ends_.size() && ends_[ended_] < sequence_) ++ended_;
  return begun_ - ended_;
}

void SequenceCheck::end_sequence() {
  if (!row_.exists || views_seen_ == views_expected()) return;
  for (const std::uint32_t number : tables_.conversations[conversation_].views) {
    const View& view = tables_.views[number];
    if (view.after >= sequence_ || view.complete_to() < sequence_ || seen_in_[number] == number_) continue;
    report_.add({.kind = FaultKind::not_seen,
                 .conversation = conversation_,
                 .place = Place::unpacked(row_.place),
                 .sequence = sequence_,
                 .view = number});
  }
}

// Whatever was sent latest among the messages so far must not have been sent after this one was acknowledged.
void SequenceCheck::check_order(const Record& row) {
  if (!row.has(Record::kHasTimes)) return;
  Latest& latest = latest_[row.source];
  const bool is_first = latest.conversation != conversation_;
  if (!is_first && row.has(Record::kHasOutcome) && row.b < latest.sent_at) {
    report_.add({.kind = FaultKind::reordered,
                 .conversation = conversation_,
                 .place = Place::unpacked(row.place),
                 .other = Place::unpacked(latest.place),
                 .sequence = sequence_});
  }
  if (is_first || row.a > latest.sent_at) {
    latest = {.conversation = conversation_, .sent_at = row.a, .place = row.place};
  }
}

void SequenceCheck::check_seen(const Record& received) {
  const auto number = static_cast<std::uint32_t>(received.a);
  const auto report = [&](FaultKind kind) {
    report_.add({.kind = kind,
                 .conversation = conversation_,
                 .place = Place::unpacked(received.place),
                 .other = Place::unpacked(row_.place),
                 .sequence = sequence_,
                 .view = number});
  };
  const bool is_again = seen_in_[number] == number_;
  const bool is_old = sequence_ <= tables_.views[number].after;
  const bool can_be_compared = is_listed_ && !is_old;
  if (can_be_compared && !row_.exists) {
    report(FaultKind::seen_phantom);
  } else if (can_be_compared && received.hash != row_.hash) {
    report(FaultKind::seen_altered);
  } else if (is_old || is_again) {
    report(FaultKind::seen_twice);
  } else if (received.has(Record::kBehind)) {
    report(FaultKind::seen_out_of_order);
  }
  if (!is_again && !is_old) views_seen_ += 1;
  seen_in_[number] = number_;
}

}  // namespace message_service::verify
