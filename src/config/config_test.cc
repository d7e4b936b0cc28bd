#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "config/settings.h"

namespace message_service::config {
namespace {

// A folder of its own, also the working directory while the test runs, so that no stray appsettings.json is found.
class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "config_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
  }
  void TearDown() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  Loaded from_file(const std::string& text) { return load({write("test.json", text), {}, {}}); }

  std::filesystem::path folder_;
  std::filesystem::path before_;
};

Loaded from_flags(std::vector<std::string> flags) { return load({std::nullopt, {}, std::move(flags)}); }
Loaded from_environment(std::vector<std::pair<std::string, std::string>> variables) {
  return load({std::nullopt, std::move(variables), {}});
}

const Option& option(const Loaded& loaded, const std::string& key) {
  const auto found =
      std::find_if(loaded.options.begin(), loaded.options.end(), [&key](const Option& o) { return o.key == key; });
  if (found == loaded.options.end()) throw std::runtime_error("no option " + key);
  return *found;
}

TEST_F(ConfigTest, NothingGivenMeansTheDefaultsAndNoMistakes) {
  const Loaded loaded = load({});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.urls, "http://127.0.0.1:5005");
  EXPECT_EQ(loaded.settings.message_persistence.batch_size, 50U);
  for (const Option& o : loaded.options) {
    EXPECT_EQ(o.origin, "default") << o.key;
    EXPECT_FALSE(o.help.empty()) << o.key;
  }
}

// Each default must be a value that the option itself accepts.
TEST_F(ConfigTest, EveryDefaultIsAValidValue) {
  std::vector<std::string> flags;
  for (const Option& o : load({}).options) {
    if (!o.key.ends_with("*")) flags.push_back("--" + o.key + "=" + o.default_value);
  }
  EXPECT_GT(flags.size(), 45U);
  const Loaded loaded = from_flags(flags);
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  for (const Option& o : loaded.options) EXPECT_EQ(o.value, o.default_value) << o.key;
}

TEST_F(ConfigTest, TheShippedFileHoldsTheDefaults) {
  const auto file = std::filesystem::path(MESSAGE_SERVICE_SOURCE_DIR) / "conf/appsettings.json";
  const Loaded loaded = load({file.string(), {}, {}});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  for (const Option& o : loaded.options) EXPECT_EQ(o.value, o.default_value) << o.key;
  EXPECT_EQ(option(loaded, "Providers:EventLog").origin, file.string());
}

TEST_F(ConfigTest, FileThenEnvironmentThenFlags) {
  const std::string file = write("a.json", R"({"MessagePersistence": {"BatchSize": 60, "FlushIntervalMs": 20},
                                               "Limits": {"Connections": 7}})");
  const Loaded loaded = load({file,
                              {{"MessagePersistence__BatchSize", "70"}, {"MESSAGEPERSISTENCE__FLUSHINTERVALMS", "30"}},
                              {"--messagepersistence:batchsize=80"}});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.limits.connections, 7U);
  EXPECT_EQ(loaded.settings.message_persistence.flush_interval_ms, 30U);
  EXPECT_EQ(loaded.settings.message_persistence.batch_size, 80U);
  EXPECT_EQ(option(loaded, "Limits:Connections").origin, file);
  EXPECT_EQ(option(loaded, "MessagePersistence:FlushIntervalMs").origin, "environment");
  EXPECT_EQ(option(loaded, "MessagePersistence:BatchSize").origin, "command line");
  EXPECT_EQ(option(loaded, "MessagePersistence:BatchSize").default_value, "50");
}

TEST_F(ConfigTest, TheFileMayLookAsAspNetFilesDo) {
  const Loaded loaded = from_file(
      "\xEF\xBB\xBF// for people\n{ /* a comment */ \"urls\": \"http://*:0\", \"Hub\": {\"DetailedErrors\": "
      "\"True\",},\n"
      "\"Limits\": {\"SenderTypes\": [\"Bot\", \"Human\",], \"Connections\": \"12\"}, \"Hub:ClientTimeoutMs\": 20000, "
      "}");
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.urls, "http://*:0");
  EXPECT_TRUE(loaded.settings.hub.detailed_errors);
  EXPECT_EQ(loaded.settings.limits.sender_types, (std::vector<std::string>{"Bot", "Human"}));
  EXPECT_EQ(loaded.settings.limits.connections, 12U);
  EXPECT_EQ(loaded.settings.hub.client_timeout_ms, 20'000U);
}

