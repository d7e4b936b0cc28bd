#include "signalr/hub/failure_text.h"

#include "signalr/hub/hub_exception.h"

namespace signalr::failure_text {

namespace {

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

std::string with_detail(std::string text, std::string_view detail) {
  if (!detail.empty()) text.append(" ").append(detail);
  return text;
}

}  // namespace

std::string method_failed(std::string_view target, std::string_view detail) {
  return with_detail(join({"An unexpected error occurred invoking '", target, "' on the server."}), detail);
}

std::string not_invoked(std::string_view target, std::string_view detail) {
  return with_detail(join({"Failed to invoke '", target, "' due to an error on the server."}), detail);
}

std::string stream_broke(std::string_view detail) {
  return with_detail("An error occurred on the server while streaming results.", detail);
}

std::string connection_closed(std::string_view detail) {
  return with_detail("Connection closed with an error.", detail);
}

std::string no_such_method(std::string_view target) {
  return not_invoked(target, hub_exception("Method does not exist."));
}

std::string unauthorized(std::string_view target) {
  return join({"Failed to invoke '", target, "' because user is unauthorized"});
}

std::string must_be_streamed(std::string_view target) {
  return join({"The client attempted to invoke the streaming '", target, "' method with a non-streaming invocation."});
}

std::string cannot_be_streamed(std::string_view target) {
  return join({"The client attempted to invoke the non-streaming '", target, "' method with a streaming invocation."});
}

std::string id_in_use(std::string_view invocation_id) {
  return join({"Invocation ID '", invocation_id, "' is already in use."});
}

std::string wrong_argument_count(std::size_t provided, std::size_t expected) {
  return join({"Invocation provides ", std::to_string(provided), " argument(s) but target expects ",
               std::to_string(expected), "."});
}

std::string wrong_argument_types() {
  return "Error binding arguments. Make sure that the types of the provided values match the types of the hub method "
         "being invoked.";
}

std::string wrong_stream_count(std::size_t sent, std::size_t expected) {
  return join({"Client sent ", std::to_string(sent), " stream(s), Hub method expects ", std::to_string(expected), "."});
}

std::string hub_exception(std::string_view text) { return join({"HubException: ", text}); }

std::string detail_of(const std::exception_ptr& thrown, bool detailed) {
  try {
    std::rethrow_exception(thrown);
  } catch (const HubException& exception) {
    return hub_exception(exception.what());
  } catch (const std::exception& exception) {
    return detailed ? join({"InvalidOperationException: ", exception.what()}) : "";
  } catch (...) {
    return "";
  }
}

}  // namespace signalr::failure_text
