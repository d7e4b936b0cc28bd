#include <gtest/gtest.h>

#include "config/load.h"
#include "support/cpp/config_fixture.h"

namespace message_service::config {
namespace {

struct BadFlag {
  const char* flag;
  const char* key;
  const char* text;
};

class BadFlagTest : public testing::TestWithParam<BadFlag> {};

TEST_P(BadFlagTest, IsNamedWithWhatWouldBeRight) {
  const Loaded loaded = from_flags({GetParam().flag});
  ASSERT_EQ(loaded.mistakes.size(), 1U) << print_mistakes(loaded.mistakes);
  EXPECT_EQ(loaded.mistakes[0].source, "command line");
  EXPECT_EQ(loaded.mistakes[0].key, GetParam().key);
  EXPECT_EQ(loaded.mistakes[0].text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadFlagTest,
    testing::Values(
        BadFlag{"--MessagePersistence:BatchSzie=5", "MessagePersistence:BatchSzie",
                "is unknown; the nearest key is MessagePersistence:BatchSize"},
        BadFlag{"--Persistence:BatchSize=5", "Persistence:BatchSize",
                "is unknown; the nearest key is MessagePersistence:BatchSize"},
        BadFlag{"--Limits=5", "Limits", "is a section: it must be an object with keys such as Limits:ContentBytes"},
        BadFlag{"--MessagePersistence:BatchSize=0", "MessagePersistence:BatchSize",
                "must be a whole number from 1 to 100000, but is \"0\""},
        BadFlag{"--MessagePersistence:BatchSize=-1", "MessagePersistence:BatchSize",
                "must be a whole number from 1 to 100000, but is \"-1\""},
        BadFlag{"--MessagePersistence:BatchSize=many", "MessagePersistence:BatchSize",
                "must be a whole number from 1 to 100000, but is \"many\""},
        BadFlag{"--MessagePersistence:BatchSize=18446744073709551666", "MessagePersistence:BatchSize",
                "must be a whole number from 1 to 100000, but is \"18446744073709551666\""},
        BadFlag{"--MessagePersistence:BatchSize=", "MessagePersistence:BatchSize",
                "must be a whole number from 1 to 100000, but is \"\""},
        BadFlag{"--Hub:DetailedErrors=yes", "Hub:DetailedErrors", "must be true or false, but is \"yes\""},
        BadFlag{"--Providers:EventLog=Kafak", "Providers:EventLog", "must be Embedded or Kafka, but is \"Kafak\""},
        BadFlag{"--Logging:Level=Info", "Logging:Level",
                "must be Trace, Debug, Information, Warning, Error, Critical or None, but is \"Info\""},
        BadFlag{"--Urls=ftp://127.0.0.1:1", "Urls",
                "must be http://HOST:PORT or https://HOST:PORT with an IP address, a name, localhost or *; several "
                "separated by ';', but is \"ftp://127.0.0.1:1\""},
        BadFlag{"--Urls=https://127.0.0.1:1", "Kestrel:Certificates:Default:Path",
                "must name a certificate because Urls has https"},
        BadFlag{"--Providers:DataDirectory=", "Providers:DataDirectory", "must be a path, but is \"\""},
        BadFlag{"--KafkaSettings:BootstrapServers=broker", "KafkaSettings:BootstrapServers",
                "must be HOST:PORT, several separated by commas, but is \"broker\""},
        BadFlag{"--KafkaSettings:TopicPrefix=a b", "KafkaSettings:TopicPrefix",
                "must be at most 200 of the characters a-z A-Z 0-9 . _ -, but is \"a b\""},
        BadFlag{"--KafkaSettings:Client:acks=1", "KafkaSettings:Client:acks",
                "cannot be set: the service's guarantees rest on its value"},
        BadFlag{"--KafkaSettings:Client:Group.Id=x", "KafkaSettings:Client:group.id",
                "has a key of its own: KafkaSettings:GroupId"},
        BadFlag{"--MongoDbSettings:ConnectionString=localhost", "MongoDbSettings:ConnectionString",
                "must be a URL that begins with mongodb:// or mongodb+srv://, but is \"localhost\""},
        BadFlag{"--MongoDbSettings:DatabaseName=a.b", "MongoDbSettings:DatabaseName",
                "must be 1 to 63 bytes without blanks or any of /\\.\"$*<>:|?, but is \"a.b\""},
        BadFlag{"--Limits:SenderTypes=", "Limits:SenderTypes",
                "must be a list, each item 1 to 128 bytes without control characters, at least one, but is \"\""},
        BadFlag{"--Limits:SenderTypes=A,,B", "Limits:SenderTypes",
                "must be a list, each item 1 to 128 bytes without control characters, at least one, but is \"A,,B\""},
        BadFlag{"--Limits:SenderTypes:x=A", "Limits:SenderTypes:x",
                "is unknown; the nearest key is Limits:SenderTypes"},
        BadFlag{"--Cors:AllowedOrigins=app.example", "Cors:AllowedOrigins",
                "must be a list, each item scheme://host or scheme://host:port, scheme http or https; or * for any, "
                "but is \"app.example\""},
        BadFlag{"--AllowedHosts=chat.example:443", "AllowedHosts",
                "must be * or names without ports, separated by ';', but is \"chat.example:443\""},
        BadFlag{"--MessagePersistence:MaxBatchSize=10", "MessagePersistence:MaxBatchSize",
                "must be at least 50 because of MessagePersistence:BatchSize (a batch that starts a write must fit), "
                "but is 10"},
        BadFlag{"--MessagePersistence:BatchSize=2000", "MessagePersistence:MaxBatchSize",
                "must be at least 2000 because of MessagePersistence:BatchSize (a batch that starts a write must "
                "fit), but is 1000"},
        BadFlag{"--Limits:BodyBytes=16000", "Limits:BodyBytes",
                "must be at least 16384 because of Limits:ContentBytes (a body must have room for the content), but "
                "is 16000"},
        BadFlag{"--Hub:ClientTimeoutMs=15000", "Hub:ClientTimeoutMs",
                "must be at least 15001 because of Hub:KeepAliveIntervalMs (pings must come before the timeout), but "
                "is 15000"},
        BadFlag{"--Hub:DetailedErrors", "--Hub:DetailedErrors", "must be --Section:Key=VALUE or --Section:Key VALUE"},
        BadFlag{"Hub:DetailedErrors", "Hub:DetailedErrors", "must be --Section:Key=VALUE or --Section:Key VALUE"}));

struct BadFile {
  const char* text;
  const char* mistake;  // without the file's name
};

class BadFileTest : public ConfigTest, public testing::WithParamInterface<BadFile> {};

TEST_P(BadFileTest, IsNamedWithWhatWouldBeRight) {
  const Loaded loaded = from_file(GetParam().text);
  EXPECT_EQ(print_mistakes(loaded.mistakes), (folder_ / "test.json").string() + ": " + GetParam().mistake + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadFileTest,
    testing::Values(
        BadFile{"[]", "must hold one JSON object"},
        BadFile{"", "is not valid JSON: incomplete JSON at line 1, column 1"},
        BadFile{"{\n  \"Hub\": {]\n}", "is not valid JSON: syntax error at line 2, column 11"},
        BadFile{"{} {}", "is not valid JSON: extra data at line 1, column 4"},
        BadFile{R"({"Server": {"Threads": 1.5}})",
                "Server:Threads: must be a whole number from 0 to 1024, but is 1.5E0"},
        BadFile{R"({"Server": {"Threads": true}})",
                "Server:Threads: must be a whole number from 0 to 1024, but is true"},
        BadFile{R"({"Server": {"Threads": null}})",
                "Server:Threads: must be a whole number from 0 to 1024, but is null"},
        BadFile{R"({"Server": {"Threads": [1]}})",
                "Server:Threads: must be a whole number from 0 to 1024, but is a list of other things than texts"},
        BadFile{R"({"Server": {"Threads": {"A": 1}}})",
                "Server:Threads:A: is unknown; the nearest key is Server:Threads"},
        BadFile{R"({"Hub": {"DetailedErrors": 1}})", "Hub:DetailedErrors: must be true or false, but is 1"},
        BadFile{R"({"KafkaSettings": {"GroupId": 5}})",
                "KafkaSettings:GroupId: must be 1 to 128 bytes without control characters, but is 5"},
        BadFile{R"({"KafkaSettings": {"Client": {"linger.ms": ["a"]}}})",
                "KafkaSettings:Client:linger.ms: must be a text, a number, true or false, but is [a]"},
        BadFile{R"({"Demo": {"Conversations": ["a", 1]}})",
                "Demo:Conversations: must be a list, each item 1 to 128 bytes without control characters, but is a "
                "list of other things than texts"}));

TEST_F(ConfigTest, EveryMistakeOfEverySourceIsReportedAtOnce) {
  const std::string file = write("a.json", R"({"Limit": {"Connections": 5}, "Server": {"Threads": "x"}})");
  const Loaded loaded = load({file, {{"Hub__Keepalive", "1"}}, {"--Urls=ftp://x", "--Http:IdleTimeoutMs=1"}});
  EXPECT_EQ(
      print_mistakes(loaded.mistakes),
      file + ": Limit:Connections: is unknown; the nearest key is Limits:Connections\n" + file +
          ": Server:Threads: must be a whole number from 0 to 1024, but is \"x\"\n"
          "environment: Hub:Keepalive: is unknown; the nearest key is Hub:KeepAliveIntervalMs\n"
          "command line: Urls: must be http://HOST:PORT or https://HOST:PORT with an IP address, a name, localhost "
          "or *; several separated by ';', but is \"ftp://x\"\n"
          "command line: Http:IdleTimeoutMs: must be a whole number from 100 to 600000, but is \"1\"\n");
}

TEST_F(ConfigTest, AMistakenValueCausesNoSecondMistake) {
  const Loaded loaded = from_flags({"--MessagePersistence:BatchSize=2000", "--MessagePersistence:MaxBatchSize=x"});
  ASSERT_EQ(loaded.mistakes.size(), 1U);
  EXPECT_EQ(loaded.mistakes[0].key, "MessagePersistence:MaxBatchSize");
}

TEST_F(ConfigTest, ContentThatKafkasClientDoesNotTakeIsNamedWithBothSettings) {
  const std::vector<std::string> large{"--Limits:ContentBytes=1500000", "--Limits:BodyBytes=9000000",
                                       "--Limits:HubReceiveBytes=9000000", "--Limits:HubEgressBytes=9000000"};
  EXPECT_TRUE(from_flags(large).mistakes.empty()) << "the embedded log takes it";
  std::vector<std::string> kafka = large;
  kafka.emplace_back("--Providers:EventLog=Kafka");
  const Loaded refused = from_flags(kafka);
  ASSERT_EQ(refused.mistakes.size(), 1U);
  EXPECT_EQ(refused.mistakes[0].key, "Limits:ContentBytes");
  EXPECT_NE(refused.mistakes[0].text.find("KafkaSettings:Client:message.max.bytes of at least 1503584"),
            std::string::npos)
      << refused.mistakes[0].text;
  kafka.emplace_back("--KafkaSettings:Client:message.max.bytes=2000000");
  EXPECT_TRUE(from_flags(kafka).mistakes.empty());
}

}  // namespace
}  // namespace message_service::config
