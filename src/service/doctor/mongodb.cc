#include <utility>

#include "adapters/mongodb/inspection.h"
#include "service/doctor/findings.h"

namespace message_service::service {

namespace {

constexpr const char* kMongoDb = "mongodb";
constexpr const char* kReplace = "Start a newer program of message-service in its place; see docs/upgrading.md";
constexpr const char* kRequirements = "See \"MongoDB\" in docs/operations.md for what the service needs of it";

Findings judge_versions(const mongodb::Inspection& seen) {
  if (seen.format == 0) return {};
  std::string text = "format " + std::to_string(seen.format) + ", records up to version " +
                     std::to_string(seen.records_allowed) +
                     " may be written; nodes there: " + std::to_string(seen.nodes.size());
  for (const NodeCard& node : seen.nodes) {
    text += "; " + node.name + " (" + node.roles + ", message-service " + node.program + ", reads up to version " +
            std::to_string(node.reads) + ")";
  }
  Findings found{{kMongoDb, Verdict::well, text, ""}};
  for (const NodeCard& node : seen.nodes) {
    for (const std::string& wait : node.waits) {
      found.push_back({kMongoDb, Verdict::wrong, node.name + ": " + wait, kReplace});
    }
    if (node.reads < seen.records_allowed) {
      found.push_back({kMongoDb, Verdict::wrong, node.name + " is too old for what the other nodes write", kReplace});
    }
  }
  return found;
}

}  // namespace

Findings check_mongodb(const config::Settings& settings) {
  mongodb::Options options = settings.mongodb;
  options.server_selection_timeout = kDoctorPatience;
  options.connect_timeout = kDoctorPatience;
  options.socket_timeout = kDoctorPatience;
  const auto seen = mongodb::inspect(options);
  if (!seen) {
    return {{kMongoDb, Verdict::wrong, seen.error().text,
             seen.error().code == base::ErrorCode::invalid
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
  for (Finding& finding : judge_versions(*seen)) found.push_back(std::move(finding));
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

}  // namespace message_service::service
