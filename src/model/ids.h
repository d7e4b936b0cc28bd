// Identifiers: temporary ids (UUIDv7, made by the sender) and real ids (ObjectId, derived, so every node agrees).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace message_service {

// RFC 9562, section 5.7: 48 bits of Unix milliseconds, then random bits.
std::string make_uuid_v7(base::Timestamp now);

// The milliseconds inside a UUIDv7, if the text is one.
std::optional<base::Timestamp> uuid_v7_time(std::string_view text);

// The 12 bytes of a MongoDB ObjectId.
using ObjectIdBytes = std::array<std::uint8_t, 12>;

// The real id of a message. A pure function of its key (conversation, temporary id), so that a retry or a replay on
// any node names the same message. A UUIDv7 gives 4 bytes of seconds and 10 bits of milliseconds, so that new ids lie
// together at the end of every index; the rest, and all of it for other temporary ids, is SHA-256.
ObjectIdBytes derive_message_id(std::string_view conversation_id, std::string_view temporary_message_id);

// The last six bytes of an id are SHA-256 already.
struct MessageIdHash {
  std::size_t operator()(const ObjectIdBytes& id) const {
    std::size_t hash;
    std::memcpy(&hash, id.data() + 4, sizeof hash);
    return hash;
  }
};

std::optional<ObjectIdBytes> parse_object_id(std::string_view hex);

}  // namespace message_service
