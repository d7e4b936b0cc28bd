#include "pipeline/views/compare_view.h"

#include <utility>
#include <vector>

#include "base/hex.h"
#include "wire/message_json.h"

namespace message_service {

namespace {

constexpr std::size_t kPageRows = 500;
constexpr std::uint64_t kFurtherMax = 1000;  // messages that are read beyond what the client counts

struct Row {
  std::uint64_t sequence;
  HashLanes hash;
};

// The sequence of the only message whose hash is `hash`.
std::optional<std::uint64_t> find_only(const std::vector<Row>& rows, const HashLanes& hash) {
  std::optional<std::uint64_t> found;
  for (const Row& row : rows) {
    if (row.hash != hash) continue;
    if (found) return std::nullopt;
    found = row.sequence;
  }
  return found;
}

ViewComparison tell(const ViewReport& report, const std::vector<Row>& rows, const ViewHash& stored) {
  ViewComparison comparison{.stored = rows.size()};
  if (report.count < rows.size()) {
    comparison.outcome = ViewOutcome::lost;
    if (report.count + 1 == rows.size()) comparison.sequence = find_only(rows, stored.sum() - report.sum);
  } else if (report.count > rows.size()) {
    comparison.outcome = ViewOutcome::phantom;
    if (report.count == rows.size() + 1) comparison.sequence = find_only(rows, report.sum - stored.sum());
    if (comparison.sequence) comparison.outcome = ViewOutcome::doubled;
  } else if (report.sum != stored.sum()) {
    comparison.outcome = ViewOutcome::altered;
  } else if (report.hash != stored.rolling()) {
    comparison.outcome = ViewOutcome::swapped;
  }
  return comparison;
}

}  // namespace

base::Result<ViewComparison> compare_view(StoreReader& store, const ViewReport& report) {
  const auto last = store.last_sequence(report.conversation_id);
  if (!last) return last.error();
  if (*last < report.to) return ViewComparison{.outcome = ViewOutcome::ahead};
  std::vector<Row> rows;
  ViewHash stored;
  PageQuery query{.after = report.from - 1, .limit = kPageRows};
  for (bool more = true; more && rows.size() <= report.count + kFurtherMax;) {
    const auto page = store.page(report.conversation_id, query);
    if (!page) return page.error();
    more = page->has_more && !page->rows.empty();
    for (const StoredRow& row : page->rows) {
      query.after = row.sequence;
      if (row.sequence > report.to) return tell(report, rows, stored);
      const auto message = wire::read_stored(row.json);
      if (!message) return message.error();
      const HashLanes hash =
          hash_of_message(base::to_hex(message->id()), message->message().sender_id, message->message().content);
      rows.push_back({.sequence = row.sequence, .hash = hash});
      stored.add(row.sequence, hash);
    }
  }
  return tell(report, rows, stored);
}

}  // namespace message_service
