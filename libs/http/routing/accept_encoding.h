// Which of a resource's encodings a client gets (RFC 9110, section 12.5.3). Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace http {

inline constexpr std::string_view kIdentity = "identity";

// `accept_encoding`: every value of that header; none: the client gets the resource as it is. `available`: the codings
// that the resource has besides identity, the best one first. It wins among those that the client likes equally well.
// Identity wins only where the client prefers it or takes nothing else. Nothing: the client accepts none of them.
std::optional<std::string_view> choose_coding(std::span<const std::string_view> accept_encoding,
                                              std::span<const std::string_view> available);

}  // namespace http
