#include "adapters/kafka/client_conf.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "adapters/kafka/kafka.h"

namespace message_service::kafka {
namespace {

Options with(const std::string& name, const std::string& value) {
  Options options;
  options.client = {{name, value}};
  return options;
}

std::string value_in(const Conf& conf, const char* name) {
  std::array<char, 256> value{};
  std::size_t size = value.size();
  EXPECT_EQ(rd_kafka_conf_get(conf.get(), name, value.data(), &size), RD_KAFKA_CONF_OK);
  return value.data();
}

TEST(ClientConf, NamesThePropertyThatWouldBreakAPromise) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"acks", "1"},
                                          {"enable.idempotence", "false"},
                                          {"enable.auto.commit", "true"},
                                          {"group.id", "mine"},
                                          {"partition.assignment.strategy", "cooperative-sticky"},
                                          {"no.such.property", "1"},
                                          {"linger.ms", "soon"}}) {
    const auto checked = check_client_properties(with(name, value));
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, base::ErrorCode::invalid);
    EXPECT_NE(checked.error().text.find("KafkaSettings:Client:" + name + ":"), std::string::npos)
        << checked.error().text;
  }
}

TEST(ClientConf, LetsTheSameValueAndAnythingElsePass) {
  for (const auto& [name, value] : std::map<std::string, std::string>{{"acks", "all"},
                                                                      {"acks", "-1"},
                                                                      {"enable.idempotence", "true"},
                                                                      {"linger.ms", "7"},
                                                                      {"compression.codec", "zstd"}}) {
    EXPECT_TRUE(check_client_properties(with(name, value))) << name;
  }
}

TEST(ClientConf, TheUsersValueGoesOverADefaultAndUnderAPromise) {
  Options options = with("linger.ms", "7");
  options.client["session.timeout.ms"] = "9000";
  const auto conf = make_conf(options, {{"linger.ms", "0"}, {"batch.size", "1000"}}, {{"session.timeout.ms", "6000"}});
  ASSERT_TRUE(conf);
  EXPECT_EQ(value_in(*conf, "linger.ms"), "7");
  EXPECT_EQ(value_in(*conf, "batch.size"), "1000");
  EXPECT_EQ(value_in(*conf, "session.timeout.ms"), "6000");
}

TEST(ClientConf, PropertiesThatContradictEachOtherAreNamed) {
  Options options = with("max.in.flight.requests.per.connection", "9");
  auto conf = make_conf(options, {}, {{"enable.idempotence", "true"}});
  ASSERT_TRUE(conf);
  const auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, base::ErrorCode::invalid);
  EXPECT_NE(client.error().text.find("max.in.flight"), std::string::npos);
}

TEST(KafkaClientConf, NoBrokerIsSaidInTime) {
  Options options;
  options.bootstrap_servers = "127.0.0.1:1";
  options.connect_timeout = Milliseconds(300);
  const auto kafka = Kafka::connect(options);
  ASSERT_FALSE(kafka);
  EXPECT_EQ(kafka.error().code, base::ErrorCode::unavailable);
  EXPECT_NE(kafka.error().text.find("127.0.0.1:1"), std::string::npos);
}

}  // namespace
}  // namespace message_service::kafka
