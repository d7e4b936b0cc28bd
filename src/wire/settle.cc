#include "wire/settle.h"

#include <utility>

#include "wire/event_json.h"

namespace message_service::wire {

void settle(const Batch::Item& item, StoreOutcome outcome, Committed& committed) {
  const auto dead = [&](DeadReason reason, const std::string& error) {
    LogRecord source = source_record(item.source, item.message.message());
    committed.dead_letters.push_back(dead_letter_of(item, std::move(source), reason, error));
  };
  switch (outcome.kind) {
    case StoreOutcome::Kind::stored:
      if (!committed.complete) committed.to_announce.push_back(*outcome.stored);
      committed.stored.push_back(std::move(*outcome.stored));
      break;
    case StoreOutcome::Kind::stored_again:
      ++committed.duplicates;
      if (!committed.complete) committed.to_announce.push_back(std::move(*outcome.stored));
      break;
    case StoreOutcome::Kind::duplicate:
      ++committed.duplicates;
      break;
    case StoreOutcome::Kind::conflict:
      return dead(DeadReason::key_conflict, kKeyTaken);
    case StoreOutcome::Kind::not_allowed:
      return dead(DeadReason::not_a_participant, outcome.error);
    case StoreOutcome::Kind::refused:
      return dead(DeadReason::store_refused, outcome.error);
    case StoreOutcome::Kind::parked:
      return dead(DeadReason::parked, kParkedText);
  }
  if (item.retry_of) committed.closed.push_back(*item.retry_of);
}

}  // namespace message_service::wire
