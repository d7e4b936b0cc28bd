#include "access/identity.h"

namespace message_service::access {

void Scopes::add(std::string_view word) {
  if (word == "send:any") add(Scope::send_any);
  if (word == "conversations:manage") add(Scope::conversations_manage);
  if (word == "events:read") add(Scope::events_read);
  if (word == "operator") add(Scope::operate);
}

}  // namespace message_service::access