TEST_F(ConfigTest, TheDefaultFileIsReadWherePresentAndMayBeAbsent) {
  EXPECT_TRUE(load({}).mistakes.empty());
  write("appsettings.json", R"({"Server": {"Threads": 3}})");
  const Loaded loaded = load({});
  EXPECT_EQ(loaded.settings.server.threads, 3U);
  EXPECT_EQ(option(loaded, "Server:Threads").origin, "appsettings.json");
}

TEST_F(ConfigTest, ANamedFileMustExist) {
  const Loaded loaded = load({(folder_ / "absent.json").string(), {}, {}});
  ASSERT_EQ(loaded.mistakes.size(), 1U);
  EXPECT_EQ(loaded.mistakes[0].source, (folder_ / "absent.json").string());
  EXPECT_NE(loaded.mistakes[0].text.find("No such file"), std::string::npos);
  EXPECT_EQ(load({folder_.string(), {}, {}}).mistakes.at(0).text, "cannot be read: it is a folder");
}

TEST_F(ConfigTest, OnlyVariablesOfKnownSectionsAreOurs) {
  const Loaded loaded = from_environment({{"HOME", "/"},
                                          {"ASPNETCORE_VERSION", "10"},
                                          {"DOTNET_RUNNING_IN_CONTAINER", "true"},
                                          {"HUB", "docker"},
                                          {"Other__Thing", "1"},
                                          {"__", ""},
                                          {"URLS", "http://127.0.0.1:1234"}});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.urls, "http://127.0.0.1:1234");
}

TEST_F(ConfigTest, AspNetsVariablesForAddressesAreHonoured) {
  const auto urls = [](std::vector<std::pair<std::string, std::string>> variables) {
    const Loaded loaded = from_environment(std::move(variables));
    EXPECT_EQ(print_mistakes(loaded.mistakes), "");
    return loaded.settings.urls;
  };
  EXPECT_EQ(urls({{"ASPNETCORE_URLS", "http://*:1"}}), "http://*:1");
  EXPECT_EQ(urls({{"DOTNET_URLS", "http://*:1"}}), "http://*:1");
  EXPECT_EQ(urls({{"urls", "http://*:1"}}), "http://*:1");
  EXPECT_EQ(urls({{"ASPNETCORE_HTTP_PORTS", "1;2"}}), "http://*:1;http://*:2");
  EXPECT_EQ(urls({{"HTTP_PORTS", "8080"}}), "http://*:8080");
  // Without a prefix, then ASPNETCORE_, then DOTNET_; addresses before ports.
  EXPECT_EQ(urls({{"URLS", "http://*:1"}, {"ASPNETCORE_URLS", "http://*:2"}, {"DOTNET_URLS", "http://*:3"}}),
            "http://*:1");
  EXPECT_EQ(urls({{"DOTNET_URLS", "http://*:3"}, {"ASPNETCORE_URLS", "http://*:2"}}), "http://*:2");
  EXPECT_EQ(urls({{"DOTNET_URLS", "http://*:3"}, {"HTTP_PORTS", "4"}}), "http://*:3");
  const std::string file = write("a.json", R"({"Urls": "http://*:9"})");
  EXPECT_EQ(load({file, {{"ASPNETCORE_HTTP_PORTS", "8080"}}, {}}).settings.urls, "http://*:8080");
  EXPECT_EQ(from_file(R"({"HTTP_PORTS": 8080})").settings.urls, "http://*:8080");
}

TEST_F(ConfigTest, ANetAppsettingsFileIsTaken) {
  const Loaded loaded = from_file(R"({
    "Logging": {"LogLevel": {"Default": "Debug", "Microsoft.AspNetCore": "Warning"}},
    "AllowedHosts": "chat.example;*.school.example",
  })");
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.logging.level, LogLevel::debug);
  EXPECT_EQ(loaded.settings.allowed_hosts, "chat.example;*.school.example");
  ASSERT_EQ(loaded.notices.size(), 1U) << "categories are not passed over in silence";
  EXPECT_EQ(loaded.notices[0].key, "Logging:LogLevel:Microsoft.AspNetCore");
  for (const char* name :
       {"Logging__LogLevel__Default", "LOGGING__LOGLEVEL__DEFAULT", "ASPNETCORE_Logging__LogLevel__Default"}) {
    EXPECT_EQ(from_environment({{name, "debug"}}).settings.logging.level, LogLevel::debug) << name;
  }
  EXPECT_EQ(from_flags({"--Logging:LogLevel:Default=Critical"}).settings.logging.level, LogLevel::error);
}

