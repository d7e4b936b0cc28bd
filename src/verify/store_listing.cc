#include "verify/store_listing.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "base/json_object_writer.h"
#include "base/utf8.h"
#include "http/codec/target.h"
#include "verify/temporary_file.h"

namespace message_service::verify {

namespace {

constexpr int kTriesMax = 20;  // of one page that is refused for now
constexpr long kRetryAfterMax = 10;
constexpr unsigned kBadId = 400;
constexpr unsigned kNotFound = 404;
constexpr unsigned kTooManyRequests = 429;
constexpr unsigned kNotNow = 503;

base::Result<void> append(int descriptor, std::string_view text) {
  const int failure = write_all(descriptor, text.data(), text.size());
  if (failure == 0) return {};
  return base::Error{base::ErrorCode::unavailable, "the listing: " + std::generic_category().message(failure)};
}

// Waits where the service asks for it.
base::Result<http::Answer> get_page(http::Client& client, const std::string& path) {
  for (int tries = 1;; ++tries) {
    auto answer = client.get(path);
    const bool is_busy = answer && (answer->status == kTooManyRequests || answer->status == kNotNow);
    if (!is_busy || tries == kTriesMax) return answer;
    long seconds = 1;
    std::from_chars(answer->retry_after.data(), answer->retry_after.data() + answer->retry_after.size(), seconds);
    std::this_thread::sleep_for(std::chrono::seconds(std::clamp(seconds, 1L, kRetryAfterMax)));
  }
}

struct PageEnd {
  std::uint64_t last = 0;
  bool has_more = false;
};

base::Result<PageEnd> append_page(const std::string& body, int descriptor) {
  const base::Error foreign{base::ErrorCode::unavailable, "the service's answer cannot be read"};
  boost::system::error_code failure;
  const auto parsed = boost::json::parse(body, failure);
  if (failure || !parsed.is_object()) return foreign;
  const auto* messages = parsed.get_object().if_contains("messages");
  const auto* more = parsed.get_object().if_contains("hasMore");
  if (messages == nullptr || !messages->is_array() || more == nullptr || !more->is_bool()) return foreign;
  PageEnd end{.has_more = more->get_bool()};
  std::string lines;
  for (const auto& message : messages->get_array()) {
    const auto* sequence = message.is_object() ? message.get_object().if_contains("sequence") : nullptr;
    if (sequence == nullptr || !sequence->is_int64() || sequence->get_int64() < 0) return foreign;
    end.last = static_cast<std::uint64_t>(sequence->get_int64());
    lines.append(R"({"event":"stored","message":)").append(boost::json::serialize(message)).append("}\n");
  }
  if (auto appended = append(descriptor, lines); !appended) return appended.error();
  if (messages->get_array().empty()) end.has_more = false;
  return end;
}

std::string bound_line(std::string_view event, const std::string& id) {
  std::string line;
  base::JsonObjectWriter(line).string("event", event).string("conversationId", id).close();
  return line.append("\n");
}

base::Result<void> write_one(http::Client& client, const std::string& id, int descriptor) {
  if (auto begun = append(descriptor, bound_line("listing", id)); !begun) return begun;
  PageEnd end{.has_more = true};
  while (end.has_more) {
    const std::string path =
        "/api/conversations/" + http::encode_segment(id) + "/messages?limit=500&after=" + std::to_string(end.last);
    const auto answer = get_page(client, path);
    if (!answer) return answer.error();
    if (answer->status == kNotFound || answer->status == kBadId) break;  // nothing can be stored there
    if (answer->status != 200) {
      return base::Error{base::ErrorCode::unavailable, "conversation " + base::printable(id) +
                                                           ": the service answered " + std::to_string(answer->status) +
                                                           ": " + base::printable(answer->body)};
    }
    const auto read = append_page(answer->body, descriptor);
    if (!read) return read.error();
    end = *read;
  }
  return append(descriptor, bound_line("listed", id));
}

}  // namespace

base::Result<void> write_listing(http::Client& client, const std::vector<std::string>& conversations, int descriptor) {
  for (const std::string& id : conversations) {
    if (auto written = write_one(client, id, descriptor); !written) return written;
  }
  return {};
}

}  // namespace message_service::verify
