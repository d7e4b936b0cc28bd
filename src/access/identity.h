// Who makes a request, as a verified token says. Values; shared by the requests and connections that bring the token.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/routing/router.h"

namespace message_service::access {

// What a program of the back end, or an operator, may do beyond a person.
enum class Scope : std::uint8_t {
  send_any = 1,              // "send:any": writes in anybody's name, into any conversation
  conversations_manage = 2,  // "conversations:manage": makes, reads and changes any conversation
  events_read = 4,           // "events:read"
  operate = 8,               // "operator"
};

class Scopes {
 public:
  // Unknown words are another service's.
  void add(std::string_view word);
  void add(Scope scope) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(scope)); }
  bool has(Scope scope) const { return (bits_ & static_cast<std::uint8_t>(scope)) != 0; }

 private:
  std::uint8_t bits_ = 0;
};

struct Identity final : http::Principal {
  std::string subject;      // a person's id: `senderId` of what the person writes
  std::string sender_type;  // empty: the token does not say
  Scopes scopes;
  base::Timestamp issued_at = 0;   // 0: the token does not say
  base::Timestamp expires_at = 0;  // of the token itself, without any allowance for clocks

  // Whether the caller may learn which conversations exist.
  bool sees_all() const { return scopes.has(Scope::send_any) || scopes.has(Scope::conversations_manage); }
};

using SharedIdentity = std::shared_ptr<const Identity>;

// Null: sign-in is off, and everybody may do everything.
inline SharedIdentity identity_of(const http::Exchange& exchange) {
  return std::static_pointer_cast<const Identity>(exchange.principal);
}

}  // namespace message_service::access
