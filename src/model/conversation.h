// A conversation and its participants. Values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace message_service {

enum class Role : std::uint8_t {
  member,  // reads and writes
  owner,   // also decides who takes part
  reader,  // reads
};

inline constexpr std::array kRoles{Role::member, Role::owner, Role::reader};

constexpr std::string_view to_text(Role role) {
  switch (role) {
    case Role::member:
      return "member";
    case Role::owner:
      return "owner";
    case Role::reader:
      return "reader";
  }
  return "";
}

inline std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : kRoles) {
    if (to_text(role) == text) return role;
  }
  return std::nullopt;
}

struct Participant {
  std::string id;
  std::string type;
  Role role = Role::member;
  bool operator==(const Participant&) const = default;
};

struct Conversation {
  std::string id;
  std::string title;
  std::vector<Participant> participants;
  base::Timestamp created_at = 0;

  // Whether both ask for the same conversation, whenever they were made.
  bool same_content(const Conversation& other) const {
    return id == other.id && title == other.title && participants == other.participants;
  }
};

}  // namespace message_service
