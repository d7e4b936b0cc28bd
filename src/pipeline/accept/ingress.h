// The first stage: Draft -> Admitted -> into the log. Its outcome is the answer to the client.
//
// Owned by the service. Any thread may call accept(), which never waits for a disk. It answers from memory where it
// can, and asks the store on a blocking thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/blocking_executor.h"
#include "base/bounds.h"
#include "base/result.h"
#include "model/message.h"
#include "observe/message_traces.h"
#include "pipeline/accept/recent_messages.h"
#include "pipeline/conversations/conversation_backlog.h"
#include "pipeline/conversations/conversation_directory.h"
#include "ports/event_log.h"
#include "ports/log_writer.h"
#include "ports/store.h"
#include "ports/store_reader.h"

namespace message_service {

// The message is in the log; the service will store and announce it.
struct Accepted {
  std::shared_ptr<const Message> message;
};

// Synchronous mode has stored the message already.
struct StoredNow {
  std::shared_ptr<const Stored> stored;
};

// The log can never take the message, however often the client sends it.
struct TooLarge {
  std::string text;
};

// Error codes beside these: not_found (no such conversation), conflict (the key names other content), refused,
// unknown.
using IngressOutcome = std::variant<Accepted, StoredNow, FieldErrors, TooLarge, base::Error>;

class Ingress {
 public:
  struct Options {
    Limits limits;
    std::size_t recent_messages_max = 65536;
    static constexpr base::Bounds<std::size_t> recent_messages_bounds{1, 100'000'000};
    bool synchronous = false;  // store first, answer StoredNow: the mode that write-behind is compared with
  };
  // The parts that take an accepted message, and the parts that answer questions about it.
  struct Ports {
    LogWriter& log;
    // For synchronous mode.
    Store& store;
    EventLog& events;
    // A local store is asked about keys that clients send and this node does not remember: from memory at once, else
    // from the disk on a blocking thread.
    StoreReader& store_reader;
    base::BlockingExecutor blocking;
    // Knows which conversations are over their share; null: none is.
    const ConversationBacklog* backlog = nullptr;
    const MessageTraces& traces = MessageTraces::off();
  };
  using Handler = std::function<void(IngressOutcome)>;

  Ingress(Ports ports, ConversationDirectory& conversations, Options options);

  // Calls the handler exactly once, on this thread or another. The handler must be quick.
  void accept(Draft&& draft, Handler handler);

  // Whether this node knows that the message is on its way to the store, or was lately.
  bool is_pending(const std::string& conversation_id, const std::string& temporary_message_id) {
    return recent_.holds(conversation_id, temporary_message_id);
  }

  // Whether this node has the key: its message is accepted, or being accepted.
  bool knows(const std::string& conversation_id, const std::string& temporary_message_id) {
    return recent_.knows(conversation_id, temporary_message_id);
  }

 private:
  struct Pending;
  void claim(const std::shared_ptr<Pending>& pending);
  void carry_on(const std::shared_ptr<Pending>& pending);
  void carry_on(const std::shared_ptr<Pending>& pending, const base::Result<StoreReader::KeyLookup>& found);
  bool answer_from_store(const std::shared_ptr<Pending>& pending, const base::Result<StoreReader::KeyLookup>& found);
  bool is_over_its_share(const Message& message) const;
  void append(const std::shared_ptr<Pending>& pending);
  void store_now(const std::shared_ptr<Pending>& pending);
  void fail(const std::shared_ptr<Pending>& pending, const base::Error& error);

  Ports ports_;
  ConversationDirectory& conversations_;
  const Options options_;
  RecentMessages recent_;
};

}  // namespace message_service
