// The dead-letter topic as a queue that people work through: what is in it, put back, let go.
//
// Kafka cannot take a record out of a topic, so what becomes of a dead letter is a record behind it, in the same
// partition: the same key, no value, and the headers `resolution` (`retried` or `discarded`) and `resolves-offset`.
// Whoever reads the topic sees both; clients are not told again. One thread at a time; blocks for the brokers.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/kafka/options.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service::kafka {

class DeadLetters {
 public:
  // Errors as Kafka::connect(); a topic that is missing stays so.
  static Result<std::unique_ptr<DeadLetters>> open(const Options& options);
  ~DeadLetters();
  DeadLetters(const DeadLetters&) = delete;
  DeadLetters& operator=(const DeadLetters&) = delete;

  // Those nobody has retried or discarded, at most `records_max`, by partition and offset. Goes over the whole topic.
  Result<std::vector<ConsumedRecord>> list(std::size_t records_max);

  // `not_found`: there is no such dead letter, or no more.
  Result<ConsumedRecord> find(Position position);

  // Puts the records back into the log as they came, in the order given, and lets them go. A crash in between may put
  // one back twice, which its key makes harmless. On an error some may be done; those are not listed any more.
  Result<void> retry(const std::vector<ConsumedRecord>& letters);

  Result<void> discard(const std::vector<ConsumedRecord>& letters);

  // Deletes what lies before the oldest dead letter that is left in each partition. For good.
  Result<void> purge();

 private:
  struct Parts;
  explicit DeadLetters(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace message_service::kafka
