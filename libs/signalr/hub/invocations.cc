#include "signalr/hub/invocations.h"

#include <algorithm>
#include <utility>

#include "logging/logging.h"
#include "runtime/spawn.h"
#include "signalr/hub/failure_text.h"
#include "signalr/hub/hub_connection.h"

namespace signalr {

// A call as it arrived, of either kind.
struct Invocations::Incoming {
  template <class Kind>
  explicit Incoming(Call<Kind>&& message)
      : target(std::move(message.target)),
        arguments(std::move(message.arguments)),
        invocation_id(std::move(message.invocation_id)),
        stream_ids(std::move(message.stream_ids)),
        wants_stream(std::is_same_v<Call<Kind>, StreamInvocation>) {}

  std::string target;
  std::vector<Value> arguments;
  std::string invocation_id;
  std::vector<std::string> stream_ids;
  bool wants_stream;
};

Invocations::Invocations(HubConnection& client, const Hub& hub, const CallOptions& options)
    : client_(client),
      hub_(hub),
      options_(options),
      limiter_(client.shard().executor(), options.at_once),
      idle_(client.shard().executor()),
      results_(client.shard()) {}

runtime::Awaitable<bool> Invocations::begin() {
  const Context context(client_.shared_from_this(), hub_.clients(), nullptr);
  hub_.clients().add(context.shared_connection());
  std::exception_ptr thrown;
  try {
    co_await hub_.connected(context);
  } catch (...) {
    thrown = std::current_exception();
  }
  is_connected_ = !thrown;
  if (thrown) {
    const std::string detail = failure_text::detail_of(thrown, options_.detailed_errors);
    client_.close(failure_text::connection_closed(detail), false);
  }
  co_return is_connected_;
}

runtime::Awaitable<void> Invocations::renewed() {
  if (!is_connected_) co_return;
  const std::shared_ptr<HubConnection> client = client_.shared_from_this();  // keeps this object alive too
  const Context context(client, hub_.clients(), nullptr);
  try {
    co_await hub_.renewed(context);
  } catch (...) {
    logging::error("A hub's code for a new token failed. " + failure_text::detail_of(std::current_exception(), true));
    client->close({}, true);
  }
}

runtime::Awaitable<void> Invocations::take(HubMessage message) {
  busy_ = true;
  if (auto* invocation = std::get_if<Invocation>(&message)) {
    co_await invoke(Incoming(std::move(*invocation)));
  } else if (auto* stream = std::get_if<StreamInvocation>(&message)) {
    co_await invoke(Incoming(std::move(*stream)));
  } else if (auto* item = std::get_if<StreamItem>(&message)) {
    const auto found = uploads_.find(item->invocation_id);
    const auto upload = found == uploads_.end() ? nullptr : found->second;  // kept while the item waits for its place
    if (upload) co_await upload->push(std::move(item->item));
  } else if (auto* completion = std::get_if<Completion>(&message)) {
    finish(*completion);
  } else if (const auto* cancel = std::get_if<CancelInvocation>(&message)) {
    const auto found = streams_.find(cancel->invocation_id);
    if (found != streams_.end()) found->second->cancel();
  }
  busy_ = false;
}

// Completes a stream that the client uploads, or a call of the client. A completion that nobody waits for is ignored.
void Invocations::finish(Completion& completion) {
  const auto upload = uploads_.extract(completion.invocation_id);
  if (!upload) {
    results_.take(completion);
  } else if (const auto* failure = std::get_if<Failure>(&completion.outcome)) {
    upload.mapped()->fail(std::string(error_text(*failure)));
  } else {
    upload.mapped()->finish();
  }
}

runtime::Awaitable<void> Invocations::invoke(Incoming incoming) {
  const Method* method = hub_.find(incoming.target);
  if (std::string error = refusal(incoming, method); !error.empty()) {
    complete(incoming.invocation_id, Failure{std::move(error)});
    co_return;
  }
  co_await limiter_.take();
  const auto permit = std::make_shared<CallPermit>(limiter_);
  if (incoming.wants_stream || !incoming.stream_ids.empty()) permit->give_back();

  const auto call = std::make_shared<MethodCall>(Context(client_.shared_from_this(), hub_.clients(), permit), permit,
                                                 MethodCall::Request{.method = *method,
                                                                     .target = std::move(incoming.target),
                                                                     .invocation_id = std::move(incoming.invocation_id),
                                                                     .arguments = std::move(incoming.arguments),
                                                                     .uploads = open_uploads(incoming.stream_ids)});
  if (incoming.wants_stream) streams_.emplace(call->invocation_id(), call);
  if (cancelled_) cancel_streams();  // the call arrived before the client disconnected: it runs, its streams end
  ++running_;
  runtime::spawn(client_.shard().executor(), run(call, std::move(incoming.stream_ids)), "A hub call");
}

// Empty when the call may run.
std::string Invocations::refusal(const Incoming& incoming, const Method* method) const {
  const std::string& target = incoming.target;
  if (method == nullptr) return failure_text::no_such_method(target);
  if (!is_allowed(*method)) return failure_text::unauthorized(target);
  if (method->is_streaming && !incoming.wants_stream) return failure_text::must_be_streamed(target);
  if (!method->is_streaming && incoming.wants_stream) return failure_text::cannot_be_streamed(target);

  const auto failed = [&](std::string_view text) {
    return failure_text::method_failed(target, failure_text::hub_exception(text));
  };
  const std::vector<std::string>& ids = incoming.stream_ids;
  if (ids.size() != method->uploads) return failed(failure_text::wrong_stream_count(ids.size(), method->uploads));
  if (incoming.wants_stream && streams_.contains(incoming.invocation_id)) {
    return failure_text::id_in_use(incoming.invocation_id);
  }
  for (auto id = ids.begin(); id != ids.end(); ++id) {
    if (uploads_.contains(*id) || std::find(ids.begin(), id, *id) != id) {
      return failed("Stream ID '" + *id + "' is already in use.");
    }
  }
  const std::size_t more = ids.size() + (incoming.wants_stream ? 1 : 0);
  if (more > 0 && streams_.size() + uploads_.size() + more > options_.streams_max) {
    return failed("A connection can have " + std::to_string(options_.streams_max) + " streams.");
  }
  return {};
}

bool Invocations::is_allowed(const Method& method) const {
  if (!method.allows) return true;
  try {
    return method.allows(Context(client_.shared_from_this(), hub_.clients(), nullptr));
  } catch (...) {
    logging::error("A hub's policy failed. " + failure_text::detail_of(std::current_exception(), true));
    return false;
  }
}

std::vector<std::shared_ptr<Upload>> Invocations::open_uploads(const std::vector<std::string>& stream_ids) {
  std::vector<std::shared_ptr<Upload>> opened;
  for (const std::string& id : stream_ids) {
    opened.push_back(std::make_shared<Upload>(client_.shard().executor(), options_.upload_items_max));
    uploads_.insert_or_assign(id, opened.back());
  }
  return opened;
}

// Counts a call as over on every path: the connection's end waits for that.
class Invocations::Running {
 public:
  explicit Running(Invocations& calls) : calls_(calls) {}
  ~Running() {
    if (--calls_.running_ == 0) calls_.idle_.wake_all();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Invocations& calls_;
};

runtime::Awaitable<void> Invocations::run(std::shared_ptr<MethodCall> call, std::vector<std::string> stream_ids) {
  const Running running(*this);
  Outcome outcome;
  try {
    MethodResult result = co_await hub_.run(call);
    outcome = outcome_of(*call, std::move(result));
  } catch (...) {
    outcome = Failure{failed(*call, failure_text::detail_of(std::current_exception(), options_.detailed_errors))};
  }
  if (call->method().is_streaming) {
    streams_.erase(call->invocation_id());
    const bool failed = std::holds_alternative<Failure>(outcome) && !call->is_cancelled();
    if (!failed) outcome = NoResult();  // the items were the result
  }
  complete(call->invocation_id(), std::move(outcome));
  for (const std::string& id : stream_ids) uploads_.erase(id);
  call->end();
}

Outcome Invocations::outcome_of(const MethodCall& call, MethodResult result) const {
  if (const auto* binding = std::get_if<BindingError>(&result)) {
    const std::string detail = options_.detailed_errors ? "InvalidDataException: " + binding->detail : "";
    return Failure{failure_text::not_invoked(call.target(), detail)};
  }
  if (std::holds_alternative<Unauthorized>(result)) return Failure{failure_text::unauthorized(call.target())};
  Outcome outcome = std::move(std::get<Outcome>(result));
  if (auto* failure = std::get_if<Failure>(&outcome)) {
    failure->text = failed(call, failure_text::hub_exception(failure->text));
  }
  return outcome;
}

std::string Invocations::failed(const MethodCall& call, const std::string& detail) {
  return call.has_emitted() ? failure_text::stream_broke(detail) : failure_text::method_failed(call.target(), detail);
}

// Fire-and-forget calls are never answered, not even with errors.
void Invocations::complete(const std::string& invocation_id, Outcome outcome) {
  if (!invocation_id.empty()) client_.send(Completion{.invocation_id = invocation_id, .outcome = std::move(outcome)});
}

void Invocations::ask(Invocation invocation, std::chrono::milliseconds timeout, ClientResults::Done done) {
  if (cancelled_ || !client_.is_open()) return done(base::Error{base::ErrorCode::unknown, disconnected_text()});
  invocation.invocation_id = results_.expect(timeout, std::move(done));
  client_.send(invocation);
}

std::string Invocations::disconnected_text() const { return "Connection '" + client_.id() + "' disconnected."; }

void Invocations::cancel() {
  if (std::exchange(cancelled_, true)) return;
  cancel_streams();
  results_.fail_all(disconnected_text());
}

void Invocations::cancel_streams() {
  for (const auto& [id, call] : streams_) call->cancel();
  for (const auto& [id, upload] : std::exchange(uploads_, {})) upload->fail("The underlying connection was closed.");
}

runtime::Awaitable<void> Invocations::end(std::string error) {
  cancel();
  while (running_ > 0) co_await idle_.wait();
  const Context context(client_.shared_from_this(), hub_.clients(), nullptr);
  if (is_connected_) {
    try {
      co_await hub_.disconnected(context, error);
    } catch (...) {
      logging::error("A hub's code for the end of a connection failed. " +
                     failure_text::detail_of(std::current_exception(), true));
    }
  }
  hub_.clients().remove(client_);
}

}  // namespace signalr
