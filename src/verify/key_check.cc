#include "verify/key_check.h"

#include <algorithm>

namespace message_service::verify {

namespace {

// Tries of one key with more contents than that count as if their contents were not known.
constexpr std::size_t kContentsMax = 16;

}  // namespace

void KeyCheck::run(RecordSort& by_key, RecordSort& by_sequence) {
  std::uint32_t conversation = Tables::kNone;
  std::uint64_t key = 0;
  while (const Record* record = by_key.next()) {
    if (record->conversation != conversation || record->key != key) {
      if (conversation != Tables::kNone) end_key(conversation);
      conversation = record->conversation;
      key = record->key;
    }
    if (record->kind == Record::Kind::stored) {
      add_row(*record, by_sequence);
    } else {
      add_try(*record);
    }
  }
  if (conversation != Tables::kNone) end_key(conversation);
}

void KeyCheck::add_try(const Record& record) {
  if (!write_.exists()) {
    write_.clock = record.source;
    write_.place = record.place;
  }
  if (record.source != write_.clock) write_.one_clock = false;
  if (record.kind == Record::Kind::write) {
    write_.sent_at = write_.intents == 0 ? record.a : std::min(write_.sent_at, record.a);
    write_.intents += 1;
    const bool fits = write_.contents.size() < kContentsMax;
    if (!record.has(Record::kHasContent) || !fits) {
      write_.any_content = true;
    } else if (std::ranges::find(write_.contents, record.hash) == write_.contents.end()) {
      write_.contents.push_back(record.hash);
    }
  }
  if (!record.has(Record::kHasOutcome)) return;
  switch (static_cast<SendOutcome>(record.flags & Record::kOutcomeMask)) {
    case SendOutcome::ok:
      write_.answered_at = write_.ok == 0 ? record.b : std::min(write_.answered_at, record.b);
      write_.ok += 1;
      break;
    case SendOutcome::refused:
      write_.refused += 1;
      break;
    case SendOutcome::unknown:
      write_.unknown += 1;
      break;
  }
}

void KeyCheck::add_row(const Record& record, RecordSort& by_sequence) {
  if (record.source != tables_.conversations[record.conversation].counted) return;
  rows_.count += 1;
  if (rows_.count == 1) rows_.first_place = record.place;
  report_.counts.stored += 1;
  judge_row(record);
  Record row{.key = record.a,
             .place = record.place,
             .hash = record.b,
             .conversation = record.conversation,
             .kind = Record::Kind::stored};
  if (write_.intents > 0 && write_.one_clock && write_.clock != kClockless) {
    row.flags = Record::kHasTimes;
    row.source = write_.clock;
    row.a = write_.sent_at;
    if (write_.ok > 0) {
      row.flags |= Record::kHasOutcome;
      row.b = write_.answered_at;
    }
  }
  by_sequence.push(row);
}

void KeyCheck::judge_row(const Record& record) {
  const auto report = [&](FaultKind kind, std::uint64_t other) {
    report_.add({.kind = kind,
                 .conversation = record.conversation,
                 .place = Place::unpacked(record.place),
                 .other = Place::unpacked(other),
                 .sequence = record.a});
  };
  if (!write_.exists()) {
    if (others_write_) {
      report_.counts.foreign += 1;
    } else {
      report(FaultKind::phantom, 0);
    }
    return;
  }
  if (rows_.count == 2) report(FaultKind::doubled, rows_.first_place);
  if (write_.is_refused()) report(FaultKind::refused_but_stored, write_.place);
  const bool is_one_sent = write_.any_content || write_.contents.empty() ||
                           std::ranges::find(write_.contents, record.hash) != write_.contents.end();
  if (!is_one_sent || record.has(Record::kForeign)) report(FaultKind::altered, write_.place);
}

void KeyCheck::end_key(std::uint32_t conversation) {
  if (write_.exists()) {
    Counts& counts = report_.counts;
    counts.writes += 1;
    if (write_.ok > 0) {
      counts.ok += 1;
      const bool is_listed = tables_.conversations[conversation].counted > 0;
      if (rows_.count == 0 && is_listed) {
        report_.add({.kind = FaultKind::lost, .conversation = conversation, .place = Place::unpacked(write_.place)});
      }
    } else if (write_.is_refused()) {
      counts.refused += 1;
    } else {
      counts.unknown += 1;
      if (rows_.count > 0) counts.unknown_but_stored += 1;
    }
  }
  std::vector<std::uint64_t> contents = std::move(write_.contents);
  contents.clear();
  write_ = Write{.contents = std::move(contents)};
  rows_ = {};
}

}  // namespace message_service::verify
