#include "adapters/embedded/store/history.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include "wire/message_json.h"

namespace message_service::embedded {

namespace {

constexpr std::uint64_t kHighest = std::numeric_limits<std::uint64_t>::max();

// A page ends early at this many bytes.
constexpr std::size_t kPageBytesMax = std::size_t{16} << 20;

std::string place_of(std::string_view conversation_id, std::uint64_t first, std::uint64_t last) {
  return "of the messages of \"" + std::string(conversation_id) + "\", sequence " + std::to_string(first) +
         (last == first ? "" : " to " + std::to_string(last));
}

class History {
 public:
  using Rows = std::vector<StoredRow>;

  History(Database& database, Damage& damage, const std::string& conversation_id, bool changes)
      : database_(database),
        damage_(damage),
        changes_(changes),
        conversation_id_(conversation_id),
        prefix_(message_prefix(conversation_id)),
        at_(database.db().NewIterator({}, database.table(Table::messages))) {}

  // Reads from `first` on. One row more than the limit shows whether there are more.
  base::Result<Page> read_forward(std::uint64_t first, std::size_t limit) {
    Rows rows;
    if (auto read = collect(first, kHighest, limit + 1, rows); !read) return read.error();
    return page_of(std::move(rows), limit, false);
  }

  // Reads the last rows before `end`.
  base::Result<Page> read_backward(std::uint64_t end, std::size_t limit) {
    Rows rows;
    for (at_->SeekForPrev(key_of(end - 1)); in_conversation() && !has_enough(rows, limit + 1); at_->Prev()) take(rows);
    if (at_->status().ok()) return page_of(std::move(rows), limit, true);
    if (!at_->status().IsCorruption()) return to_error(at_->status(), "read the history");
    return read_backward_past_damage(end, limit);
  }

 private:
  std::string key_of(std::uint64_t sequence) const { return message_key(conversation_id_, sequence); }

  bool in_conversation() const {
    return at_->Valid() && at_->key().size() == prefix_.size() + kNumberBytes &&
           at_->key().ToStringView().starts_with(prefix_);
  }
  std::uint64_t sequence_here() const { return read_number(at_->key().ToStringView().substr(prefix_.size())); }

  void take(Rows& rows) {
    const std::uint64_t sequence = sequence_here();
    const auto stored = read_message_row(conversation_id_, sequence, at_->value().ToStringView());
    if (!stored) return damage_.left_out("messages", stored.error().text);
    const auto& change = stored->message().change;
    if (change && !changes_) return;
    rows.push_back({.sequence = sequence, .json = at_->value().ToString(), .change = change});
    bytes_ += rows.back().json.size();
  }

  bool has_enough(const Rows& rows, std::size_t rows_max) const {
    return rows.size() >= rows_max || (bytes_ > kPageBytesMax && rows.size() > 1);
  }

  Page page_of(Rows rows, std::size_t limit, bool newest_first) const {
    Page page;
    page.has_more = has_enough(rows, limit + 1);
    if (page.has_more) rows.pop_back();
    if (newest_first) std::ranges::reverse(rows);
    page.rows = std::move(rows);
    return page;
  }

  // Appends the readable rows of [first, end).
  base::Result<void> collect(std::uint64_t first, std::uint64_t end, std::size_t rows_max, Rows& rows) {
    is_sound(first);
    while (!has_enough(rows, rows_max)) {
      if (!at_->status().ok()) {
        const rocksdb::Status why = at_->status();
        if (!why.IsCorruption()) return to_error(why, "read the history");
        const auto sound = first_sound(first, end);
        name_damage(first, sound.value_or(end), why);
        if (sound) {
          first = *sound;
          continue;
        }
        // An empty page would mean that there are no messages.
        if (rows.empty()) return to_error(why, "read the history");
        return {};
      }
      if (!in_conversation() || sequence_here() >= end) return {};
      first = sequence_here() + 1;
      take(rows);
      at_->Next();
    }
    return {};
  }

