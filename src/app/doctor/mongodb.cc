#include "adapters/mongodb/inspection.h"
#include "app/doctor/findings.h"
#include "app/options.h"

namespace message_service::app {

namespace {

constexpr const char* kMongoDb = "mongodb";
constexpr const char* kRequirements = "See \"MongoDB\" in docs/operations.md for what the service needs of it";

}  // namespace

Findings check_mongodb(const config::Settings& settings) {
  mongodb::Options options = mongodb_options(settings);
  options.server_selection_timeout = kDoctorPatience;
  options.connect_timeout = kDoctorPatience;
  options.socket_timeout = kDoctorPatience;
  const auto seen = mongodb::inspect(options);
  if (!seen) {
    return {{kMongoDb, Verdict::wrong, seen.error().text,
             seen.error().code == ErrorCode::invalid
                 ? "Put MongoDbSettings:ConnectionString right"
                 : "Start MongoDB, or correct MongoDbSettings:ConnectionString (hosts, TLS, sign-in); messages are "
                   "accepted meanwhile where Kafka or the embedded log takes them"}};
  }
  Findings found{
      {kMongoDb, Verdict::well,
       "version " + seen->version +
           (seen->replica_set.empty() ? ""
                                      : ", replica set " + seen->replica_set + " of " + std::to_string(seen->members)) +
           ", clock " + std::to_string(seen->clock_skew.count()) + " ms from ours",
       ""}};
  for (const std::string& problem : seen->problems) found.push_back({kMongoDb, Verdict::wrong, problem, kRequirements});
  for (const std::string& rule : seen->foreign_rules) {
    found.push_back({kMongoDb, Verdict::hint, rule,
                     "The service works without it. A message that it keeps out is a dead letter (store-refused)"});
  }
  if (!seen->sequence_index) {
    found.push_back({kMongoDb, Verdict::hint, "the index that history is read by is not there",
                     "The service makes it when it starts, if its user may"});
  }
  if (seen->members == 1) {
    found.push_back({kMongoDb, Verdict::hint, "the replica set has one member: its disk holds the only copy",
                     "Three members survive the loss of one"});
  }
  return found;
}

}  // namespace message_service::app
