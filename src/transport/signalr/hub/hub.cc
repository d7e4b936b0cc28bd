#include "transport/signalr/hub/hub.h"

namespace message_service::signalr {

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

Method& Hub::add(std::string_view name, PlainMethod method) {
  return add(name, Method{.run = [method = std::move(method)](const std::shared_ptr<MethodCall>& call) {
               return method(call->context().shared_connection(), std::move(call->arguments()));
             }});
}

Method& Hub::add(std::string_view name, Method method) {
  return methods_.insert_or_assign(lower_case(name), std::move(method)).first->second;
}

const Method* Hub::find(std::string_view name) const {
  const auto found = methods_.find(lower_case(name));
  return found == methods_.end() ? nullptr : &found->second;
}

Awaitable<MethodResult> Hub::run(const std::shared_ptr<MethodCall>& call) const {
  return filters_.empty() ? call->method().run(call) : run_from(0, call);
}

Awaitable<MethodResult> Hub::run_from(std::size_t filter, std::shared_ptr<MethodCall> call) const {
  const Next next = [this, filter, call] {
    return filter + 1 == filters_.size() ? call->method().run(call) : run_from(filter + 1, call);
  };
  MethodResult result = co_await filters_[filter](*call, next);
  co_return result;
}

Awaitable<void> Hub::connected(const Context& context) const {
  if (connected_) co_await connected_(context, {});
}

Awaitable<void> Hub::disconnected(const Context& context, const std::string& error) const {
  if (disconnected_) co_await disconnected_(context, error);
}

}  // namespace message_service::signalr
