// Helpers on option names and values. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace message_service::config {

std::string_view trim(std::string_view text);

// "a, b" as {"a", "b"}; nothing but blanks as {}.
std::vector<std::string> split_list(std::string_view text, char separator = ',');
std::string join(const std::vector<std::string>& items, std::string_view separator);

// The candidate with the smallest Levenshtein distance, case not counted. Expects at least one candidate.
std::string nearest(std::string_view text, const std::vector<std::string>& candidates);

// "mongodb://user:***@host": the password of every URL in the text is hidden.
std::string mask_credentials(std::string_view text);

// Whether a Kafka client property of this name is secret.
bool is_secret_name(std::string_view name);

}  // namespace message_service::config
