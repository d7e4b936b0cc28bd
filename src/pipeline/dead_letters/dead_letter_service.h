// The questions and the orders of operators about dead letters: JSON in, JSON out. The same class serves the service's
// admin routes and a command that talks to Kafka and MongoDB itself.
//
// Orders go through the log, like messages: only the persister changes which letters are open. Any thread; blocks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/event_log.h"
#include "ports/log_writer.h"
#include "ports/store_reader.h"

namespace message_service {

class DeadLetterService {
 public:
  static constexpr std::size_t kDeadLettersMax = 100;  // in one order

  DeadLetterService(StoreReader& store, EventLog& events, LogWriter& log) : store_(store), events_(events), log_(log) {}

  // `action`: one of the four below. `not_found`: another action. `invalid`: the request is malformed.
  base::Result<std::string> answer(std::string_view action, std::string_view request);

 private:
  // A page of open letters, after the named one, if any: {"letters":[...],"more":bool}.
  base::Result<std::string> list(const std::vector<DeadLetterKey>& after);
  // The records as they were: {"records":[{"id","key","value","headers"}]}. Bytes that are no text are in hex. A record
  // that was too large for the topic is read from the log, at "reference"; when the log no longer has it, "gone" says
  // so.
  base::Result<std::string> show(const std::vector<DeadLetterKey>& keys);
  // Appends each record to the log again: {"results":[{"id","position"}]}, with "error" in place of "position" when
  // that failed.
  base::Result<std::string> retry(const std::vector<DeadLetterKey>& keys);
  // Appends an order to discard each letter; the answer has the same form.
  base::Result<std::string> discard(const std::vector<DeadLetterKey>& keys);

  struct Order;
  std::string place(std::vector<Order> orders);
  base::Result<std::optional<OpenDeadLetter>> find_open(const DeadLetterKey& key);

  StoreReader& store_;
  EventLog& events_;
  LogWriter& log_;
};

}  // namespace message_service
