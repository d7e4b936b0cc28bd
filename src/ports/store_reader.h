// The reading side of the store. Owned by the service; any thread; blocks for the store. `corrupt` when stored bytes
// are damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/conversation.h"
#include "model/dead_letter.h"
#include "model/ids.h"
#include "model/participant_change.h"
#include "model/revocation.h"

namespace message_service {

// A stored message in the form that clients see, so that a page of history is copied and not parsed.
struct StoredRow {
  std::uint64_t sequence;
  std::string json;
  std::shared_ptr<const ParticipantChange> change{};  // null: a message
};

// The rows of a conversation to read: after a sequence (the first ones), before one (the last ones), or neither (the
// newest).
struct PageQuery {
  std::optional<std::uint64_t> after;
  std::optional<std::uint64_t> before;
  std::size_t limit = 50;
  bool changes = false;  // with the changes of participants; else they are gaps in the sequences
};

struct Page {
  std::vector<StoredRow> rows;  // ascending by sequence
  bool has_more = false;        // further rows in the direction of the query
};

struct RejectedKey {
  std::string reason;
};

struct OpenDeadLetterQuery {
  std::optional<std::string> conversation_id;  // none: of all conversations
  std::optional<DeadLetterKey> after;          // only letters later in the order
  std::size_t limit = 500;
};

class StoreReader {
 public:
  using KeyLookup = std::variant<std::monostate, StoredRow, RejectedKey>;

  virtual ~StoreReader() = default;

  // As it was made, with the participants of that time.
  virtual base::Result<std::optional<Conversation>> find_conversation(const std::string& id) = 0;

  // The participants now. Nothing: there is no such conversation.
  virtual base::Result<std::optional<Standings>> participants(const std::string& conversation_id) = 0;

  // The sequence of the last change of participants; 0: there was none. Cheap. Knows the changes below every row that
  // any reader of this store was given before the call.
  virtual base::Result<std::uint64_t> last_participant_change(const std::string& conversation_id) = 0;

  // 0 while the conversation is empty. Every row up to this sequence can be read.
  virtual base::Result<std::uint64_t> last_sequence(const std::string& conversation_id) = 0;

  virtual base::Result<Page> page(const std::string& conversation_id, const PageQuery& query) = 0;

  virtual base::Result<std::optional<StoredRow>> find_message(const std::string& conversation_id,
                                                              const ObjectIdBytes& id) = 0;

  virtual base::Result<KeyLookup> find_by_temporary_id(const std::string& conversation_id,
                                                       const std::string& temporary_message_id) = 0;

  // The same for a caller that must not wait: never reads a disk or a network. `unavailable`: memory does not know the
  // key.
  virtual base::Result<KeyLookup> find_in_memory(const std::string& /*conversation_id*/,
                                                 const std::string& /*temporary_message_id*/) {
    return base::Error{base::ErrorCode::unavailable, "memory does not know the key"};
  }

  // Names the history that the sequences belong to. Another one begins where a backup is restored: sequences that
  // clients have seen may then belong to other messages, or to none. From memory, or by one look-up every few seconds.
  virtual base::Result<std::string> history_id() = 0;

  // Those that must be kept still, in any order.
  virtual base::Result<std::vector<Revocation>> revocations() = 0;

  // Whether a look-up takes no longer than this machine's disk.
  virtual bool is_local() const = 0;

  // The dead letters that are neither stored since nor discarded, ordered by conversation, then partition, then offset.
  // The result includes the effect of every committed batch.
  virtual base::Result<std::vector<OpenDeadLetter>> open_dead_letters(const OpenDeadLetterQuery& query) = 0;
};

}  // namespace message_service
