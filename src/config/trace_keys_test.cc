#include "config/trace_keys.h"

#include <gtest/gtest.h>

#include "support/cpp/config_fixture.h"

namespace message_service::config {
namespace {

class TraceKeysTest : public ConfigTest {};

TEST_F(TraceKeysTest, NothingIsTracedByDefault) {
  const Loaded loaded = from_environment({});
  EXPECT_EQ(loaded.settings.trace_exporter.endpoint, "");
  EXPECT_FALSE(loaded.settings.traces.disabled);
  EXPECT_EQ(loaded.settings.traces.sampler, tracing::SamplerKind::parent_always_on);
}

TEST_F(TraceKeysTest, OpenTelemetrysVariablesStandForOurKeys) {
  const Loaded loaded = from_environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"},
                                          {"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc, x-scope=1"},
                                          {"OTEL_EXPORTER_OTLP_TIMEOUT", "250"},
                                          {"OTEL_SERVICE_NAME", "chat"},
                                          {"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"},
                                          {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                                          {"OTEL_TRACES_SAMPLER_ARG", "0.25"},
                                          {"OTEL_BSP_MAX_QUEUE_SIZE", "100"},
                                          {"OTEL_SDK_DISABLED", "true"},
                                          {"OTEL_METRICS_EXPORTER", "prometheus"},
                                          {"OTEL_TRACES_EXPORTER", ""}});
  EXPECT_TRUE(loaded.mistakes.empty());
  EXPECT_TRUE(loaded.notices.empty());
  const Settings& settings = loaded.settings;
  EXPECT_EQ(settings.trace_exporter.endpoint, "http://collector:4318/v1/traces");
  EXPECT_EQ(settings.trace_exporter.timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(settings.trace_exporter.queue_spans_max, 100U);
  EXPECT_EQ(settings.traces.service_name, "chat");
  EXPECT_EQ(settings.traces.resource_attributes, "deployment.environment.name=test");
  EXPECT_EQ(settings.traces.sampler, tracing::SamplerKind::parent_ratio);
  EXPECT_EQ(settings.traces.sampler_ratio, "0.25");
  EXPECT_TRUE(settings.traces.disabled);
  const Pairs headers{{"authorization", "Bearer abc"}, {"x-scope", "1"}};
  EXPECT_EQ(parse_pairs(settings.traces.headers), headers);
  EXPECT_EQ(option(loaded, "Tracing:Headers").value, "***");
  EXPECT_EQ(option(loaded, "Tracing:Endpoint").origin, "environment");
}

TEST_F(TraceKeysTest, TheNearerNameCounts) {
  const auto endpoint = [this](std::vector<std::pair<std::string, std::string>> variables) {
    return from_environment(std::move(variables)).settings.trace_exporter.endpoint;
  };
  const std::pair<std::string, std::string> all{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://all.example/otlp/"};
  const std::pair<std::string, std::string> traces{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces.example/in"};
  const std::pair<std::string, std::string> ours{"Tracing__Endpoint", "http://ours.example/v1/traces"};
  EXPECT_EQ(endpoint({all}), "https://all.example/otlp/v1/traces");
  EXPECT_EQ(endpoint({traces, all}), traces.second);
  EXPECT_EQ(endpoint({ours, all, traces}), ours.second);
}

TEST_F(TraceKeysTest, WhatCannotBeFollowedIsSaid) {
  for (const auto& [name, value] : {std::pair("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                                    {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"},
                                    {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                                    {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "/key.pem"},
                                    {"OTEL_TRACES_EXPORTER", "zipkin"}}) {
    EXPECT_EQ(from_environment({{name, value}}).notices.size(), 1U) << name;
  }
  EXPECT_TRUE(from_environment({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}}).notices.empty());
  EXPECT_TRUE(from_environment({{"OTEL_TRACES_EXPORTER", "none"}}).settings.traces.disabled);
  for (const auto& [name, value] : {std::pair("OTEL_TRACES_SAMPLER", "jaeger_remote"),
                                    {"OTEL_TRACES_SAMPLER_ARG", "1.5"},
                                    {"OTEL_TRACES_SAMPLER_ARG", "nan"},
                                    {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4318"},
                                    {"OTEL_EXPORTER_OTLP_HEADERS", "authorization"},
                                    {"OTEL_EXPORTER_OTLP_HEADERS", "a=b%0D%0Ac: d"},
                                    {"OTEL_RESOURCE_ATTRIBUTES", "=value"},
                                    {"OTEL_RESOURCE_ATTRIBUTES", "a=%zz"}}) {
    EXPECT_EQ(from_environment({{name, value}}).mistakes.size(), 1U) << name << "=" << value;
  }
}

}  // namespace
}  // namespace message_service::config
