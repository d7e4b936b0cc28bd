#include "service/tracing.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "config/trace_keys.h"
#include "logging/logging.h"
#include "logging/rare_line.h"
#include "model/ids.h"
#include "observe/build_info.h"
#include "wire/event_json.h"

namespace message_service::service {

namespace {

constexpr std::string_view kServiceName = "service.name";
constexpr auto kLeastFlushTime = std::chrono::milliseconds(200);

std::string host_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return host.data();
}

otlp::Resource resource_of(const config::Traces& options) {
  otlp::Resource resource{.attributes = config::parse_pairs(options.resource_attributes).value_or(config::Pairs()),
                          .scope_name = "message-service",
                          .scope_version = std::string(version())};
  const auto add = [&](std::string_view name, std::string value) {
    const auto has_name = [&](const auto& pair) { return pair.first == name; };
    if (std::ranges::any_of(resource.attributes, has_name)) return;
    resource.attributes.emplace_back(std::string(name), std::move(value));
  };
  if (!options.service_name.empty()) {
    std::erase_if(resource.attributes, [](const auto& pair) { return pair.first == kServiceName; });
    add(kServiceName, options.service_name);
  }
  add(kServiceName, "message-service");
  add("service.version", std::string(version()));
  add("service.instance.id", make_uuid_v7(base::wall_now()));
  add("host.name", host_name());
  add("telemetry.sdk.name", "message-service");
  add("telemetry.sdk.language", "cpp");
  add("telemetry.sdk.version", std::string(version()));
  return resource;
}

tracing::Sampler sampler_of(const config::Traces& options) {
  double ratio = 1;
  std::from_chars(options.sampler_ratio.data(), options.sampler_ratio.data() + options.sampler_ratio.size(), ratio);
  return tracing::Sampler(options.sampler, ratio);
}

MessageTraces::Names names_of(const config::Settings& settings) {
  const bool kafka = settings.providers.event_log == config::EventLog::kafka;
  const bool mongodb = settings.providers.message_store == config::MessageStore::mongodb;
  const std::string prefix = kafka ? settings.kafka.topic_prefix : "";
  return {.messaging_system = kafka ? "kafka" : "message_service",
          .requested_topic = prefix + std::string(wire::kRequestedTopic),
          .sent_topic = prefix + std::string(wire::kSentTopic),
          .consumer_group = kafka ? settings.kafka.group_id : "",
          .db_system = mongodb ? "mongodb" : "rocksdb",
          .db_namespace = mongodb ? settings.mongodb.database_name : "",
          .db_collection = mongodb ? "messages" : "",
          .db_operation = mongodb ? "insert" : "write",
          .db_span = mongodb ? "insert messages" : "write rocksdb",
          .db_kind = mongodb ? tracing::SpanKind::client : tracing::SpanKind::internal};
}

}  // namespace

class Tracing::Observer final : public otlp::ExportObserver {
 public:
  explicit Observer(const SpanOutcomes& outcomes) : outcomes_(outcomes) {}

  void exported(std::size_t spans) override { outcomes_.exported.increment(static_cast<double>(spans)); }
  void dropped(std::size_t spans) override { outcomes_.dropped.increment(static_cast<double>(spans)); }
  void failed(std::size_t spans, std::string_view reason) override {
    outcomes_.failed.increment(static_cast<double>(spans));
    line_.write("Traces are lost: " + std::string(reason));
  }
  void retrying(std::string_view reason) override {
    line_.write("Traces cannot be sent now and will be tried again: " + std::string(reason));
  }

 private:
  const SpanOutcomes outcomes_;
  logging::RareLine line_{logging::Level::warning};
};

Tracing::Tracing(const config::Settings& settings, const Metrics& metrics)
    : observer_(settings.traces.disabled || settings.trace_exporter.endpoint.empty()
                    ? nullptr
                    : std::make_unique<Observer>(metrics.trace_spans)),
      exporter_([&]() -> std::unique_ptr<otlp::Exporter> {
        if (!observer_) return nullptr;
        otlp::ExporterOptions options = settings.trace_exporter;
        options.headers = config::parse_pairs(settings.traces.headers).value_or(config::Pairs());
        return std::make_unique<otlp::Exporter>(std::move(options), resource_of(settings.traces), *observer_);
      }()),
      messages_(exporter_ ? tracing::Tracer(sampler_of(settings.traces), *exporter_) : tracing::Tracer(),
                names_of(settings)) {}

Tracing::~Tracing() = default;

void Tracing::stop(base::SteadyTime deadline) {
  if (!exporter_) return;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - base::SteadyClock::now());
  exporter_->stop(std::max(left, kLeastFlushTime));
}

}  // namespace message_service::service
