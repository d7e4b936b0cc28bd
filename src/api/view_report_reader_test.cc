#include "api/view_report_reader.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace message_service::api {
namespace {

using signalr::Value;

Value::Object good() {
  Value::Object object;
  object.push_back({"version", 1});
  object.push_back({"conversationId", "c"});
  object.push_back({"from", 3});
  object.push_back({"to", 9});
  object.push_back({"count", 5});
  object.push_back({"hash", "0123456789abcdef"});
  object.push_back({"sum", "fedcba9876543210"});
  return object;
}

Value with(const std::string& name, Value value) {
  Value::Object object = good();
  for (auto& [key, old] : object) {
    if (key == name) old = std::move(value);
  }
  return Value(std::move(object));
}

TEST(ViewReportReader, ReadsAReport) {
  const auto read = read_view_report(Value(good()), Limits{});
  const auto* report = std::get_if<ViewReport>(&read);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->conversation_id, "c");
  EXPECT_EQ(report->from, 3u);
  EXPECT_EQ(report->to, 9u);
  EXPECT_EQ(report->count, 5u);
  EXPECT_EQ(report->hash.text(), "0123456789abcdef");
  EXPECT_EQ(report->sum.text(), "fedcba9876543210");
}

TEST(ViewReportReader, NamesEachWrongField) {
  const auto field_of = [](const Value& argument) {
    const auto read = read_view_report(argument, Limits{});
    const auto* errors = std::get_if<FieldErrors>(&read);
    return errors == nullptr || errors->size() != 1 ? std::string("none") : errors->front().field;
  };
  const auto number = [](std::int64_t value) { return Value(value); };
  EXPECT_EQ(field_of(Value(std::string("text"))), "report");
  EXPECT_EQ(field_of(with("version", number(2))), "version");
  EXPECT_EQ(field_of(with("version", Value())), "version");
  EXPECT_EQ(field_of(with("conversationId", number(1))), "conversationId");
  EXPECT_EQ(field_of(with("conversationId", Value(std::string(200, 'x')))), "conversationId");
  EXPECT_EQ(field_of(with("from", number(0))), "from");
  EXPECT_EQ(field_of(with("to", number(2))), "to") << "less than from";
  EXPECT_EQ(field_of(with("to", number((std::int64_t{1} << 53) + 1))), "to");
  EXPECT_EQ(field_of(with("count", number(1001))), "count");
  EXPECT_EQ(field_of(with("count", number(-1))), "count");
  EXPECT_EQ(field_of(with("hash", Value(std::string("0123")))), "hash");
  EXPECT_EQ(field_of(with("sum", number(7))), "sum");
}

TEST(ViewReportReader, NamesAllOfThemAtOnce) {
  const auto read = read_view_report(Value(Value::Object{}), Limits{});
  EXPECT_EQ(std::get<FieldErrors>(read).size(), 7u);
}

}  // namespace
}  // namespace message_service::api
