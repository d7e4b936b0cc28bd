// The error texts that callers get, word for word as the clients' own tests expect them. Pure.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace signalr::failure_text {

// In all of these an empty detail is left out.
std::string method_failed(std::string_view target, std::string_view detail);
std::string not_invoked(std::string_view target, std::string_view detail);
std::string stream_broke(std::string_view detail);
std::string connection_closed(std::string_view detail);

std::string no_such_method(std::string_view target);
std::string unauthorized(std::string_view target);
std::string must_be_streamed(std::string_view target);
std::string cannot_be_streamed(std::string_view target);
std::string id_in_use(std::string_view invocation_id);
std::string wrong_argument_count(std::size_t provided, std::size_t expected);
std::string wrong_argument_types();
std::string wrong_stream_count(std::size_t sent, std::size_t expected);

// The detail for a text that may always be shown.
std::string hub_exception(std::string_view text);

// The detail of an exception: of a HubException always, of any other only when details are allowed.
std::string detail_of(const std::exception_ptr& thrown, bool detailed);

}  // namespace signalr::failure_text