TEST_F(ConfigTest, WhatAspNetHasAndThisServiceHasNotIsRefusedWithTheKeyToUse) {
  const auto refusal = [](const Loaded& loaded) {
    return loaded.mistakes.size() == 1 ? loaded.mistakes[0].key + " " + loaded.mistakes[0].text : "";
  };
  const auto names = [&](const Loaded& loaded, const char* key, const char* use) {
    const std::string text = refusal(loaded);
    EXPECT_TRUE(text.starts_with(key)) << text;
    EXPECT_NE(text.find(use), std::string::npos) << text;
  };
  names(from_file(R"({"Kestrel": {"Endpoints": {"Http": {"Url": "http://*:1"}}}})"), "Kestrel:Endpoints:Http:Url",
        "Urls");
  names(from_flags({"--Kestrel:Limits:MaxRequestBodySize=5"}), "Kestrel:Limits:MaxRequestBodySize", "Limits:BodyBytes");
  names(from_environment({{"Kestrel__Limits__KeepAliveTimeout", "00:02:00"}}), "Kestrel:Limits:KeepAliveTimeout",
        "Http:IdleTimeoutMs");
  names(from_environment({{"ASPNETCORE_Kestrel__Certificates__Default__Path", "x"}}), "Kestrel:Certificates",
        "TLS ends at a proxy");
  names(from_environment({{"ASPNETCORE_HTTPS_PORTS", "8443"}}), "HTTPS_PORTS", "TLS ends at a proxy");
  names(from_environment({{"ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true"}}), "FORWARDEDHEADERS_ENABLED",
        "ForwardedHeaders:KnownProxies");
  names(from_environment({{"ConnectionStrings__Mongo", "x"}}), "ConnectionStrings:Mongo",
        "MongoDbSettings:ConnectionString");
  names(from_flags({"--Logging:Console:FormatterName=json"}), "Logging:Console:FormatterName", "Logging:Format");
}

TEST_F(ConfigTest, TheEnvironmentChoosesASecondFileAndIsSaid) {
  write("appsettings.json", R"({"Server": {"Threads": 3}, "Limits": {"Connections": 7}})");
  write("appsettings.Staging.json", R"({"Server": {"Threads": 4}})");
  write("appsettings.Production.json", R"({"Server": {"Threads": 5}})");
  EXPECT_EQ(load({}).settings.server.threads, 5U) << "as ASP.NET Core, where nothing names another";
  const Loaded staging = from_environment({{"DOTNET_ENVIRONMENT", "Other"}, {"ASPNETCORE_ENVIRONMENT", "Staging"}});
  EXPECT_EQ(staging.settings.server.threads, 4U);
  EXPECT_EQ(staging.settings.limits.connections, 7U);
  EXPECT_EQ(option(staging, "Server:Threads").origin, "appsettings.Staging.json");
  EXPECT_FALSE(staging.notices.empty());
  EXPECT_EQ(from_environment({{"ASPNETCORE_ENVIRONMENT", "../x"}}).settings.server.threads, 3U);
  const std::string named = write("named.json", "{}");
  EXPECT_EQ(load({named, {{"ASPNETCORE_ENVIRONMENT", "Staging"}}, {}}).settings.server.threads, 0U);
}

TEST_F(ConfigTest, FlagsHaveEveryFormOfNetsCommandLine) {
  for (const auto& flags : std::vector<std::vector<std::string>>{{"--Server:Threads=3"},
                                                                 {"--Server:Threads", "3"},
                                                                 {"/Server:Threads=3"},
                                                                 {"/server:threads", "3"},
                                                                 {"Server:Threads=3"}}) {
    const Loaded loaded = from_flags(flags);
    EXPECT_EQ(print_mistakes(loaded.mistakes), "");
    EXPECT_EQ(loaded.settings.server.threads, 3U) << flags[0];
  }
  EXPECT_EQ(from_flags({"--Server:Threads", "--Hub:DetailedErrors=true"}).mistakes.size(), 1U);
  EXPECT_EQ(from_flags({"-Server:Threads=3"}).mistakes.size(), 1U);
}

TEST_F(ConfigTest, ProxiesAreAddressesAndNetworks) {
  const Loaded loaded =
      from_flags({"--ForwardedHeaders:KnownProxies=10.0.0.1, ::1",
                  "--ForwardedHeaders:KnownNetworks=10.0.0.0/8,fd00::/8", "--ForwardedHeaders:ForwardLimit=2"});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.forwarded_headers.known_networks, (std::vector<std::string>{"10.0.0.0/8", "fd00::/8"}));
  for (const char* bad : {"--ForwardedHeaders:KnownProxies=proxy", "--ForwardedHeaders:KnownNetworks=10.0.0.1",
                          "--ForwardedHeaders:KnownNetworks=10.0.0.0/33"}) {
    EXPECT_EQ(from_flags({bad}).mistakes.size(), 1U) << bad;
  }
}

