#include "config/trace_keys.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hex.h"
#include "base/utf8.h"
#include "config/rules.h"
#include "http/client/url.h"

namespace message_service::config {

namespace {

using S = Settings;

constexpr std::string_view kTracesPath = "/v1/traces";
constexpr std::string_view kGeneral = "OTEL_EXPORTER_OTLP_";
constexpr std::string_view kTraces = "OTEL_EXPORTER_OTLP_TRACES_";

bool is_endpoint(std::string_view text) { return http::parse_resource(text).has_value(); }
bool are_pairs(std::string_view text) { return parse_pairs(text).has_value(); }

// The names and values become lines of a request.
bool are_headers(std::string_view text) {
  const auto pairs = parse_pairs(text);
  return pairs && std::ranges::none_of(*pairs, [](const auto& pair) {
           return base::has_control_characters(pair.first) || base::has_control_characters(pair.second) ||
                  pair.first.find_first_of(" :\t") != std::string::npos;
         });
}

std::optional<double> read_ratio(std::string_view text) {
  double ratio = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ratio);
  if (error != std::errc() || end != text.data() + text.size() || !(ratio >= 0 && ratio <= 1)) return std::nullopt;
  return ratio;
}

bool is_ratio(std::string_view text) { return read_ratio(text).has_value(); }

const TextRule endpoint_rule{"a whole URL such as http://127.0.0.1:4318/v1/traces", is_endpoint, true};
const TextRule pairs_rule{"of the form name=value,name=value", are_pairs, true};
const TextRule headers_rule{"of the form name=value,name=value", are_headers, true};
const TextRule ratio_rule{"a number from 0 to 1", is_ratio};

std::string hide_headers(std::string_view headers) { return headers.empty() ? "" : "***"; }

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    std::array<std::uint8_t, 1> byte{};
    if (!base::read_hex(text.substr(i + 1, 2), byte)) return std::nullopt;
    out.push_back(static_cast<char>(byte[0]));
    i += 2;
  }
  return base::is_valid_utf8(out) ? std::optional(out) : std::nullopt;
}

struct Alias {
  std::string_view variable;
  std::string_view key;
};

// Of two for one key the later one counts.
constexpr std::array<Alias, 14> kAliases{{
    {"OTEL_SDK_DISABLED", "Tracing:Disabled"},
    {"OTEL_SERVICE_NAME", "Tracing:ServiceName"},
    {"OTEL_RESOURCE_ATTRIBUTES", "Tracing:ResourceAttributes"},
    {"OTEL_TRACES_SAMPLER", "Tracing:Sampler"},
    {"OTEL_TRACES_SAMPLER_ARG", "Tracing:SamplerRatio"},
    {"OTEL_BSP_MAX_QUEUE_SIZE", "Tracing:QueueSpans"},
    {"OTEL_EXPORTER_OTLP_ENDPOINT", "Tracing:Endpoint"},
    {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "Tracing:Endpoint"},
    {"OTEL_EXPORTER_OTLP_HEADERS", "Tracing:Headers"},
    {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "Tracing:Headers"},
    {"OTEL_EXPORTER_OTLP_TIMEOUT", "Tracing:TimeoutMs"},
    {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "Tracing:TimeoutMs"},
    {"OTEL_EXPORTER_OTLP_CERTIFICATE", "Tracing:CaFile"},
    {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "Tracing:CaFile"},
}};

// The general endpoint is where all kinds of telemetry go, each to a path of its own.
std::string value_of(const Alias& alias, const std::string& value) {
  if (alias.variable != "OTEL_EXPORTER_OTLP_ENDPOINT") return value;
  return value + std::string(kTracesPath.substr(value.ends_with('/') ? 1 : 0));
}

}  // namespace

