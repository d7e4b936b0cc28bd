#include <gtest/gtest.h>

#include "config/load.h"
#include "support/cpp/config_fixture.h"

namespace message_service::config {
namespace {

TEST_F(ConfigTest, NothingGivenMeansTheDefaultsAndNoMistakes) {
  const Loaded loaded = load({});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.web.urls, "http://127.0.0.1:5005");
  EXPECT_EQ(loaded.settings.persister.batching.size, 50U);
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
  EXPECT_EQ(loaded.settings.server.connections_max, 7U);
  EXPECT_EQ(loaded.settings.persister.batching.interval.count(), 30);
  EXPECT_EQ(loaded.settings.persister.batching.size, 80U);
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
  EXPECT_EQ(loaded.settings.web.urls, "http://*:0");
  EXPECT_TRUE(loaded.settings.hub.connection.calls.detailed_errors);
  EXPECT_EQ(loaded.settings.limits().sender_types, (std::vector<std::string>{"Bot", "Human"}));
  EXPECT_EQ(loaded.settings.server.connections_max, 12U);
  EXPECT_EQ(loaded.settings.hub.connection.client_timeout.count(), 20'000);
}

TEST_F(ConfigTest, TheDefaultFileIsReadWherePresentAndMayBeAbsent) {
  EXPECT_TRUE(load({}).mistakes.empty());
  write("appsettings.json", R"({"Server": {"Threads": 3}})");
  const Loaded loaded = load({});
  EXPECT_EQ(loaded.settings.process.threads, 3U);
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
  EXPECT_EQ(loaded.settings.web.urls, "http://127.0.0.1:1234");
}

TEST_F(ConfigTest, AspNetsVariablesForAddressesAreHonoured) {
  const auto urls = [](std::vector<std::pair<std::string, std::string>> variables) {
    const Loaded loaded = from_environment(std::move(variables));
    EXPECT_EQ(print_mistakes(loaded.mistakes), "");
    return loaded.settings.web.urls;
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
  EXPECT_EQ(load({file, {{"ASPNETCORE_HTTP_PORTS", "8080"}}, {}}).settings.web.urls, "http://*:8080");
  EXPECT_EQ(from_file(R"({"HTTP_PORTS": 8080})").settings.web.urls, "http://*:8080");
}

TEST_F(ConfigTest, ANetAppsettingsFileIsTaken) {
  const Loaded loaded = from_file(R"({
    "Logging": {"LogLevel": {"Default": "Debug", "Microsoft.AspNetCore": "Warning"}},
    "AllowedHosts": "chat.example;*.school.example",
  })");
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.logging.level, logging::Level::debug);
  EXPECT_EQ(loaded.settings.web.allowed_hosts, "chat.example;*.school.example");
  ASSERT_EQ(loaded.notices.size(), 1U) << "categories are not passed over in silence";
  EXPECT_EQ(loaded.notices[0].key, "Logging:LogLevel:Microsoft.AspNetCore");
  for (const char* name :
       {"Logging__LogLevel__Default", "LOGGING__LOGLEVEL__DEFAULT", "ASPNETCORE_Logging__LogLevel__Default"}) {
    EXPECT_EQ(from_environment({{name, "debug"}}).settings.logging.level, logging::Level::debug) << name;
  }
  EXPECT_EQ(from_flags({"--Logging:LogLevel:Default=Critical"}).settings.logging.level, logging::Level::error);
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
  names(from_environment({{"ASPNETCORE_Kestrel__Certificates__Default__Subject", "x"}}), "Kestrel:Certificates",
        "Kestrel:Certificates:Default");
  names(from_environment({{"ASPNETCORE_HTTPS_PORTS", "8443"}}), "HTTPS_PORTS", "Urls=https://*:PORT");
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
  EXPECT_EQ(load({}).settings.process.threads, 5U) << "as ASP.NET Core, where nothing names another";
  const Loaded staging = from_environment({{"DOTNET_ENVIRONMENT", "Other"}, {"ASPNETCORE_ENVIRONMENT", "Staging"}});
  EXPECT_EQ(staging.settings.process.threads, 4U);
  EXPECT_EQ(staging.settings.server.connections_max, 7U);
  EXPECT_EQ(option(staging, "Server:Threads").origin, "appsettings.Staging.json");
  EXPECT_FALSE(staging.notices.empty());
  EXPECT_EQ(from_environment({{"ASPNETCORE_ENVIRONMENT", "../x"}}).settings.process.threads, 3U);
  const std::string named = write("named.json", "{}");
  EXPECT_EQ(load({named, {{"ASPNETCORE_ENVIRONMENT", "Staging"}}, {}}).settings.process.threads, 0U);
}

TEST_F(ConfigTest, FlagsHaveEveryFormOfNetsCommandLine) {
  for (const auto& flags : std::vector<std::vector<std::string>>{{"--Server:Threads=3"},
                                                                 {"--Server:Threads", "3"},
                                                                 {"/Server:Threads=3"},
                                                                 {"/server:threads", "3"},
                                                                 {"Server:Threads=3"}}) {
    const Loaded loaded = from_flags(flags);
    EXPECT_EQ(print_mistakes(loaded.mistakes), "");
    EXPECT_EQ(loaded.settings.process.threads, 3U) << flags[0];
  }
  EXPECT_EQ(from_flags({"--Server:Threads", "--Hub:DetailedErrors=true"}).mistakes.size(), 1U);
  EXPECT_EQ(from_flags({"-Server:Threads=3"}).mistakes.size(), 1U);
}

TEST_F(ConfigTest, ProxiesAreAddressesAndNetworks) {
  const Loaded loaded =
      from_flags({"--ForwardedHeaders:KnownProxies=10.0.0.1, ::1",
                  "--ForwardedHeaders:KnownNetworks=10.0.0.0/8,fd00::/8", "--ForwardedHeaders:ForwardLimit=2"});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.web.known_networks, (std::vector<std::string>{"10.0.0.0/8", "fd00::/8"}));
  for (const char* bad : {"--ForwardedHeaders:KnownProxies=proxy", "--ForwardedHeaders:KnownNetworks=10.0.0.1",
                          "--ForwardedHeaders:KnownNetworks=10.0.0.0/33"}) {
    EXPECT_EQ(from_flags({bad}).mistakes.size(), 1U) << bad;
  }
}