TEST_F(ConfigTest, AnyOriginMayBeAllowed) {
  const Loaded loaded = from_flags({"--Cors:AllowedOrigins=*"});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.cors.allowed_origins, (std::vector<std::string>{"*"}));
}

TEST_F(ConfigTest, ListsComeWholeOrItemByItem) {
  EXPECT_EQ(from_environment({{"Limits__SenderTypes", "A, B"}}).settings.limits.sender_types,
            (std::vector<std::string>{"A", "B"}));
  const std::string file = write("a.json", R"({"Demo": {"Conversations": ["one", "two"]}})");
  const Loaded loaded = load({file, {{"Demo__Conversations__2", "three"}, {"Demo__Conversations__1", "zwei"}}, {}});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.demo.conversations, (std::vector<std::string>{"one", "zwei", "three"}));
  EXPECT_TRUE(load({file, {}, {"--Demo:Conversations="}}).settings.demo.conversations.empty());
  EXPECT_EQ(from_flags({"--Demo:Conversations:1=b", "--Demo:Conversations:0=a"}).settings.demo.conversations,
            (std::vector<std::string>{"a", "b"}));
}

TEST_F(ConfigTest, ClientPropertiesPassThrough) {
  const std::string file = write("a.json", R"({"KafkaSettings": {"Client": {"security.protocol": "SASL_SSL",
      "linger.ms": 5, "enable.ssl.certificate.verification": true}}})");
  const Loaded loaded = load({file, {{"KafkaSettings__Client__sasl_password", "hunter2"}}, {}});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.kafka.client,
            (std::map<std::string, std::string>{{"enable.ssl.certificate.verification", "true"},
                                                {"linger.ms", "5"},
                                                {"sasl.password", "hunter2"},
                                                {"security.protocol", "SASL_SSL"}}));
  EXPECT_EQ(option(loaded, "KafkaSettings:Client:linger.ms").value, "5");
  EXPECT_EQ(option(loaded, "KafkaSettings:Client:sasl.password").value, "***");
}

