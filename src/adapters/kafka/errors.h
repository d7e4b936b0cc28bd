// librdkafka's errors as ours, and which of them may pass by themselves. Private to the adapter.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "base/result.h"

namespace message_service::kafka {

// The kind of a request to Kafka.
enum class Call {
  append,      // a message to the log
  publish,     // an event or a dead letter
  read,        // records of a topic
  commit,      // a group's position
  administer,  // topics, their settings, a group's first position
};

// The response to an error of a call.
enum class Remedy {
  try_again,     // the call may succeed later; until then the records wait
  refuse,        // never succeeds: the caller gets the error (413, or a start that names the fault)
  skip,          // never succeeds: the record is left out and logged, and readers find it in the store
  send_alone,    // not in a batch with others: in smaller batches
  new_producer,  // this producer can send no more
  look_anew,     // the topic is another one, or shorter: the reader looks again where to begin
  leave,         // another member owns the partition now, and does the work
};

// errors.cc has the table of all errors whose remedy is not try_again.
Remedy remedy_of(Call call, rd_kafka_resp_err_t error);

base::ErrorCode code_of(rd_kafka_resp_err_t error);

// Whether Kafka refuses the record each time that it is sent together with the same others.
bool is_refused_for_good(Call call, rd_kafka_resp_err_t error);

inline base::Error to_error(rd_kafka_resp_err_t error, const std::string& what) {
  return {code_of(error), "cannot " + what + ": " + rd_kafka_err2str(error)};
}

}  // namespace message_service::kafka
