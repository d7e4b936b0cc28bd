#include "adapters/embedded/store/event_publisher.h"

#include "adapters/embedded/store/store_batch.h"

namespace message_service::embedded {

base::Result<void> EmbeddedEventPublisher::publish(const std::vector<Stored>& sent,
                                                   const std::vector<DeadLetter>& dead_letters) {
  return database_.update(Database::Durability::now, [&](StoreBatch& write) -> base::Result<void> {
    for (const Stored& stored : sent) write.announce_elsewhere(stored);
    for (const DeadLetter& letter : dead_letters) write.add_dead_letter(letter);
    return {};
  });
}

}  // namespace message_service::embedded
