#include "verify/checker.h"

#include <xxhash.h>

#include <bit>
#include <utility>

#include "verify/key_check.h"
#include "verify/sequence_check.h"

namespace message_service::verify {

namespace {

constexpr std::size_t kDisorderShownMax = 8;  // of one listing

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

base::Error wrong(std::string_view text) { return {base::ErrorCode::invalid, std::string(text)}; }

}  // namespace

Checker::Checker(const Options& options)
    : options_(options),
      by_key_(options.folder, options.memory_bytes / 2),
      by_sequence_(options.folder, options.memory_bytes / 2) {}

std::uint32_t Checker::conversation_of(std::string_view id) {
  const auto found = conversations_.find(id);
  if (found != conversations_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(tables_.conversations.size());
  conversations_.emplace(id, number);
  tables_.conversations.emplace_back();
  report_.conversations.emplace_back(id);
  return number;
}

void Checker::begin_file(std::uint16_t file) {
  file_ = file;
  begin_recording({});
}

// A process starts to write: nothing of the one before it goes on. Two clocks without a name are never the same one.
void Checker::begin_recording(std::string_view clock) {
  forget_pending();
  views_.clear();
  listing_ = Tables::kNone;
  const auto named = clock.empty() ? clocks_.end() : clocks_.find(clock);
  if (named != clocks_.end()) {
    clock_ = static_cast<std::uint16_t>(named->second);
    return;
  }
  // Beyond so many clocks, times of several are never compared.
  clock_ = static_cast<std::uint16_t>(std::min<std::size_t>(tables_.clocks, kClockless));
  if (clock_ < kClockless) tables_.clocks += 1;
  if (!clock.empty()) clocks_.emplace(clock, clock_);
}

void Checker::push_write(std::uint64_t key, const Pending& write) {
  Record record{.key = key,
                .place = write.place,
                .hash = write.hash,
                .a = write.at,
                .conversation = write.conversation,
                .source = clock_,
                .kind = Record::Kind::write};
  if (write.has_content) record.flags = Record::kHasContent;
  by_key_.push(record);
}

void Checker::forget_pending() {
  for (const auto& [hash, write] : pending_) push_write(hash ^ write.conversation, write);
  pending_.clear();
}

base::Result<void> Checker::add(const HistoryEvent& event, std::uint64_t line) {
  report_.counts.lines += 1;
  const std::uint64_t place = Place{.file = file_, .line = line}.packed();
  switch (event.kind) {
    case EventKind::recording:
      begin_recording(event.clock);
      return {};
    case EventKind::sending:
      return sending(event, place);
    case EventKind::sent:
      return sent(event, place);
    case EventKind::view:
      return view(event);
    case EventKind::received:
      return received(event, place);
    case EventKind::settled:
      return settled(event);
    case EventKind::listing:
      return listing(event);
    case EventKind::stored:
      return stored(event, place);
    case EventKind::listed:
      return listed(event);
  }
  return {};
}

// Waits for its outcome, so that most writes are one record.
base::Result<void> Checker::sending(const HistoryEvent& event, std::uint64_t place) {
  Pending write{.at = std::bit_cast<std::uint64_t>(event.at_ms),
                .hash = 0,
                .place = place,
                .conversation = conversation_of(event.conversation_id),
                .has_content = event.content.has_value()};
  if (event.content) write.hash = hash_of(*event.content);
  const std::uint64_t key = hash_of(event.key);
  if (pending_.size() >= kPendingMax) forget_pending();
  const auto [at, is_first] = pending_.try_emplace(key ^ write.conversation, write);
  if (!is_first) {
    push_write((key ^ write.conversation) ^ at->second.conversation, at->second);
    at->second = write;
  }
  return {};
}

base::Result<void> Checker::sent(const HistoryEvent& event, std::uint64_t place) {
  const std::uint32_t conversation = conversation_of(event.conversation_id);
  const std::uint64_t key = hash_of(event.key);
  Record record{.key = key,
                .place = place,
                .b = std::bit_cast<std::uint64_t>(event.at_ms),
                .conversation = conversation,
                .source = clock_,
                .kind = Record::Kind::outcome};
  const auto found = pending_.find(key ^ conversation);
  if (found != pending_.end() && found->second.conversation == conversation) {
    const Pending& write = found->second;
    record.kind = Record::Kind::write;
    record.place = write.place;
    record.hash = write.hash;
    record.a = write.at;
    if (write.has_content) record.flags |= Record::kHasContent;
    pending_.erase(found);
  }
  record.flags |= Record::kHasOutcome | static_cast<std::uint8_t>(event.outcome);
  by_key_.push(record);
  return {};
}

base::Result<void> Checker::view(const HistoryEvent& event) {
  const auto number = static_cast<std::uint32_t>(tables_.views.size());
  const std::uint32_t conversation = conversation_of(event.conversation_id);
  views_.insert_or_assign(std::string(event.view), number);
  tables_.views.push_back({.conversation = conversation, .after = event.sequence, .last = event.sequence});
  tables_.conversations[conversation].views.push_back(number);
  report_.views.emplace_back(event.view);
  return {};
}

base::Result<View*> Checker::view_named(std::string_view name) {
  const auto found = views_.find(name);
  if (found == views_.end()) return wrong("view has not begun: no line of the event 'view' names it before");
  return &tables_.views[found->second];
}

std::uint64_t Checker::row_hash(const SeenMessage& message) {
  scratch_.clear();
  for (const std::string_view text : {message.id, message.key, message.conversation_id, message.sender_id,
                                      message.sender_type, message.content, message.sent_at}) {
    const std::uint64_t size = text.size();
    scratch_.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(text);
  }
  scratch_.append(reinterpret_cast<const char*>(&message.sequence), sizeof(message.sequence));
  return hash_of(scratch_);
}

base::Result<void> Checker::received(const HistoryEvent& event, std::uint64_t place) {
  const auto named = view_named(event.view);
  if (!named) return named.error();
  if (event.message.is_change) return {};
  View& view = **named;
  const std::uint64_t sequence = event.message.sequence;
  Record record{.key = sequence,
                .place = place,
                .hash = row_hash(event.message),
                .a = static_cast<std::uint64_t>(&view - tables_.views.data()),
                .conversation = view.conversation,
                .kind = Record::Kind::received};
  if (sequence < view.last) record.flags = Record::kBehind;
  view.last = std::max(view.last, sequence);
  by_sequence_.push(record);
  report_.counts.seen += 1;
  return {};
}

base::Result<void> Checker::settled(const HistoryEvent& event) {
  const auto named = view_named(event.view);
  if (!named) return named.error();
  (*named)->settled = std::max((*named)->settled, event.sequence);
  return {};
}

base::Result<void> Checker::listing(const HistoryEvent& event) {
  listing_ = conversation_of(event.conversation_id);
  Conversation& conversation = tables_.conversations[listing_];
  if (conversation.listings == 0xFFFF) return wrong("conversationId is listed more than 65,535 times");
  conversation.listings += 1;
  conversation.last = 0;
  conversation.disorder.clear();
  conversation.disorder_found = 0;
  return {};
}

base::Result<void> Checker::stored(const HistoryEvent& event, std::uint64_t place) {
  if (listing_ == Tables::kNone) return wrong("event 'stored' is outside of a listing: none has begun");
  if (event.message.is_change) return {};
  const SeenMessage& message = event.message;
  Conversation& conversation = tables_.conversations[listing_];
  Record record{.key = hash_of(message.key),
                .place = place,
                .hash = hash_of(message.content),
                .a = message.sequence,
                .b = row_hash(message),
                .conversation = listing_,
                .source = conversation.listings,
                .kind = Record::Kind::stored};
  if (message.conversation_id != report_.conversations[listing_]) record.flags = Record::kForeign;
  if (message.sequence <= conversation.last) {
    conversation.disorder_found += 1;
    if (conversation.disorder.size() < kDisorderShownMax) {
      conversation.disorder.push_back({.kind = FaultKind::sequence_not_increasing,
                                       .conversation = listing_,
                                       .place = Place::unpacked(place),
                                       .sequence = message.sequence});
    }
  }
  conversation.last = message.sequence;
  by_key_.push(record);
  return {};
}

base::Result<void> Checker::listed(const HistoryEvent& event) {
  if (listing_ == Tables::kNone || report_.conversations[listing_] != event.conversation_id) {
    return wrong("conversationId is not the one whose listing began last");
  }
  Conversation& conversation = tables_.conversations[listing_];
  conversation.counted = conversation.listings;
  conversation.counted_disorder = std::exchange(conversation.disorder, {});
  conversation.counted_disorder_found = conversation.disorder_found;
  listing_ = Tables::kNone;
  return {};
}

std::vector<std::string> Checker::unlisted() const {
  std::vector<std::string> ids;
  for (std::size_t number = 0; number < tables_.conversations.size(); ++number) {
    if (tables_.conversations[number].counted == 0) ids.push_back(report_.conversations[number]);
  }
  return ids;
}

base::Result<Report> Checker::finish() {
  forget_pending();
  report_.counts.views = tables_.views.size();
  for (const Conversation& conversation : tables_.conversations) {
    (conversation.counted > 0 ? report_.counts.conversations : report_.counts.unlisted) += 1;
    for (const Fault& fault : conversation.counted_disorder) report_.add(fault);
    report_.found[static_cast<std::size_t>(FaultKind::sequence_not_increasing)] +=
        conversation.counted_disorder_found - conversation.counted_disorder.size();
  }
  if (auto begun = by_key_.begin_reading(); !begun) return begun.error();
  KeyCheck(tables_, options_.others_write, report_).run(by_key_, by_sequence_);
  if (!by_key_.problem()) return by_key_.problem().error();
  if (auto begun = by_sequence_.begin_reading(); !begun) return begun.error();
  SequenceCheck(tables_, report_).run(by_sequence_);
  if (!by_sequence_.problem()) return by_sequence_.problem().error();
  return std::move(report_);
}

}  // namespace message_service::verify
