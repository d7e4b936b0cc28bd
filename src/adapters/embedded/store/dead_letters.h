// The open dead letters of the store, and the topic of dead letters as the process that owns the folder reads it. Any
// thread.
#pragma once

#include "adapters/embedded/store/database.h"
#include "observe/damage.h"
#include "ports/dead_letter_reader.h"
#include "ports/open_dead_letter_reader.h"

namespace message_service::embedded {

class EmbeddedOpenDeadLetters final : public OpenDeadLetterReader {
 public:
  EmbeddedOpenDeadLetters(Database& database, Damage& damage) : database_(database), damage_(damage) {}
  base::Result<std::vector<OpenDeadLetter>> open_dead_letters(const OpenDeadLetterQuery& query) override;

 private:
  Database& database_;
  Damage& damage_;
};

class EmbeddedDeadLetters final : public DeadLetterReader {
 public:
  EmbeddedDeadLetters(Database& database, Damage& damage) : database_(database), damage_(damage) {}
  base::Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) override;

 private:
  Database& database_;
  Damage& damage_;
};

}  // namespace message_service::embedded
