#include "adapters/mongodb/participants.h"

#include <algorithm>

#include "adapters/mongodb/documents.h"
#include "model/participation.h"
#include "observe/damage.h"

namespace message_service::mongodb {

namespace {

void write_is_change(Writer& out) {
  out.document("participantChange", [](Writer& test) { test.boolean("$exists", true); });
}

FindOptions by_index(const Options& options) { return {.hint = kChangeIndex, .timeout = options.read_timeout}; }

}  // namespace

base::Result<Changes> find_changes(const Pool::Client& client, const Pool& pool, const Options& options,
                                   const std::vector<std::string>& conversation_ids, mongoc_client_session_t* session) {
  const Document filter([&](Writer& out) {
    out.document("conversationId", [&](Writer& ids) {
      ids.array("$in", [&](Writer& list) {
        for (std::size_t i = 0; i < conversation_ids.size(); ++i) list.text(IndexName(i), conversation_ids[i]);
      });
    });
    write_is_change(out);
  });
  const Document sort([](Writer& out) { out.small_number("conversationId", 1).small_number("sequence", 1); });
  FindOptions how = by_index(options);
  how.sort = sort.get();
  how.session = session;
  Changes changes;
  auto found = find(client, pool, collection::messages, filter.get(), how, [&](Found row) -> base::Result<Next> {
    const auto stored = read_message(row.document);
    if (!stored && stored.error().code != base::ErrorCode::corrupt) return stored.error();
    if (!stored) {
      options.damage->left_out(collection::messages, stored.error().text);
      return Next::more;
    }
    const Message& message = stored->message();
    changes[message.conversation_id].push_back({stored->sequence(), message.id, *message.change});
    return Next::more;
  });
  if (!found) return found.error();
  return changes;
}

base::Result<bool> any_changes(const Pool::Client& client, const Pool& pool, const Options& options) {
  const Document filter([](Writer& out) { write_is_change(out); });
  FindOptions how = by_index(options);
  how.limit = 1;
  bool any = false;
  auto found = find(client, pool, collection::messages, filter.get(), how, [&](Found) -> base::Result<Next> {
    any = true;
    return Next::enough;
  });
  if (!found) return found.error();
  return any;
}

base::Result<std::uint64_t> last_change(const Pool::Client& client, const Pool& pool, const Options& options,
                                        const std::string& conversation_id) {
  const Document filter([&](Writer& out) {
    out.text("conversationId", conversation_id);
    write_is_change(out);
  });
  const Document sort([](Writer& out) { out.small_number("conversationId", -1).small_number("sequence", -1); });
  FindOptions how = by_index(options);
  how.sort = sort.get();
  how.limit = 1;
  std::uint64_t sequence = 0;
  auto found = find(client, pool, collection::messages, filter.get(), how, [&](Found row) -> base::Result<Next> {
    sequence = static_cast<std::uint64_t>(Reader(row.document, collection::messages).number("sequence"));
    return Next::enough;
  });
  if (!found) return found.error();
  return sequence;
}

std::optional<Standing> standing_before(std::uint64_t sequence, const std::string& person_id,
                                        const std::vector<ChangeEntry>& changes,
                                        const std::vector<Participant>& made_with) {
  std::optional<Standing> standing;
  const auto maker = std::ranges::find(made_with, person_id, &Participant::id);
  if (maker != made_with.end()) standing = Standing{.participant = *maker};
  for (const ChangeEntry& entry : changes) {
    if (entry.sequence >= sequence) break;
    if (entry.change.participant.id == person_id) standing = standing_after(entry.change, standing, entry.sequence);
  }
  return standing;
}

}  // namespace message_service::mongodb
