// What operators may ask about dead letters, and order: JSON in, JSON out. The same class answers behind the service's
// admin routes and inside a command that talks to Kafka and MongoDB itself.
//
// Orders go through the log, like messages: the persister alone changes what is open. Any thread; blocks.
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

  // `action`: one of the four below. `not_found`: another one. `invalid`: the request is not what it must be.
  base::Result<std::string> answer(std::string_view action, std::string_view request);

 private:
  // A page of open letters, behind the one named, if any is: {"letters":[...],"more":bool}.
  base::Result<std::string> list(const std::vector<DeadLetterKey>& after);
  // The records as they came: {"records":[{"id","key","value","headers"}]}. Bytes that are no text are in hex. One that
  // was too large for the topic is read from the log, at "reference"; where it is there no more, "gone" says so.
  base::Result<std::string> show(const std::vector<DeadLetterKey>& keys);
  // Appends each to the log again: {"results":[{"id","position"}]}, with "error" instead where that was not done.
  base::Result<std::string> retry(const std::vector<DeadLetterKey>& keys);
  // Appends that each is given up; the answer is the same.
  base::Result<std::string> discard(const std::vector<DeadLetterKey>& keys);

  struct Order;
  std::string place(std::vector<Order> orders);
  base::Result<std::optional<OpenDeadLetter>> find_open(const DeadLetterKey& key);

  StoreReader& store_;
  EventLog& events_;
  LogWriter& log_;
};

}  // namespace message_service
