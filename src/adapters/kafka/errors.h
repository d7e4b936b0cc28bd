// librdkafka's errors as ours, and which of them may go away by themselves. Private to the adapter.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "base/result.h"

namespace message_service::kafka {

// What was asked of Kafka.
enum class Call {
  append,      // a message to the log
  publish,     // an event or a dead letter
  read,        // records of a topic
  commit,      // a group's position
  administer,  // topics, their settings, a group's first position
};

// What follows from an error of a call.
enum class Remedy {
  try_again,     // it may succeed later, and what waits goes on waiting
  refuse,        // never: the caller is told so (413, or a start that names what is wrong)
  skip,          // never: this one is passed over and counted, and readers find it in the store
  send_alone,    // not together with others: in smaller batches
  new_producer,  // not by this producer any more
  look_anew,     // the topic is another one, or shorter: the reader looks where to begin
  leave,         // the partition is another member's by now, who does it
};

// The table of all errors that call for something else than to try again stands in errors.cc.
Remedy remedy_of(Call call, rd_kafka_resp_err_t error);

base::ErrorCode code_of(rd_kafka_resp_err_t error);

// Whether Kafka takes no such record in the company that it came in, however often it is sent.
bool is_refused_for_good(Call call, rd_kafka_resp_err_t error);

inline base::Error to_error(rd_kafka_resp_err_t error, const std::string& what) {
  return {code_of(error), "cannot " + what + ": " + rd_kafka_err2str(error)};
}

}  // namespace message_service::kafka
