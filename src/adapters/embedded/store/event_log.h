// EventLog on the tables of sent events and of dead letters, for messages that are stored elsewhere. EmbeddedStore
// writes the events of messages that are stored here, together with the messages. Any thread.
#pragma once

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/event_log.h"

namespace message_service::embedded {

class EmbeddedEventLog final : public EventLog {
 public:
  EmbeddedEventLog(Database& database, Damage& damage) : database_(database), damage_(damage) {}
  base::Result<void> publish(const std::vector<Stored>& sent, const std::vector<DeadLetter>& dead_letters) override;
  base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) override;

 private:
  Database& database_;
  Damage& damage_;
};

}  // namespace message_service::embedded