std::vector<Entry> trace_keys() {
  using E = otlp::ExporterOptions;
  using Kind = tracing::SamplerKind;
  return {
      text("Tracing:Endpoint", At(&S::trace_exporter, &E::endpoint), endpoint_rule,
           "Where traces go, by OTLP over HTTP: the whole URL. Without one nothing is traced."),
      text("Tracing:Headers", At(&S::traces, &Traces::headers), headers_rule,
           "Headers of these requests, name=value,name=value; values are percent-encoded.", hide_headers),
      time<std::chrono::milliseconds>("Tracing:TimeoutMs", At(&S::trace_exporter, &E::timeout), E::timeout_bounds,
                                      "For one of these requests."),
      text("Tracing:CaFile", At(&S::trace_exporter, &E::ca_file), rules::optional_path,
           "Certificates, in PEM, that an https endpoint must have its own from; empty: the system's."),
      number("Tracing:QueueSpans", At(&S::trace_exporter, &E::queue_spans_max), E::queue_spans_bounds,
             "Spans that wait to be sent; further ones are dropped and counted."),
      choice<Kind>("Tracing:Sampler", At(&S::traces, &Traces::sampler),
                   {{"parentbased_always_on", Kind::parent_always_on},
                    {"parentbased_always_off", Kind::parent_always_off},
                    {"parentbased_traceidratio", Kind::parent_ratio},
                    {"always_on", Kind::always_on},
                    {"always_off", Kind::always_off},
                    {"traceidratio", Kind::ratio}},
                   "Which requests are traced. With parentbased_ it is those whose caller traces them; the rest of the "
                   "name is for requests without a traceparent."),
      text("Tracing:SamplerRatio", At(&S::traces, &Traces::sampler_ratio), ratio_rule,
           "The share of the requests that the samplers with traceidratio take."),
      text("Tracing:ServiceName", At(&S::traces, &Traces::service_name), rules::optional_name,
           "The name of this service in traces; empty: message-service."),
      text("Tracing:ResourceAttributes", At(&S::traces, &Traces::resource_attributes), pairs_rule,
           "What traces say of this process, name=value,name=value."),
      on_off("Tracing:Disabled", At(&S::traces, &Traces::disabled), "Nothing is traced, whatever the other keys say."),
  };
}

std::vector<Assignment> read_otel_variables(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::vector<Assignment> assignments;
  for (const Alias& alias : kAliases) {
    for (const auto& [name, value] : variables) {
      if (name != alias.variable || value.empty()) continue;
      assignments.push_back({std::string(alias.key), {.text = value_of(alias, value), .items = {}}});
    }
  }
  for (const auto& [name, value] : variables) {
    if (name == "OTEL_TRACES_EXPORTER" && value == "none") {
      assignments.push_back({"Tracing:Disabled", {.text = "true", .items = {}}});
    }
  }
  return assignments;
}

std::optional<std::string> otel_notice(std::string_view name, std::string_view value) {
  if (value.empty()) return std::nullopt;
  if (name == "OTEL_TRACES_EXPORTER" && value != "none" && value != "otlp") {
    return "has no effect: traces go by OTLP, or with none nowhere";
  }
  const bool is_general = name.starts_with(kGeneral) && !name.starts_with(kTraces);
  if (!is_general && !name.starts_with(kTraces)) return std::nullopt;
  name.remove_prefix((is_general ? kGeneral : kTraces).size());
  if (name == "PROTOCOL" && value != "http/protobuf") return "has no effect: traces go by http/protobuf";
  if (name == "COMPRESSION" && value != "none") return "has no effect: traces are not compressed";
  if (name == "CLIENT_CERTIFICATE" || name == "CLIENT_KEY") return "has no effect: the service shows no certificate";
  return std::nullopt;
}

std::optional<Pairs> parse_pairs(std::string_view text) {
  Pairs pairs;
  for (const std::string& item : split_list(text, ',')) {
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) return std::nullopt;
    const auto name = percent_decoded(trim(std::string_view(item).substr(0, equals)));
    const auto value = percent_decoded(trim(std::string_view(item).substr(equals + 1)));
    if (!name || !value || name->empty()) return std::nullopt;
    pairs.emplace_back(*name, *value);
  }
  return pairs;
}

}  // namespace message_service::config
