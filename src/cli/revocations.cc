#include <cstdio>
#include <memory>
#include <string>

#include "base/json_object_writer.h"
#include "cli/commands.h"
#include "cli/operator_client.h"
#include "cli/service_options.h"

namespace message_service::cli {

namespace {

struct AddOptions {
  OperatorAccess access;
  std::string subject;
  std::string issued_before;
  bool json = false;
};

int add(const AddOptions& options) {
  const auto client = operator_client(options.access, std::chrono::seconds(10));
  if (!client) return 2;
  std::string body;
  base::JsonObjectWriter writer(body);
  writer.string("sub", options.subject);
  if (!options.issued_before.empty()) writer.string("issuedBefore", options.issued_before);
  writer.close();
  const auto answer = client->post_json("/admin/revocations", body);
  if (!answer) return failed(answer.error());
  if (answer->status != 201) {
    std::fprintf(stderr, "The service answered %u: %s\n", answer->status, answer->body.c_str());
    return 1;
  }
  std::printf("%s\n", options.json ? answer->body.c_str() : ("Revoked the older tokens of " + options.subject).c_str());
  return 0;
}

}  // namespace

void add_revocations_command(CLI::App& program, Outcome& outcome) {
  CLI::App* revocations = program.add_subcommand("revocations", "Tokens that count no more");
  revocations->require_subcommand(1);
  auto options = std::make_shared<AddOptions>();
  CLI::App* command = revocations->add_subcommand(
      "add", "Refuse a person's older tokens on every node, and close the person's connections within a second");
  command->add_option("--sub", options->subject, "The person, as tokens name it")->required();
  command->add_option("--issued-before", options->issued_before,
                      "RFC 3339, such as 2026-01-27T10:30:00Z; without it, all tokens issued until now");
  add_service_options(*command, options->access.named);
  command->add_option("--token", options->access.token, "Bearer token with the scope operator")
      ->envname("MESSAGE_SERVICE_TOKEN");
  command->add_option("--data-directory", options->access.data_directory, "Of the service, whose own token serves too")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print the answer");
  command->callback([options, &outcome] { outcome.exit_code = add(*options); });
}

}  // namespace message_service::cli
