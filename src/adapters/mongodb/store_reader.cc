#include "adapters/mongodb/store_reader.h"

#include <algorithm>
#include <limits>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/lookups.h"
#include "wire/message_json.h"

namespace message_service::mongodb {

namespace {

constexpr std::uint64_t kSequenceMax = std::numeric_limits<std::int64_t>::max();

StoredRow row_of(const Stored& stored) { return {.sequence = stored.sequence(), .json = wire::stored_json(stored)}; }

// The index answers both directions: its keys are these two fields.
void write_filter(Writer& out, const std::string& conversation_id, const PageQuery& query) {
  out.text("conversationId", conversation_id);
  const auto bound = [&](std::string_view than, std::uint64_t sequence) {
    out.document("sequence", [&](Writer& range) {
      range.number(than, static_cast<std::int64_t>(std::min(sequence, kSequenceMax)));
    });
  };
  if (query.after) {
    bound("$gt", *query.after);
  } else if (query.before) {
    bound("$lt", *query.before);
  }
}

void write_sort(Writer& out, int direction) {
  out.small_number("conversationId", direction).small_number("sequence", direction);
}

}  // namespace

Result<std::optional<Conversation>> MongoStoreReader::find_conversation(const std::string& id) {
  auto client = pool_.take();
  if (!client) return client.error();
  return mongodb::find_conversation(*client, pool_, options_, id);
}

Result<std::uint64_t> MongoStoreReader::last_sequence(const std::string& conversation_id) {
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter([&](Writer& out) { out.text("conversationId", conversation_id); });
  const Document sort([](Writer& out) { write_sort(out, -1); });
  // Fields of the index alone, so that no document is read.
  const Document projection([](Writer& out) { out.small_number("sequence", 1).small_number("_id", 0); });
  std::uint64_t last = 0;
  auto found = find(*client, pool_, collection::messages, filter.get(),
                    {.sort = sort.get(), .projection = projection.get(), .limit = 1, .timeout = options_.read_timeout},
                    [&](Found row) -> Result<void> {
                      Reader reader(row.document, collection::messages);
                      last = static_cast<std::uint64_t>(reader.number("sequence"));
                      if (!reader.ok()) return reader.error();
                      return {};
                    });
  if (!found) return found.error();
  return last;
}

Result<Page> MongoStoreReader::page(const std::string& conversation_id, const PageQuery& query) {
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter([&](Writer& out) { write_filter(out, conversation_id, query); });
  const Document sort([&](Writer& out) { write_sort(out, query.after ? 1 : -1); });
  Page page;
  // One row more than asked for tells whether there are any.
  auto found =
      find(*client, pool_, collection::messages, filter.get(),
           {.sort = sort.get(), .limit = static_cast<std::int64_t>(query.limit) + 1, .timeout = options_.read_timeout},
           [&](Found row) -> Result<void> {
             page.has_more = page.rows.size() == query.limit;
             if (page.has_more) return {};
             auto stored = read_message(row.document);
             if (!stored) return stored.error();
             page.rows.push_back(row_of(*stored));
             return {};
           });
  if (!found) return found.error();
  if (!query.after) std::ranges::reverse(page.rows);
  return page;
}

Result<std::optional<StoredRow>> MongoStoreReader::find_message(const std::string& conversation_id,
                                                                const ObjectIdBytes& id) {
  auto client = pool_.take();
  if (!client) return client.error();
  auto stored = mongodb::find_message(*client, pool_, options_, id);
  if (!stored) return stored.error();
  if (!*stored || (*stored)->message().conversation_id != conversation_id) return std::optional<StoredRow>();
  return std::optional(row_of(**stored));
}

Result<StoreReader::KeyLookup> MongoStoreReader::find_by_temporary_id(const std::string& conversation_id,
                                                                      const std::string& temporary_message_id) {
  auto client = pool_.take();
  if (!client) return client.error();
  const ObjectIdBytes id = derive_message_id(conversation_id, temporary_message_id);
  const auto ours = [&](const auto& found) {
    return found.conversation_id == conversation_id && found.temporary_message_id == temporary_message_id;
  };
  auto stored = mongodb::find_message(*client, pool_, options_, id);
  if (!stored) return stored.error();
  if (*stored && ours((*stored)->message())) return KeyLookup(row_of(**stored));
  auto rejection = find_rejection(*client, pool_, options_, id);
  if (!rejection) return rejection.error();
  if (*rejection && ours(**rejection)) return KeyLookup(RejectedKey{(*rejection)->reason});
  return KeyLookup();
}

Result<std::vector<OpenLetter>> MongoOpenLetters::open_letters(const OpenLetterQuery& query) {
  auto client = pool_.take();
  if (!client) return client.error();
  const Document filter([&](Writer& out) {
    if (!query.conversation_id && !query.after) return;
    out.document("_id", [&](Writer& range) {
      const LetterKey before_all{query.conversation_id.value_or(""), {.partition = -1, .offset = 0}};
      write_letter_id(range, "$gt", query.after.value_or(before_all));
      if (!query.conversation_id) return;
      constexpr std::int32_t kPartitionMax = std::numeric_limits<std::int32_t>::max();
      write_letter_id(range, "$lt", {*query.conversation_id, {.partition = kPartitionMax, .offset = 0}});
    });
  });
  const Document sort([](Writer& out) { out.small_number("_id", 1); });
  std::vector<OpenLetter> letters;
  auto found =
      find(*client, pool_, collection::dead_letters, filter.get(),
           {.sort = sort.get(), .limit = static_cast<std::int64_t>(query.limit), .timeout = options_.read_timeout},
           [&](Found row) -> Result<void> {
             auto letter = read_open_letter(row.document);
             if (!letter) return letter.error();
             letters.push_back(std::move(*letter));
             return {};
           });
  if (!found) return found.error();
  return letters;
}

}  // namespace message_service::mongodb
