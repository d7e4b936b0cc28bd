#include "pipeline/accept/ingress.h"

#include <utility>

#include "model/no_conversation.h"
#include "observe/pipeline_log.h"
#include "pipeline/accept/store_and_announce.h"
#include "wire/message_json.h"

namespace message_service {

namespace {

const base::Error kOtherContent{base::ErrorCode::conflict, "the key names a message with other content"};
const base::Error kLongBacklog{base::ErrorCode::refused, "too many messages of this conversation wait for its members",
                               ConversationBacklog::kReason};

FirstAnswer answer_of(const Message& message) { return {message.requested_at, message.own_correlation_id}; }

}  // namespace

// A message under way, and the request that waits for its answer.
struct Ingress::Pending final : RecentMessages::Waiter {
  Pending(Admitted message, Handler done, const tracing::SpanId& its_request)
      : admitted(std::move(message)), handler(std::move(done)), request(its_request) {}

  const Message& message() const { return admitted.message(); }

  // Another request carries the same message: this one gets the same answer.
  void told(const base::Result<FirstAnswer>& first) override {
    if (!first) return handler(first.error());
    auto same = std::make_shared<Message>(message());
    same->requested_at = first->requested_at;
    same->own_correlation_id = first->correlation_id;
    handler(Accepted{std::move(same)});
  }

  const Admitted admitted;
  Handler handler;
  const tracing::SpanId request;  // its span; zeros: the message is not traced
  tracing::Span send;             // from the append to its answer
};

Ingress::Ingress(Ports ports, ConversationDirectory& conversations, Options options)
    : ports_(std::move(ports)),
      conversations_(conversations),
      options_(std::move(options)),
      recent_(options_.recent_messages_max) {}

void Ingress::accept(Draft&& draft, Handler handler) {
  tracing::SpanId request{};
  if (!options_.synchronous) request = ports_.traces.reserve_send(draft.traceparent);
  Admission admission = admit(std::move(draft), options_.limits, base::wall_now());
  if (!admission.admitted) return handler(std::move(admission.errors));

  auto pending = std::make_shared<Pending>(std::move(*admission.admitted), std::move(handler), request);
  if (conversations_.knows(pending->message().conversation_id)) return claim(pending);
  conversations_.exists(pending->message().conversation_id, [this, pending](const base::Result<bool>& exists) {
    if (!exists) return pending->handler(exists.error());
    if (!*exists) return pending->handler(no_conversation());
    claim(pending);
  });
}

void Ingress::claim(const std::shared_ptr<Pending>& pending) {
  if (options_.synchronous) return store_now(pending);  // the store itself answers repeats
  if (!pending->admitted.key_from_client()) return append(pending);
  switch (recent_.claim(pending->message(), pending)) {
    case RecentMessages::Claim::first:
      return carry_on(pending);
    case RecentMessages::Claim::conflict:
      return pending->handler(kOtherContent);
    case RecentMessages::Claim::waiting:
    case RecentMessages::Claim::repeat:
      return;
  }
}

void Ingress::carry_on(const std::shared_ptr<Pending>& pending) {
  if (!ports_.store_reader.is_local()) return append(pending);
  const Message& message = pending->message();
  const auto found = ports_.store_reader.find_in_memory(message.conversation_id, message.temporary_message_id);
  if (found) return carry_on(pending, found);
  const bool asked = ports_.blocking([this, pending] {
    const Message& wanted = pending->message();
    carry_on(pending, ports_.store_reader.find_by_temporary_id(wanted.conversation_id, wanted.temporary_message_id));
  });
  if (!asked) append(pending);
}

void Ingress::carry_on(const std::shared_ptr<Pending>& pending, const base::Result<StoreReader::KeyLookup>& found) {
  if (!answer_from_store(pending, found)) append(pending);
}

// True when the store knew the key, and the client has its answer.
bool Ingress::answer_from_store(const std::shared_ptr<Pending>& pending,
                                const base::Result<StoreReader::KeyLookup>& found) {
  const Message& message = pending->message();
  // A failed look-up is no reason to refuse: the store decides when the message arrives there.
  if (!found || !std::holds_alternative<StoredRow>(*found)) return false;
  auto stored = wire::read_stored(std::get<StoredRow>(*found).json);
  if (!stored) return false;
  if (!stored->message().same_content(message)) {
    fail(pending, kOtherContent);
    return true;
  }
  recent_.settle(message, answer_of(stored->message()));
  pending->handler(Accepted{std::make_shared<const Message>(stored->message())});
  return true;
}

bool Ingress::is_over_its_share(const Message& message) const {
  return ports_.backlog != nullptr && ports_.backlog->is_long(message.conversation_id);
}

void Ingress::append(const std::shared_ptr<Pending>& pending) {
  if (is_over_its_share(pending->message())) return fail(pending, kLongBacklog);
  const Message& sent = pending->message();
  pending->send =
      ports_.traces.start_send(sent.traceparent, pending->request, sent.temporary_message_id, sent.correlation_id());
  const std::shared_ptr<const Admitted> admitted(pending, &pending->admitted);
  const auto appended = [this, pending](const base::Result<Receipt>& receipt) {
    if (!receipt) pending->send.fail(error_type(receipt.error()));
    if (receipt) MessageTraces::sent_to(pending->send, receipt->position.partition, receipt->position.offset);
    pending->send.end();
    if (!receipt) return fail(pending, receipt.error());
    const Message& message = pending->message();
    pipeline_log::published_requested(message.temporary_message_id, message.conversation_id,
                                      {message.correlation_id(), message.traceparent});
    if (pending->admitted.key_from_client()) {
      recent_.settle(message, answer_of(message));
    } else {
      recent_.remember(message, answer_of(message));
    }
    // The answer shares the ownership of `pending`, which holds its message. `pending` must not keep the handler that
    // receives the answer.
    const Handler handler = std::move(pending->handler);
    handler(Accepted{{pending, &pending->message()}});
  };
  ports_.log.append(admitted, appended);
}

void Ingress::store_now(const std::shared_ptr<Pending>& pending) {
  if (is_over_its_share(pending->message())) return pending->handler(kLongBacklog);
  const bool taken = ports_.blocking([this, pending] {
    auto outcome = store_and_announce(ports_.store, ports_.events, pending->admitted);
    if (!outcome) return pending->handler(outcome.error());
    pending->handler(StoredNow{std::make_shared<const Stored>(std::move(outcome->stored))});
  });
  if (!taken)
    pending->handler(base::Error{base::ErrorCode::refused, "too many messages wait for the store", "store-queue"});
}

void Ingress::fail(const std::shared_ptr<Pending>& pending, const base::Error& error) {
  recent_.abandon(pending->message(), error);
  error.code == base::ErrorCode::invalid ? pending->handler(TooLarge{error.text}) : pending->handler(error);
}

}  // namespace message_service
