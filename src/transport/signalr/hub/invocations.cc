#include "transport/signalr/hub/invocations.h"

#include <utility>

namespace message_service::signalr {

namespace {

std::string unexpected_error(std::string_view target, std::string_view text) {
  std::string error = "An unexpected error occurred invoking '";
  return error.append(target).append("' on the server. HubException: ").append(text);
}

std::string failed_to_invoke(std::string_view target, std::string_view detail) {
  std::string error = "Failed to invoke '";
  error.append(target).append("' due to an error on the server.");
  if (!detail.empty()) error.append(" ").append(detail);
  return error;
}

}  // namespace

Awaitable<void> Invocations::take(Hub::Caller caller, HubMessage message) {
  if (auto* invocation = std::get_if<Invocation>(&message)) {
    busy_ = true;
    co_await invoke(std::move(caller), std::move(*invocation));
    busy_ = false;
  } else if (const auto* stream = std::get_if<StreamInvocation>(&message)) {
    refuse(*stream);
  }
}

Awaitable<void> Invocations::invoke(Hub::Caller caller, Invocation invocation) {
  const std::string target = invocation.target;
  const std::string id = invocation.invocation_id;
  const Hub::Method* method = hub_.find(target);
  if (method == nullptr) {
    complete(id, Failure{failed_to_invoke(target, "HubException: Method does not exist.")});
    co_return;
  }
  MethodResult result = co_await (*method)(std::move(caller), std::move(invocation.arguments));
  if (const auto* binding = std::get_if<BindingError>(&result)) {
    const std::string detail = detailed_errors_ ? "InvalidDataException: " + binding->detail : "";
    complete(id, Failure{failed_to_invoke(target, detail)});
    co_return;
  }
  Outcome outcome = std::move(std::get<Outcome>(result));
  if (auto* failure = std::get_if<Failure>(&outcome)) failure->text = unexpected_error(target, failure->text);
  complete(id, std::move(outcome));
}

void Invocations::refuse(const StreamInvocation& invocation) {
  const bool known = hub_.find(invocation.target) != nullptr;
  complete(invocation.invocation_id,
           Failure{known ? "The client attempted to invoke the non-streaming '" + invocation.target +
                               "' method with a streaming invocation."
                         : failed_to_invoke(invocation.target, "HubException: Method does not exist.")});
}

// Fire-and-forget calls are never answered, not even with errors.
void Invocations::complete(const std::string& invocation_id, Outcome outcome) {
  if (!invocation_id.empty()) send_(Completion{.invocation_id = invocation_id, .outcome = std::move(outcome)});
}

}  // namespace message_service::signalr