  // RocksDB reads blocks of many rows, and no row of a damaged block. Finds by bisection where the next sound block
  // begins. Nothing when there is none before `end`.
  std::optional<std::uint64_t> first_sound(std::uint64_t damaged, std::uint64_t end) {
    std::uint64_t sound = end;
    if (!is_sound(sound)) return std::nullopt;
    while (sound - damaged > 1) {
      const std::uint64_t middle = std::midpoint(damaged, sound);
      (is_sound(middle) ? sound : damaged) = middle;
    }
    is_sound(sound);  // leaves the iterator there
    return sound;
  }

  // Whether a row at `sequence`, or the next one above it, can be read. In RocksDB 7.8 an iterator that has met damage
  // reports damage everywhere, so each check makes a new iterator.
  bool is_sound(std::uint64_t sequence) {
    at_.reset(database_.db().NewIterator({}, database_.table(Table::messages)));
    at_->Seek(key_of(sequence));
    return at_->status().ok();
  }

  void name_damage(std::uint64_t first, std::uint64_t end, const rocksdb::Status& why) {
    damage_.left_out("messages",
                     "a damaged block " + place_of(conversation_id_, first, end - 1) + ": " + why.ToString());
  }

  // A step back reads more than the row that it reaches, so it cannot come close to a damaged block. Steps forward can.
  // This function reads longer and longer pieces before `end`, each of them forward, until there are enough rows.
  base::Result<Page> read_backward_past_damage(std::uint64_t end, std::size_t limit) {
    std::uint64_t piece = 2 * (limit + 1);
    Rows newest_first;
    bytes_ = 0;
    for (std::uint64_t high = std::min(end, end_of_conversation()); high > 1 && newest_first.size() <= limit;) {
      const std::uint64_t low = high > piece ? high - piece : 1;
      Rows rows;
      if (auto read = collect(low, high, high - low, rows); !read && read.error().code != base::ErrorCode::corrupt) {
        return read.error();
      }
      std::move(rows.rbegin(), rows.rend(), std::back_inserter(newest_first));
      high = low;
      piece *= 2;
    }
    if (newest_first.empty())
      return base::Error{base::ErrorCode::corrupt, "cannot read the history: its blocks are damaged"};
    if (newest_first.size() > limit + 1) newest_first.resize(limit + 1);
    return page_of(std::move(newest_first), limit, true);
  }

  // A sequence above all rows of the conversation. Unreadable rows may belong to it.
  std::uint64_t end_of_conversation() {
    std::uint64_t inside = 0;
    std::uint64_t end = kHighest;
    while (end - inside > 1) {
      const std::uint64_t middle = std::midpoint(inside, end);
      (is_sound(middle) && !in_conversation() ? end : inside) = middle;
    }
    return end;
  }

  Database& database_;
  Damage& damage_;
  const bool changes_;
  const std::string& conversation_id_;
  const std::string prefix_;
  std::unique_ptr<rocksdb::Iterator> at_;
  std::size_t bytes_ = 0;  // of the rows taken
};

}  // namespace

base::Result<Stored> read_message_row(std::string_view conversation_id, std::uint64_t sequence, std::string_view json,
                                      std::string_view traceparent) {
  auto stored = wire::read_stored(json, traceparent);
  std::string problem = stored ? "" : stored.error().text;
  if (stored && stored->message().conversation_id != conversation_id) problem = "field conversationId is another one";
  if (stored && stored->sequence() != sequence) problem = "field sequence is another one";
  if (problem.empty()) return stored;
  return base::Error{base::ErrorCode::corrupt,
                     "a damaged row " + place_of(conversation_id, sequence, sequence) + ": " + problem};
}

base::Result<Page> read_history(Database& database, Damage& damage, const std::string& conversation_id,
                                const PageQuery& query) {
  if (query.after == kHighest || query.before == 0) return Page{};
  History history(database, damage, conversation_id, query.changes);
  if (query.after) return history.read_forward(*query.after + 1, query.limit);
  return history.read_backward(query.before.value_or(kHighest), query.limit);
}

}  // namespace message_service::embedded
