#include "adapters/kafka/errors.h"

#include <algorithm>
#include <array>

namespace message_service::kafka {

namespace {

struct Rule {
  Call call;
  rd_kafka_resp_err_t error;
  Remedy remedy;
};

// A call with an error that is not in the table may succeed later: brokers that are away, leaders that move, quotas, a
// full disk, rights that somebody may yet grant.
constexpr std::array kRules{
    // Kafka's client and its brokers each limit the size of a record. A batch has a limit, too, and the batch alone may
    // be too large: see Producer::outcome_of() and KafkaEventLog.
    Rule{Call::append, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Remedy::refuse},
    Rule{Call::append, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, Remedy::refuse},
    Rule{Call::append, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, Remedy::send_alone},
    Rule{Call::append, RD_KAFKA_RESP_ERR_INVALID_RECORD, Remedy::refuse},  // a broker's own rule
    Rule{Call::publish, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Remedy::skip},
    Rule{Call::publish, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, Remedy::skip},
    Rule{Call::publish, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, Remedy::send_alone},
    Rule{Call::publish, RD_KAFKA_RESP_ERR_INVALID_RECORD, Remedy::skip},
    Rule{Call::publish, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, Remedy::skip},  // a topic that keeps its producers' times
    // An idempotent producer has lost its place, or another producer has taken it over.
    Rule{Call::append, RD_KAFKA_RESP_ERR__FATAL, Remedy::new_producer},
    Rule{Call::append, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, Remedy::new_producer},
    Rule{Call::append, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, Remedy::new_producer},
    Rule{Call::append, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, Remedy::new_producer},
    Rule{Call::publish, RD_KAFKA_RESP_ERR__FATAL, Remedy::new_producer},
    Rule{Call::publish, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, Remedy::new_producer},
    Rule{Call::publish, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, Remedy::new_producer},
    Rule{Call::publish, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, Remedy::new_producer},
    // The position is not in the log: records were deleted, or the topic is another one.
    Rule{Call::read, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, Remedy::look_anew},
    Rule{Call::read, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, Remedy::look_anew},
    // The group has assigned its partitions again.
    Rule{Call::commit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, Remedy::leave},
    Rule{Call::commit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, Remedy::leave},
    Rule{Call::commit, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, Remedy::leave},
    // A person has to change something first; the start reports it.
    Rule{Call::administer, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_INVALID_CONFIG, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, Remedy::refuse},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, Remedy::leave},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, Remedy::leave},
    Rule{Call::administer, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, Remedy::leave},
};

}  // namespace

Remedy remedy_of(Call call, rd_kafka_resp_err_t error) {
  const auto found =
      std::ranges::find_if(kRules, [&](const Rule& rule) { return rule.call == call && rule.error == error; });
  return found == kRules.end() ? Remedy::try_again : found->remedy;
}

bool is_refused_for_good(Call call, rd_kafka_resp_err_t error) {
  const Remedy remedy = remedy_of(call, error);
  return remedy == Remedy::refuse || remedy == Remedy::skip || (call == Call::publish && remedy == Remedy::send_alone);
}

base::ErrorCode code_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return base::ErrorCode::not_found;
    default:
      break;
  }
  switch (remedy_of(Call::administer, error)) {
    case Remedy::refuse:
      return base::ErrorCode::invalid;
    case Remedy::leave:
      return base::ErrorCode::conflict;
    default:
      return base::ErrorCode::unavailable;
  }
}

}  // namespace message_service::kafka
