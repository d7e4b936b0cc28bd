// The topic of sent events, as rows. One row holds the references that one write makes; its key is the offset of the
// last of them. The message that a reference names is the event's content, and need not be written twice. When the
// messages are stored elsewhere, a row holds one message itself. A reader of the topic gets the events in full either
// way, also the trace that an event belongs to, which no message's row has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/embedded/store/database.h"
#include "base/result.h"
#include "model/message.h"

namespace message_service::embedded {

// A row of references while it is being put together.
class SentReferences {
 public:
  void add(std::string_view conversation_id, std::uint64_t sequence, std::string_view traceparent);

  bool empty() const { return bytes_.empty(); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// A row of one event, with its message.
std::string encode_sent_message(std::string_view conversation_id, std::string_view traceparent,
                                std::string_view stored_json);

struct SentEntry {
  std::string_view conversation_id;
  std::uint64_t sequence = 0;    // of the message's row; 0: this entry holds the message
  std::string_view traceparent;  // valid; empty: none
  std::string_view stored_json;  // the message, when this entry holds it
};

// The events of a row, in their order. The views live as long as the bytes.
base::Result<std::vector<SentEntry>> decode_sent_row(std::string_view bytes);

// The message of an event, from the entry or from the message's row.
base::Result<Stored> read_sent_message(Database& database, const SentEntry& entry);

}  // namespace message_service::embedded
