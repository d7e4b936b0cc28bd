// Who takes part in a fan-out run on a server with sign-in, and their tokens. Values; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace message_service::bench {

struct People {
  std::vector<std::string> clients;  // their tokens: each client is a person of its own
  std::string sender;                // the token of the one who posts
  std::string back_end;              // makes the conversations and reads the server's figures
};

// Makes a new key in the file, which the server is to read, and a token for each.
base::Result<People> issue_tokens(const std::filesystem::path& key_file, std::uint32_t clients);

// "bench-client-7"
std::string client_id(std::uint32_t number);

}  // namespace message_service::bench
