#include "service/dead_letter_client.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "http/client/client.h"
#include "pipeline/dead_letters/dead_letter_service.h"
#include "service/backends.h"
#include "service/running_service.h"
#include "wire/open_dead_letter_json.h"

namespace message_service::service {

namespace {

constexpr auto kTimeout = std::chrono::seconds(60);  // reading a long topic takes a while
const http::ClientOptions kOptions{.body_bytes_max = std::size_t{8} << 20};

// Asks the service that holds the data folder.
class ServiceClient final : public DeadLetterClient {
 public:
  explicit ServiceClient(std::unique_ptr<http::Client> client) : client_(std::move(client)) {}
  bool takes_effect_now() const override { return true; }

 private:
  base::Result<std::string> ask(std::string_view action, const std::string& request) override {
    auto answer = client_->post_json("/admin/dead-letters/" + std::string(action), request);
    if (!answer) return answer.error();
    if (answer->status == 200) return std::move(answer->body);
    return refused_by_service(*answer);
  }

  std::unique_ptr<http::Client> client_;
};

// Has a DeadLetterService of its own, directly on the log and the store.
class OwnClient final : public DeadLetterClient {
 public:
  OwnClient(std::unique_ptr<Metrics> metrics, std::unique_ptr<Backends> backends, bool takes_effect_now)
      : metrics_(std::move(metrics)),
        backends_(std::move(backends)),
        service_(backends_->store_reader(), backends_->event_log(), backends_->log_writer()),
        takes_effect_now_(takes_effect_now) {}
  bool takes_effect_now() const override { return takes_effect_now_; }

 private:
  base::Result<std::string> ask(std::string_view action, const std::string& request) override {
    return service_.answer(action, request);
  }

  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Backends> backends_;
  DeadLetterService service_;
  bool takes_effect_now_;
};

base::Result<std::unique_ptr<DeadLetterClient>> open_own(const config::Settings& settings, bool takes_effect_now) {
  auto metrics = std::make_unique<Metrics>();
  auto backends = Backends::open(settings, Roles{.api = true, .persister = false, .hub = false}, *metrics);
  if (!backends) return backends.error();
  return std::unique_ptr<DeadLetterClient>(new OwnClient(std::move(metrics), std::move(*backends), takes_effect_now));
}

const base::Error kForeignAnswer{base::ErrorCode::unavailable, "the service's answer cannot be read"};

// The objects in the named list of an answer.
base::Result<std::vector<boost::json::object>> objects_in(const std::string& answer, const char* name) {
  boost::system::error_code failure;
  const auto parsed = boost::json::parse(answer, failure);
  if (failure || !parsed.is_object()) return kForeignAnswer;
  const auto* list = parsed.get_object().if_contains(name);
  if (list == nullptr || !list->is_array()) return kForeignAnswer;
  std::vector<boost::json::object> objects;
  for (const auto& item : list->get_array()) {
    if (!item.is_object()) return kForeignAnswer;
    objects.push_back(item.get_object());
  }
  return objects;
}

std::string text_in(const boost::json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

base::Result<std::unique_ptr<DeadLetterClient>> DeadLetterClient::open(const config::Settings& settings,
                                                                       const NamedService& service) {
  if (!uses_data_folder(settings.providers)) return open_own(settings, true);
  auto running = find_running_service(settings, service, kTimeout, kOptions);
  if (!running) return running.error();
  if (running->client) {
    return std::unique_ptr<DeadLetterClient>(std::make_unique<ServiceClient>(std::move(running->client)));
  }
  auto own = open_own(settings, false);
  if (own || own.error().code != base::ErrorCode::conflict) return own;
  return silent_service(settings, running->why);
}

base::Result<std::vector<OpenDeadLetter>> DeadLetterClient::list() {
  std::vector<OpenDeadLetter> all;
  std::vector<DeadLetterKey> after;
  while (true) {
    const auto answer = ask("list", wire::letter_keys_json(after));
    if (!answer) return answer.error();
    const auto letters = objects_in(*answer, "letters");
    if (!letters) return letters.error();
    for (const auto& object : *letters) {
      auto letter = wire::read_open_dead_letter(boost::json::serialize(object));
      if (!letter) return letter.error();
      all.push_back(std::move(*letter));
    }
    if (letters->empty() || answer->find(R"(,"more":true})") == std::string::npos) break;
    after = {all.back().key()};
  }
  std::ranges::stable_sort(all, {}, &OpenDeadLetter::origin);
  return all;
}

base::Result<std::vector<std::string>> DeadLetterClient::show(const std::vector<DeadLetterKey>& keys) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < keys.size(); i += DeadLetterService::kDeadLettersMax) {
    const std::size_t end = std::min(i + DeadLetterService::kDeadLettersMax, keys.size());
    const std::vector<DeadLetterKey> some(keys.begin() + static_cast<std::ptrdiff_t>(i),
                                          keys.begin() + static_cast<std::ptrdiff_t>(end));
    const auto answer = ask("show", wire::letter_keys_json(some));
    if (!answer) return answer.error();
    const auto found = objects_in(*answer, "records");
    if (!found) return found.error();
    for (const auto& object : *found) records.push_back(boost::json::serialize(object));
  }
  return records;
}

base::Result<std::vector<DeadLetterClient::Placed>> DeadLetterClient::place(std::string_view action,
                                                                            const std::vector<DeadLetterKey>& keys) {
  const auto answer = ask(action, wire::letter_keys_json(keys));
  if (!answer) return answer.error();
  const auto results = objects_in(*answer, "results");
  if (!results) return results.error();
  std::vector<Placed> placed;
  for (const auto& object : *results) {
    const auto origin = parse_position(text_in(object, "id"));
    if (!origin) return kForeignAnswer;
    placed.push_back({*origin, parse_position(text_in(object, "position")), text_in(object, "error")});
  }
  return placed;
}

}  // namespace message_service::service
