// The participants of conversations. Their changes are entries among the messages; nothing else keeps them, so one row
// makes a change and gives it its place. Private to the adapter: exposes the driver.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/pool.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/participant_change.h"

namespace message_service::mongodb {

// Of the entries that change participants, and of no other: a conversation without changes costs one look.
inline constexpr std::string_view kChangeIndex = "participantChanges";

struct ChangeEntry {
  std::uint64_t sequence = 0;
  ObjectIdBytes id{};
  ParticipantChange change;
};

// Of each conversation that has changes, ascending by sequence.
using Changes = std::map<std::string, std::vector<ChangeEntry>>;

// Reads within a transaction when there is a session. Leaves out entries that cannot be read, and reports them.
base::Result<Changes> find_changes(const Pool::Client& client, const Pool& pool, const Options& options,
                                   const std::vector<std::string>& conversation_ids,
                                   mongoc_client_session_t* session = nullptr);

// Whether any conversation has changes.
base::Result<bool> any_changes(const Pool::Client& client, const Pool& pool, const Options& options);

// 0: the conversation has none.
base::Result<std::uint64_t> last_change(const Pool::Client& client, const Pool& pool, const Options& options,
                                        const std::string& conversation_id);

// A person's place just before a sequence. `made_with`: the people with whom the conversation was made. Pure.
std::optional<Standing> standing_before(std::uint64_t sequence, const std::string& person_id,
                                        const std::vector<ChangeEntry>& changes,
                                        const std::vector<Participant>& made_with);

}  // namespace message_service::mongodb
