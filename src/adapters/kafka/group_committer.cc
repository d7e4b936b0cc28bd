#include "adapters/kafka/group_committer.h"

#include <utility>

#include "adapters/kafka/client_conf.h"
#include "adapters/kafka/errors.h"

namespace message_service::kafka {

namespace {

constexpr const char* kSettling = "settle where the group begins";

}  // namespace

base::Result<GroupCommitter> GroupCommitter::make(const Options& options) {
  auto conf = make_conf(
      options, {},
      {{"group.id", options.group_id}, {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}});
  if (!conf) return conf.error();
  auto client = make_consumer(std::move(*conf));
  if (!client) return client.error();
  return GroupCommitter(std::move(*client));
}

base::Result<void> GroupCommitter::read(rd_kafka_topic_partition_list_t& partitions, Milliseconds timeout) {
  const auto error = rd_kafka_committed(client_.get(), &partitions, count_of(timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, kSettling);
  for (int i = 0; i < partitions.cnt; ++i) {
    const auto& element = partitions.elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(element.err, kSettling);
  }
  return {};
}

base::Result<void> GroupCommitter::commit(const rd_kafka_topic_partition_list_t& partitions, Milliseconds timeout) {
  const Queue answers(rd_kafka_queue_new(client_.get()));
  auto error = rd_kafka_commit_queue(client_.get(), &partitions, answers.get(), nullptr, nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, kSettling);
  const EventPtr answer(rd_kafka_queue_poll(answers.get(), count_of(timeout)));
  if (!answer) return base::Error{base::ErrorCode::unavailable, "Kafka did not answer in time"};
  error = rd_kafka_event_error(answer.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(error, kSettling);
  return {};
}

}  // namespace message_service::kafka
