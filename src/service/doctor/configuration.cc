#include "service/doctor/findings.h"

namespace message_service::service {

namespace {

constexpr const char* kConfiguration = "configuration";

}  // namespace

Findings check_configuration(const config::Settings& settings) {
  const bool kafka = settings.providers.event_log == config::EventLog::kafka;
  const bool mongodb = settings.providers.message_store == config::MessageStore::mongodb;
  Findings found{{kConfiguration, Verdict::well,
                  std::string("log: ") + (kafka ? "Kafka" : "embedded") +
                      ", store: " + (mongodb ? "MongoDB" : "embedded") + "; every value is in its bounds",
                  ""}};
  if (settings.ingress.synchronous) {
    found.push_back(
        {kConfiguration, Verdict::hint,
         "MessagePersistence:Mode is Synchronous: each request waits for the store, and the log is not used "
         "for what is posted",
         "Set WriteBehind, on all nodes at once, unless this is meant as a comparison"});
  }
  if (kafka && settings.kafka.auto_offset_reset == kafka::OffsetReset::latest) {
    found.push_back({kConfiguration, Verdict::hint,
                     "KafkaSettings:AutoOffsetReset is latest: a group passes over what lay in the topic before its "
                     "first start",
                     "Set earliest, so that a new group stores all there is"});
  }
  if (kafka != mongodb) {
    found.push_back({kConfiguration, Verdict::hint,
                     std::string("the ") + (kafka ? "store" : "log") + " is in this machine's data folder while the " +
                         (kafka ? "log is in Kafka" : "store is in MongoDB"),
                     "Right for one node; more nodes need Kafka and MongoDB together"});
  }
  return found;
}

}  // namespace message_service::service
