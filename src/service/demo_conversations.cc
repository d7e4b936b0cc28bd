#include "service/demo_conversations.h"

#include "base/clock.h"

namespace message_service::service {

base::Result<void> make_demo_conversations(Store& store, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    const Conversation demo{.id = id,
                            .title = "Demo",
                            .participants = {{"parent-001", "Parent"}, {"teacher-001", "Teacher"}},
                            .created_at = base::wall_now()};
    const auto made = store.create_conversation(demo);
    if (!made && made.error().code != base::ErrorCode::conflict) return made.error();
  }
  return {};
}

}  // namespace message_service::service
