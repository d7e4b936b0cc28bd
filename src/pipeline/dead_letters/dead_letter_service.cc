#include "pipeline/dead_letters/dead_letter_service.h"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "base/json_object_writer.h"
#include "base/utf8.h"
#include "wire/event_json.h"
#include "wire/open_dead_letter_json.h"

namespace message_service {

namespace {

constexpr std::size_t kPage = 500;
const base::Error kNotOpen{base::ErrorCode::not_found, "it is not open"};

std::string record_json(const EventLog::Found& found) {
  const auto text_or_hex = [](base::JsonObjectWriter& out, const auto& name, const auto& hex_name,
                              const std::string& bytes) {
    base::is_valid_utf8(bytes) ? out.string(name, bytes) : out.string(hex_name, base::to_hex(bytes));
  };
  std::string headers = "[";
  for (const Header& header : found.record.headers) {
    if (headers.size() > 1) headers.push_back(',');
    base::JsonObjectWriter writer(headers);
    text_or_hex(writer, "name", "nameHex", header.name);
    text_or_hex(writer, "value", "valueHex", header.value);
    writer.close();
  }
  std::string out;
  base::JsonObjectWriter writer(out);
  writer.string("id", to_text(found.origin));
  if (found.reference) writer.string("reference", to_text(*found.reference));
  if (!found.gone.empty()) {
    writer.string("gone", found.gone).close();
    return out;
  }
  text_or_hex(writer, "key", "keyHex", found.record.key);
  text_or_hex(writer, "value", "valueHex", found.record.value);
  writer.raw("headers", headers.append("]")).close();
  return out;
}

std::string list_of(std::string_view name, const std::vector<std::string>& items) {
  std::string out = "{\"" + std::string(name) + "\":[";
  for (const std::string& item : items) {
    if (&item != &items.front()) out.push_back(',');
    out.append(item);
  }
  return out.append("]");
}

// The log may hold another record at the position now, when its topic was made again; and other programs may write to
// the topic of dead letters.
base::Result<LogRecord> record_to_retry(const EventLog::Found& found, const OpenDeadLetter& letter) {
  const std::string too_large = "its record was too large for the dead-letter topic, and ";
  if (!found.gone.empty()) return base::Error{base::ErrorCode::not_found, too_large + found.gone};
  if (digest_of(found.record) != letter.digest) {
    return base::Error{base::ErrorCode::not_found,
                       found.reference
                           ? too_large + "the log holds another one at " + to_text(*found.reference) + " now"
                           : "the dead-letter topic holds another record under its name"};
  }
  return wire::retry_record(found.record, found.origin);
}

std::vector<Position> origins_of(const std::vector<DeadLetterKey>& keys) {
  std::vector<Position> origins;
  origins.reserve(keys.size());
  for (const DeadLetterKey& key : keys) origins.push_back(key.origin);
  return origins;
}

}  // namespace

// One letter, with the record to append for it, or why there is none.
struct DeadLetterService::Order {
  Position origin;
  base::Result<LogRecord> record;
};

base::Result<std::string> DeadLetterService::answer(std::string_view action, std::string_view request) {
  const auto keys = wire::read_dead_letter_keys(request);
  if (!keys) return base::Error{keys.error().code, "the body " + keys.error().text};
  if (keys->size() > kDeadLettersMax) {
    return base::Error{base::ErrorCode::invalid, "at most " + std::to_string(kDeadLettersMax) + " letters at once"};
  }
  if (action == "list") return list(*keys);
  if (action == "show") return show(*keys);
  if (action == "retry") return retry(*keys);
  if (action == "discard") return discard(*keys);
  return base::Error{base::ErrorCode::not_found, "dead letters can be asked to list, show, retry or discard"};
}

base::Result<std::string> DeadLetterService::list(const std::vector<DeadLetterKey>& after) {
  OpenDeadLetterQuery query{.limit = kPage};
  if (!after.empty()) query.after = after.front();
  const auto page = store_.open_dead_letters(query);
  if (!page) return page.error();
  std::vector<std::string> letters;
  for (const OpenDeadLetter& letter : *page) letters.push_back(wire::open_dead_letter_json(letter));
  return list_of("letters", letters).append(page->size() == kPage ? R"(,"more":true})" : R"(,"more":false})");
}

base::Result<std::string> DeadLetterService::show(const std::vector<DeadLetterKey>& keys) {
  const auto found = events_.find_dead_letters(origins_of(keys));
  if (!found) return found.error();
  std::vector<std::string> records;
  for (const auto& one : *found) records.push_back(record_json(one));
  return list_of("records", records).append("}");
}

base::Result<std::optional<OpenDeadLetter>> DeadLetterService::find_open(const DeadLetterKey& key) {
  const DeadLetterKey before{key.conversation_id, {key.origin.partition, key.origin.offset - 1}};
  auto found = store_.open_dead_letters({.conversation_id = key.conversation_id, .after = before, .limit = 1});
  if (!found) return found.error();
  if (found->empty() || found->front().key() != key) return std::optional<OpenDeadLetter>();
  return std::optional(std::move(found->front()));
}

base::Result<std::string> DeadLetterService::retry(const std::vector<DeadLetterKey>& keys) {
  auto found = events_.find_dead_letters(origins_of(keys));
  if (!found) return found.error();
  std::map<Position, EventLog::Found> records;
  for (auto& one : *found) records.emplace(one.origin, std::move(one));
  std::vector<Order> orders;
  for (const DeadLetterKey& key : keys) {
    const auto open = find_open(key);
    if (!open) return open.error();
    const auto record = records.find(key.origin);
    if (!*open) {
      orders.push_back({key.origin, kNotOpen});
    } else if (record == records.end()) {
      orders.push_back(
          {key.origin, base::Error{base::ErrorCode::not_found, "its record is not in the dead-letter topic any more"}});
    } else {
      orders.push_back({key.origin, record_to_retry(record->second, **open)});
    }
  }
  return place(std::move(orders));
}

base::Result<std::string> DeadLetterService::discard(const std::vector<DeadLetterKey>& keys) {
  std::vector<Order> orders;
  for (const DeadLetterKey& key : keys) {
    const auto open = find_open(key);
    if (!open) return open.error();
    if (*open) {
      orders.push_back({key.origin, wire::discard_record(key, base::wall_now())});
    } else {
      orders.push_back({key.origin, kNotOpen});
    }
  }
  return place(std::move(orders));
}

// Appends all records at once, in their order, then collects the log's answers.
std::string DeadLetterService::place(std::vector<Order> orders) {
  using Receipts = std::shared_ptr<std::promise<base::Result<Receipt>>>;
  std::vector<std::future<base::Result<Receipt>>> answers;
  for (Order& order : orders) {
    const Receipts answered = std::make_shared<std::promise<base::Result<Receipt>>>();
    answers.push_back(answered->get_future());
    if (!order.record) {
      answered->set_value(order.record.error());
      continue;
    }
    log_.append_record(std::move(*order.record), order.origin.partition,
                       [answered](const base::Result<Receipt>& receipt) { answered->set_value(receipt); });
  }
  std::vector<std::string> results;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const base::Result<Receipt> receipt = answers[i].get();
    std::string& result = results.emplace_back();
    base::JsonObjectWriter out(result);
    out.string("id", to_text(orders[i].origin));
    receipt ? out.string("position", to_text(receipt->position)) : out.string("error", receipt.error().text);
    out.close();
  }
  return list_of("results", results).append("}");
}

}  // namespace message_service
