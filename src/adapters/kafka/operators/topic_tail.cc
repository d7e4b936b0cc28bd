#include "adapters/kafka/operators/topic_tail.h"

#include <string>
#include <utility>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/cluster.h"
#include "adapters/kafka/consumer.h"
#include "adapters/kafka/errors.h"
#include "adapters/kafka/records.h"

namespace message_service::kafka {

struct TopicTail::Follower {
  // By partition: the offset of the next record, and the end when the tail was opened.
  struct Partition {
    std::int64_t next = 0;
    std::int64_t end = 0;
  };

  Consumer client;
  std::vector<Partition> partitions;
};

TopicTail::TopicTail(std::unique_ptr<Follower> follower) : follower_(std::move(follower)) {}
TopicTail::~TopicTail() = default;

base::Result<std::unique_ptr<TopicTail>> TopicTail::open(const Options& options, std::string_view topic,
                                                         bool from_end) {
  if (auto good = check_client_properties(options); !good) return good.error();
  auto cluster = Cluster::connect(options);
  if (!cluster) return cluster.error();
  const std::string name = options.topic_prefix + std::string(topic);
  const auto ranges = (*cluster)->offsets(name, options.connect_timeout);
  if (!ranges) return ranges.error();

  auto client = make_lone_reader(options, "tail", {{"fetch.wait.max.ms", "100"}},
                                 {{"enable.partition.eof", "true"}, {"auto.offset.reset", "earliest"}});
  if (!client) return client.error();
  auto follower = std::make_unique<Follower>();
  follower->client = std::move(*client);
  if (auto warm = warm_up(follower->client.get(), name, options.connect_timeout); !warm) return warm.error();

  const auto list = make_partition_list(ranges->size());
  for (const OffsetRange& range : *ranges) {
    const auto partition = static_cast<std::int32_t>(follower->partitions.size());
    const std::int64_t start = from_end ? range.end : range.begin;
    rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition)->offset = start;
    follower->partitions.push_back({start, range.end});
  }
  if (const auto error = assign(follower->client.get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return to_error(error, "follow topic " + name);
  }
  return std::unique_ptr<TopicTail>(new TopicTail(std::move(follower)));
}

base::Result<std::vector<ConsumedRecord>> TopicTail::read(std::size_t records_max, Milliseconds patience) {
  std::vector<ConsumedRecord> records;
  while (records.size() < records_max) {
    const int wait = records.empty() ? static_cast<int>(patience.count()) : 0;
    const MessagePtr message(rd_kafka_consumer_poll(follower_->client.get(), wait));
    if (!message) break;
    const auto partition = static_cast<std::size_t>(message->partition);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (partition < follower_->partitions.size()) follower_->partitions[partition].next = message->offset;
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return to_error(message->err, "follow the topic");
    } else {
      records.push_back(consumed_record(*message));
      follower_->partitions.at(partition).next = message->offset + 1;
    }
  }
  return records;
}

std::size_t TopicTail::partitions() const { return follower_->partitions.size(); }

bool TopicTail::caught_up() const {
  for (const auto& partition : follower_->partitions) {
    if (partition.next < partition.end) return false;
  }
  return true;
}

}  // namespace message_service::kafka
