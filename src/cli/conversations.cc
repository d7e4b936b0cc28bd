#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/service_options.h"
#include "http/client/client.h"
#include "wire/conversation_json.h"

namespace message_service::cli {

namespace {

struct CreateOptions {
  service::NamedService named{.url = "http://127.0.0.1:5005", .ca_file = {}};
  std::string id;
  std::string title;
  std::vector<std::string> participants;  // "ID:TYPE"
  std::string token;
  bool json = false;
};

// The id may hold colons; the type does not.
std::optional<Participant> parse_participant(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  return Participant{.id = text.substr(0, colon), .type = text.substr(colon + 1)};
}

int create(const CreateOptions& options) {
  Conversation conversation{.id = options.id, .title = options.title};
  for (const std::string& text : options.participants) {
    const auto participant = parse_participant(text);
    if (!participant) {
      std::fprintf(stderr, "--participant: '%s' must look like parent-001:Parent\n", text.c_str());
      return 2;
    }
    conversation.participants.push_back(*participant);
  }
  const auto target = http::resolve(options.named.url);
  if (!target) {
    std::fprintf(stderr, "--url: %s\n", target.error().text.c_str());
    return 2;
  }
  http::Client client(*target, std::chrono::seconds(10), {.ca_file = options.named.ca_file});
  if (!options.token.empty()) client.authorize(options.token);
  const auto answer = client.post_json("/api/conversations", wire::conversation_json(conversation));
  if (!answer) return failed(answer.error());
  if (answer->status != 201) {
    std::fprintf(stderr, "The service answered %u: %s\n", answer->status, answer->body.c_str());
    return 1;
  }
  const auto created = wire::read_conversation(answer->body);
  std::printf("%s\n", options.json || !created ? answer->body.c_str() : ("Created " + created->id).c_str());
  return 0;
}

}  // namespace

void add_conversations_command(CLI::App& program, Outcome& outcome) {
  CLI::App* conversations = program.add_subcommand("conversations", "Conversations of a running service");
  conversations->require_subcommand(1);
  auto options = std::make_shared<CreateOptions>();
  CLI::App* command = conversations->add_subcommand("create", "Make a conversation; the same one again does no harm");
  add_service_options(*command, options->named);
  command->add_option("--id", options->id, "Its id; without one the service makes a UUIDv7");
  command->add_option("--title", options->title, "Its title");
  command->add_option("--participant", options->participants, "ID:TYPE, such as parent-001:Parent; may be repeated");
  command->add_option("--token", options->token, "Bearer token with the scope conversations:manage")
      ->envname("MESSAGE_SERVICE_TOKEN");
  command->add_flag("--json", options->json, "Print the whole conversation");
  command->callback([options, &outcome] { outcome.exit_code = create(*options); });
}

}  // namespace message_service::cli