TEST_F(ConfigTest, AnyOriginMayBeAllowed) {
  const Loaded loaded = from_flags({"--Cors:AllowedOrigins=*"});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.web.allowed_origins, (std::vector<std::string>{"*"}));
}

TEST_F(ConfigTest, ListsComeWholeOrItemByItem) {
  EXPECT_EQ(from_environment({{"Limits__SenderTypes", "A, B"}}).settings.limits().sender_types,
            (std::vector<std::string>{"A", "B"}));
  const std::string file = write("a.json", R"({"Demo": {"Conversations": ["one", "two"]}})");
  const Loaded loaded = load({file, {{"Demo__Conversations__2", "three"}, {"Demo__Conversations__1", "zwei"}}, {}});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.process.demo_conversations, (std::vector<std::string>{"one", "zwei", "three"}));
  EXPECT_TRUE(load({file, {}, {"--Demo:Conversations="}}).settings.process.demo_conversations.empty());
  EXPECT_EQ(from_flags({"--Demo:Conversations:1=b", "--Demo:Conversations:0=a"}).settings.process.demo_conversations,
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

TEST_F(ConfigTest, TheCertificateHasKestrelsKeys) {
  const Loaded loaded = from_environment({{"ASPNETCORE_URLS", "https://127.0.0.1:0"},
                                          {"ASPNETCORE_Kestrel__Certificates__Default__Path", "a.pfx"},
                                          {"Kestrel__Certificates__Default__Password", "s3c"}});
  EXPECT_EQ(print_mistakes(loaded.mistakes), "");
  EXPECT_EQ(loaded.settings.server.certificate.path, "a.pfx");
  EXPECT_EQ(loaded.settings.server.certificate.password, "s3c");
  EXPECT_TRUE(loaded.settings.server.addresses[0].https);
  EXPECT_EQ((print_text(loaded) + print_json(loaded)).find("s3c"), std::string::npos);
}

TEST_F(ConfigTest, PartsThatShareAKeyHaveTheSameDefault) {
  const Settings defaults;
  const auto& append = defaults.embedded.append;
  EXPECT_EQ(defaults.persister.batching.size_max, append.batch_records);
  EXPECT_EQ(defaults.persister.batching.size_max, defaults.admission.batch);
  EXPECT_EQ(defaults.kafka.publish_timeout, defaults.admission.publish_timeout);
  EXPECT_EQ(defaults.server.connections_max, defaults.hub.connections.connections_max);
  EXPECT_EQ(append.queue_records_max, defaults.kafka.append_queue_records_max);
  EXPECT_EQ(append.queue_bytes_max, defaults.kafka.append_queue_bytes_max);
  EXPECT_EQ(append.queue_wait_max, defaults.admission.queue_wait_max);
  EXPECT_EQ(defaults.ingress.recent_messages_max, defaults.delivery.recent_senders_max);
  EXPECT_EQ(defaults.hub.connections.transport.egress_bytes_max, defaults.hub.connection.unacknowledged_bytes_max);
}

TEST_F(ConfigTest, AKeyReachesEveryPartThatHasIt) {
  const Settings settings =
      from_flags({"--Limits:ContentBytes=1000", "--Limits:Connections=7", "--Limits:QueueWaitMs=30",
                  "--Limits:HubEgressBytes=100000", "--Testing:RecordVersion=9"})
          .settings;
  EXPECT_EQ(settings.ingress.limits.content_bytes_max, 1000U);
  EXPECT_EQ(settings.persister.limits.content_bytes_max, 1000U);
  EXPECT_EQ(settings.hub.connections.connections_max, 7U);
  EXPECT_EQ(settings.embedded.append.queue_wait_max.count(), 30);
  EXPECT_EQ(settings.admission.queue_wait_max.count(), 30);
  EXPECT_EQ(settings.hub.connection.unacknowledged_bytes_max, 100'000U);
  EXPECT_EQ(settings.delivery.catch_up_egress_bytes, 25'000U) << "derived";
  EXPECT_EQ(settings.kafka.reads_records, 9) << "derived";
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

TEST_F(ConfigTest, NamesTheKeysThatChangedSecretsToo) {
  const Settings before = from_flags({"--Kestrel:Certificates:Default:Password=one"}).settings;
  EXPECT_EQ(changed_keys(before, before), std::vector<std::string>{});
  const Settings after = from_flags({"--Kestrel:Certificates:Default:Password=two", "--Server:Threads=2",
                                     "--KafkaSettings:Client:client.id=node", "--Hub:Compression=true",
                                     "--Logging:Level=Debug", "--Cors:AllowedOrigins=https://a.example"})
                             .settings;
  EXPECT_EQ(changed_keys(before, after),
            (std::vector<std::string>{"Kestrel:Certificates:Default:Password", "KafkaSettings:Client:*",
                                      "Hub:Compression", "Cors:AllowedOrigins", "Logging:Level", "Server:Threads"}));
}

}  // namespace
}  // namespace message_service::config
