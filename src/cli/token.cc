#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/development_key.h"
#include "cli/commands.h"
#include "cli/load_settings.h"

namespace message_service::cli {

namespace {

struct TokenOptions {
  SettingsOptions settings;
  std::string key_file;
  std::string lifetime = "1h";
  access::TokenRequest request;
};

// "90s", "15m", "1h", "7d"; a minus sign in front makes it a time in the past.
std::optional<std::chrono::seconds> parse_lifetime(std::string_view text) {
  if (text.empty()) return std::nullopt;
  constexpr std::string_view kUnits = "smhd";
  constexpr std::array<std::int64_t, 4> kSeconds{1, 60, 3600, 86'400};
  const std::size_t unit = kUnits.find(text.back());
  std::int64_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), end, count);
  constexpr std::int64_t kCountMax = 100'000'000;
  if (unit == std::string_view::npos || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  if (count > kCountMax || count < -kCountMax) return std::nullopt;
  return std::chrono::seconds(count * kSeconds[unit]);
}

int create_token(const config::Settings& settings, TokenOptions options) {
  const auto lifetime = parse_lifetime(options.lifetime);
  if (!lifetime) {
    std::fprintf(stderr, "--ttl: '%s' must look like 90s, 15m, 1h, 7d or -1h\n", options.lifetime.c_str());
    return 2;
  }
  options.request.lifetime = *lifetime;
  const access::BearerOptions& bearer = settings.access.bearer;
  if (!bearer.valid_issuer.empty()) options.request.issuer = bearer.valid_issuer;
  if (!bearer.valid_audience.empty()) options.request.audience = bearer.valid_audience;
  const std::string& file = options.key_file.empty() ? settings.access.bearer.development_key_file : options.key_file;
  if (file.empty()) {
    std::fprintf(stderr, "--key is missing, and Auth:DevelopmentKeyFile is not set; `keys create` makes a key\n");
    return 2;
  }
  const auto key = access::DevelopmentKey::load(file);
  if (!key) return failed(key.error());
  const auto token = key->issue(options.request, settings.access.sender_type_claim, base::wall_now());
  if (!token) return failed(token.error());
  std::printf("%s\n", token->c_str());
  return 0;
}

}  // namespace

void add_token_command(CLI::App& program, Outcome& outcome) {
  CLI::App* tokens = program.add_subcommand("token", "Bearer tokens, for development");
  tokens->require_subcommand(1);
  auto options = std::make_shared<TokenOptions>();
  CLI::App* command = tokens->add_subcommand("create", "Print a token that a service with the same key takes");
  add_settings_options(*command, options->settings);
  command->add_option("--sub", options->request.subject, "Whose it is: the senderId")->required();
  command->add_option("--type", options->request.sender_type, "The senderType, such as Parent");
  command->add_option("--scope", options->request.scope,
                      "Divided by blanks: send:any, conversations:manage, events:read, operator");
  command->add_option("--ttl", options->lifetime, "How long it is valid: 90s, 15m, 1h, 7d; -1h has expired")
      ->capture_default_str();
  command->add_option("--key", options->key_file, "The private key; Auth:DevelopmentKeyFile by default");
  command->callback([command, options, &outcome] {
    const auto settings = checked_settings(*command, options->settings);
    outcome.exit_code = settings ? create_token(*settings, *options) : 2;
  });
}

}  // namespace message_service::cli
