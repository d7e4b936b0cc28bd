#include "bench/server_metrics.h"

#include <gtest/gtest.h>

namespace message_service::bench {
namespace {

constexpr std::string_view text =
    "# HELP process_cpu_seconds_total CPU\n"
    "# TYPE process_cpu_seconds_total counter\n"
    "process_cpu_seconds_total 12.5\n"
    "process_cpu_seconds_total_more 99\n"
    "lag{partition=\"0\"} 3\n"
    "lag{partition=\"a} b\"} 4e1 1700000000000\n"
    "broken{partition=\"0\" 5\n"
    "rss 1.048576e+06";

TEST(Metrics, AreSummedOverTheirLabels) {
  EXPECT_EQ(metric_sum(text, "process_cpu_seconds_total"), 12.5);
  EXPECT_EQ(metric_sum(text, "lag"), 43);
  EXPECT_EQ(metric_sum(text, "rss"), 1048576);
}

TEST(Metrics, ThatAreMissingOrBrokenAreNotInvented) {
  for (const char* name : {"process_cpu", "broken", "la", "HELP"}) EXPECT_EQ(metric_sum(text, name), std::nullopt);
  EXPECT_EQ(metric_sum("", "lag"), std::nullopt);
}

}  // namespace
}  // namespace message_service::bench
