#include "adapters/embedded/event_publisher.h"

#include "adapters/embedded/store_batch.h"

namespace message_service::embedded {

base::Result<void> EmbeddedEventPublisher::publish(const std::vector<Stored>& sent,
                                                   const std::vector<DeadLetter>& dead_letters) {
  const std::scoped_lock lock(database_.store_mutex());
  StoreBatch write(database_, base::wall_now());
  for (const Stored& stored : sent) write.announce_elsewhere(stored);
  for (const DeadLetter& letter : dead_letters) write.add_dead_letter(letter);
  return write.write(Database::Durability::now);
}

}  // namespace message_service::embedded
