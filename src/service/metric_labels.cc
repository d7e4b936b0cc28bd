#include "service/metric_labels.h"

#include "access/rate_limits.h"
#include "model/dead_letter.h"
#include "pipeline/views/compare_view.h"

namespace message_service::service {

void show_all_reasons(const Metrics& metrics) {
  for (const char* reason :
       {"overload", "append-queue", "lag", "queue-wait", "store-queue", "memory", "conversation-backlog", "older-nodes",
        "disk", "log", "stopping", "connections", "descriptors"}) {
    (void)metrics.refused.with(reason);
  }
  for (const char* what : {"messages", "conversations", "events"}) (void)metrics.unreadable.with(what);
  for (const access::Limit limit : access::kLimits) {
    (void)metrics.rate_limited.with(to_text(limit));
    (void)metrics.rate_limit_dry_run.with(to_text(limit));
  }
  for (const std::string_view outcome : kViewOutcomeNames) {
    if (outcome != to_text(ViewOutcome::ahead)) (void)metrics.view_reports.with(outcome);
  }
  for (const char* outcome : {"outside", "unread", "refused"}) (void)metrics.view_reports.with(outcome);
  for (const DeadReason reason : kDeadReasons) (void)metrics.dead_letter.with(to_text(reason));
}

}  // namespace message_service::service
