#include "bench/report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "bench/compare.h"
#include "bench/comparison.h"
#include "bench/http_bench.h"

namespace message_service::bench {
namespace {

LoadResult result_of(std::uint64_t requests, double server_cpu_s) {
  LoadResult result;
  for (std::uint64_t i = 1; i <= requests; ++i) result.tally.latency.record(i * 1'000'000);
  result.after.at = result.before.at + std::chrono::seconds(2);
  result.accepted = requests;
  result.after.answered = requests;
  result.after.answered_at_server = requests;
  result.before.server_cpu_s = 1;
  result.after.server_cpu_s = 1 + server_cpu_s;
  return result;
}

TEST(LoadResult, CountsCpuByTheMessage) {
  const LoadResult result = result_of(100, 0.002);
  EXPECT_DOUBLE_EQ(result.rate(), 50);
  ASSERT_TRUE(result.server_cpu_us_per_message());
  EXPECT_NEAR(*result.server_cpu_us_per_message(), 20, 1e-6);
  EXPECT_EQ(LoadResult().server_cpu_us_per_message(), std::nullopt);
  EXPECT_EQ(LoadResult().rate(), 0);
}

TEST(Report, NamesEveryKindOfError) {
  LoadResult result = result_of(10, 0);
  result.tally.count(Failure::reset);
  result.tally.count_unexpected_status(503);
  result.tally.count_unexpected_status(503);
  const boost::json::object object = load_json(result);
  EXPECT_EQ(object.at("errors_total").to_number<int>(), 3);
  EXPECT_EQ(object.at("errors").at("reset").to_number<int>(), 1);
  EXPECT_EQ(object.at("errors").at("status 503").to_number<int>(), 2);
  EXPECT_TRUE(object.at("server_rss_end_bytes").is_null());
  const std::string table = load_table(result);
  EXPECT_NE(table.find("status 503"), std::string::npos);
  EXPECT_NE(table.find("n/a"), std::string::npos);
}

TEST(Report, AlignsColumnsByLettersNotBytes) {
  EXPECT_EQ(aligned({{"µs", "1"}, {"abc", "234"}}), "µs     1\nabc  234\n");
}

TEST(Median, IsTheMiddle) {
  EXPECT_EQ(median({}), std::nullopt);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

TEST(Comparison, PutsWriteBehindInRelationToTheOthers) {
  Comparison comparison;
  comparison.connections = 64;
  for (const LegKind kind : all_legs) {
    const std::uint64_t requests = kind == LegKind::noop ? 400 : kind == LegKind::synchronous ? 20 : 200;
    LegResult leg{result_of(requests, 0.01), std::nullopt};
    if (kind == LegKind::write_behind)
      leg.drain = Drain{.lag_records = 7, .stored = 200, .accepted = 200, .complete = true};
    comparison.runs[static_cast<std::size_t>(kind)] = {leg, leg, leg};
  }
  EXPECT_EQ(comparison.rate_ratio(LegKind::write_behind, LegKind::noop), 0.5);
  EXPECT_EQ(comparison.rate_ratio(LegKind::write_behind, LegKind::synchronous), 10);
  EXPECT_NE(comparison_table(comparison).find("200 stored of 200 accepted"), std::string::npos);
  const boost::json::object object = comparison_json(comparison);
  EXPECT_EQ(object.at("legs").at("WriteBehind").at("median").at("lag_records_at_end").as_double(), 7);
  EXPECT_EQ(object.at("legs").at("no-op").at("runs").as_array().size(), 3u);
}

TEST(Options, AreCheckedAllAtOnce) {
  HttpOptions http;
  EXPECT_TRUE(mistakes_in(http).empty());
  http.url = "127.0.0.1";
  http.path = "noop";
  http.connections = 0;
  http.load.duration_s = -1;
  http.load.rate = 0;
  EXPECT_EQ(mistakes_in(http).size(), 6u);  // no connections are also fewer than the threads
  CompareOptions compare;
  EXPECT_TRUE(mistakes_in(compare).empty());
  compare.connections = {};
  compare.rounds = 0;
  EXPECT_EQ(mistakes_in(compare).size(), 2u);
}

}  // namespace
}  // namespace message_service::bench
