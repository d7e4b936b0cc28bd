#include "bench/fanout/people.h"

#include "access/development_key.h"
#include "access/options.h"
#include "bench/request_set.h"

namespace message_service::bench {

std::string client_id(std::uint32_t number) { return "bench-client-" + std::to_string(number); }

base::Result<People> issue_tokens(const std::filesystem::path& key_file, std::uint32_t clients) {
  if (const auto made = access::DevelopmentKey::create(key_file, "ES256"); !made) return made.error();
  const auto key = access::DevelopmentKey::load(key_file);
  if (!key) return key.error();
  const auto issue = [&](const std::string& subject, const std::string& scope) {
    const access::TokenRequest request{.subject = subject, .sender_type = std::string(sender_type), .scope = scope};
    return key->issue(request, access::Options().sender_type_claim, base::wall_now());
  };
  const auto sender = issue(std::string(sender_id), "");
  if (!sender) return sender.error();
  const auto back_end = issue("bench", "conversations:manage operator");
  if (!back_end) return back_end.error();
  People people{.clients = {}, .sender = *sender, .back_end = *back_end};
  people.clients.reserve(clients);
  for (std::uint32_t number = 0; number < clients; ++number) {
    auto token = issue(client_id(number), "");
    if (!token) return token.error();
    people.clients.push_back(std::move(*token));
  }
  return people;
}

}  // namespace message_service::bench
