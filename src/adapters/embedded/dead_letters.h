// The open dead letters of the store, and the topic of dead letters as the process that owns the folder reads it. Any
// thread.
#pragma once

#include "adapters/embedded/database.h"
#include "ports/dead_letter_reader.h"
#include "ports/open_letter_reader.h"

namespace message_service::embedded {

class EmbeddedOpenLetters final : public OpenLetterReader {
 public:
  explicit EmbeddedOpenLetters(Database& database) : database_(database) {}
  Result<std::vector<OpenLetter>> open_letters(const OpenLetterQuery& query) override;

 private:
  Database& database_;
};

class EmbeddedDeadLetters final : public DeadLetterReader {
 public:
  explicit EmbeddedDeadLetters(Database& database) : database_(database) {}
  Result<std::vector<Found>> find_dead_letters(const std::vector<Position>& origins) override;

 private:
  Database& database_;
};

}  // namespace message_service::embedded
