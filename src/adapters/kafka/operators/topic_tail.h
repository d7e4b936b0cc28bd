// Follows one topic for people: every partition, no group, no changes. One thread; librdkafka stays inside.
//
// Records of one partition arrive in their order; records of several partitions arrive as they are fetched.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "adapters/kafka/options.h"
#include "base/result.h"
#include "model/log_record.h"

namespace message_service::kafka {

class TopicTail {
 public:
  // `topic`: a topic's name as in wire/event_json.h, without the prefix. `from_end`: only records from now on.
  static base::Result<std::unique_ptr<TopicTail>> open(const Options& options, std::string_view topic, bool from_end);
  ~TopicTail();
  TopicTail(const TopicTail&) = delete;
  TopicTail& operator=(const TopicTail&) = delete;

  // The records since the last call, at most `records_max`; waits for the first one, at most `patience`.
  base::Result<std::vector<ConsumedRecord>> read(std::size_t records_max, Milliseconds patience = Milliseconds(100));

  // The number when the tail was opened; partitions that are added later are not followed.
  std::size_t partitions() const;

  // Whether all records were read that were there when the tail was opened.
  bool caught_up() const;

 private:
  struct Follower;
  explicit TopicTail(std::unique_ptr<Follower> follower);
  std::unique_ptr<Follower> follower_;
};

}  // namespace message_service::kafka