TEST_F(ConfigTest, SecretsAreNeverPrinted) {
  const Loaded loaded = from_flags({"--MongoDbSettings:ConnectionString=mongodb://anna:s3c/r@et@a:1,b:2/?tls=true",
                                    "--KafkaSettings:Client:ssl.key.password=s3c", "--Urls=http://u:s3c@h",
                                    "--Providers:EventLog=mongodb://u:s3c@h", "s3ctest", "--MongoDbSettings:Pass"});
  EXPECT_EQ(loaded.settings.mongodb.connection_string, "mongodb://anna:s3c/r@et@a:1,b:2/?tls=true");
  EXPECT_EQ(option(loaded, "MongoDbSettings:ConnectionString").value, "mongodb://anna:***@a:1,b:2/?tls=true");
  EXPECT_EQ(loaded.mistakes.size(), 4U);
  EXPECT_EQ((print_text(loaded) + print_json(loaded)).find("s3c/"), std::string::npos);
  EXPECT_EQ(print_mistakes(loaded.mistakes).find("s3c@"), std::string::npos);
}

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
        BadFlag{"--Urls=https://127.0.0.1:1", "Urls",
                "must be http://HOST:PORT with an IP address, a name, localhost or *; several separated by ';', but is "
                "\"https://127.0.0.1:1\""},
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
  EXPECT_EQ(print_mistakes(loaded.mistakes),
            file + ": Limit:Connections: is unknown; the nearest key is Limits:Connections\n" + file +
                ": Server:Threads: must be a whole number from 0 to 1024, but is \"x\"\n"
                "environment: Hub:Keepalive: is unknown; the nearest key is Hub:KeepAliveIntervalMs\n"
                "command line: Urls: must be http://HOST:PORT with an IP address, a name, localhost or *; several "
                "separated by ';', but is \"ftp://x\"\n"
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

TEST_F(ConfigTest, PrintsATableAndJson) {
  const Loaded loaded = from_flags({"--Server:Threads=2"});
  const std::string text = print_text(loaded);
  EXPECT_EQ(text.find("KEY"), 0U);
  EXPECT_NE(text.find("  command line  Threads for requests; 0 is one a core. (0 to 1024; default 0)\n"),
            std::string::npos);
  EXPECT_NE(print_json(loaded).find(R"({"key":"Server:Threads","type":"whole number","value":"2",)"
                                    R"("origin":"command line","default":"0","bounds":"0 to 1024",)"),
            std::string::npos);
}

TEST(Endpoint, ReadsWhatCanBeListenedOn) {
  const auto text = [](std::string_view url) -> std::string {
    const auto endpoint = parse_endpoint(url);
    return endpoint ? endpoint->host + " " + std::to_string(endpoint->port) : "none";
  };
  EXPECT_EQ(text("http://127.0.0.1:5005"), "127.0.0.1 5005");
  EXPECT_EQ(text("HTTP://localhost:0/"), "localhost 0");
  EXPECT_EQ(text("http://*:5005"), "* 5005");
  EXPECT_EQ(text("http://+:5005"), "+ 5005");
  EXPECT_EQ(text("http://chat.example"), "chat.example 80");
  EXPECT_EQ(text("http://[::1]"), "::1 80");
  EXPECT_EQ(text("http://[::1]:80"), "::1 80");
  for (const char* bad : {"", "http://", "http://-a:80", "http://u@a:80", "http://127.0.0.1:65536", "http://:80",
                          "http://127.0.0.1:80/x", "http://127.0.0.1:-1", "http://1.2.3:80", "http://[::1:80",
                          "https://127.0.0.1:80", "http://127.0.0.1:80;http://127.0.0.1:81"}) {
    EXPECT_EQ(text(bad), "none") << bad;
  }
  EXPECT_EQ(parse_endpoints("http://127.0.0.1:80;http://[::1]:81;")->size(), 2U);
  for (const char* bad : {"", ";", "http://a:80;https://b:81", "http://a:80,http://b:81"}) {
    EXPECT_FALSE(parse_endpoints(bad)) << bad;
  }
}

}  // namespace
}  // namespace message_service::config
