// The hub protocol's messages as values, the same for every encoding. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "signalr/protocol/value.h"

namespace signalr {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Invocation and StreamInvocation differ in meaning only.
template <class Kind>
struct Call {
  std::string target{};
  std::vector<Value> arguments{};
  std::string invocation_id{};  // empty: fire and forget (an Invocation only)
  std::vector<std::string> stream_ids{};
  Headers headers{};

  bool operator==(const Call&) const = default;
};

using Invocation = Call<struct InvocationKind>;
using StreamInvocation = Call<struct StreamInvocationKind>;

struct StreamItem {
  std::string invocation_id{};
  Value item{};
  Headers headers{};

  bool operator==(const StreamItem&) const = default;
};

// The call ended well and there is nothing to return; not the same as a result that is null.
struct NoResult {
  bool operator==(const NoResult&) const = default;
};

// An empty text is written as a general one, since clients take "" for success.
struct Failure {
  std::string text{};

  bool operator==(const Failure&) const = default;
};

// The text to write for a failure.
inline std::string_view error_text(const Failure& failure) {
  return failure.text.empty() ? std::string_view("An error occurred.") : std::string_view(failure.text);
}

struct Completion {
  std::string invocation_id{};
  std::variant<NoResult, Value, Failure> outcome{};
  Headers headers{};

  bool operator==(const Completion&) const = default;
};

struct CancelInvocation {
  std::string invocation_id{};
  Headers headers{};

  bool operator==(const CancelInvocation&) const = default;
};

struct Ping {
  bool operator==(const Ping&) const = default;
};

struct Close {
  std::string error{};  // empty: a graceful end
  bool allow_reconnect = false;

  bool operator==(const Close&) const = default;
};

struct Ack {
  std::int64_t sequence_id = 0;

  bool operator==(const Ack&) const = default;
};

struct Sequence {
  std::int64_t sequence_id = 0;

  bool operator==(const Sequence&) const = default;
};

// A message of a type that a later version may have. The connection ignores it.
struct Unknown {
  bool operator==(const Unknown&) const = default;
};

using HubMessage = std::variant<Invocation, StreamItem, Completion, StreamInvocation, CancelInvocation, Ping, Close,
                                Ack, Sequence, Unknown>;

// The number on the wire.
inline int message_type(const HubMessage& message) { return static_cast<int>(message.index()) + 1; }

}  // namespace signalr
