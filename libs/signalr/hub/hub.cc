#include "signalr/hub/hub.h"

#include <algorithm>

#include "base/ascii.h"

namespace signalr {

Method& Hub::add(std::string_view name, PlainMethod method) {
  return add(name, Method{.run = [method = std::move(method)](const std::shared_ptr<MethodCall>& call) {
               return method(call->context().shared_connection(), std::move(call->arguments()));
             }});
}

Method& Hub::add(std::string_view name, Method method) {
  return methods_.insert_or_assign(base::to_lower(name), std::move(method)).first->second;
}

const Method* Hub::find(std::string_view name) const {
  const auto found = methods_.find(base::to_lower(name));
  return found == methods_.end() ? nullptr : &found->second;
}

runtime::Awaitable<MethodResult> Hub::run(const std::shared_ptr<MethodCall>& call) const {
  return filters_.empty() ? call->method().run(call) : run_from(0, call);
}

runtime::Awaitable<MethodResult> Hub::run_from(std::size_t filter, std::shared_ptr<MethodCall> call) const {
  const Next next = [this, filter, call] {
    return filter + 1 == filters_.size() ? call->method().run(call) : run_from(filter + 1, call);
  };
  MethodResult result = co_await filters_[filter](*call, next);
  co_return result;
}

std::vector<std::string> Hub::method_names() const {
  std::vector<std::string> names;
  for (const auto& [name, method] : methods_) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

runtime::Awaitable<void> Hub::connected(const Context& context) const {
  if (connected_) co_await connected_(context, {});
}

runtime::Awaitable<void> Hub::renewed(const Context& context) const {
  if (renewed_) co_await renewed_(context, {});
}

runtime::Awaitable<void> Hub::disconnected(const Context& context, const std::string& error) const {
  if (disconnected_) co_await disconnected_(context, error);
}

}  // namespace signalr
