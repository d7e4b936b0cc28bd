#include "access/key_store.h"

#include <pthread.h>

#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/base64.h"
#include "logging/logging.h"

namespace message_service::access {

namespace {

constexpr auto kBetweenStrangers = std::chrono::minutes(1);
constexpr std::size_t kSigningKeysMax = 100;
const std::string kSection = "Authentication:Schemes:Bearer:";

std::string metadata_address(const BearerOptions& options) {
  if (!options.metadata_address.empty()) return options.metadata_address;
  std::string base = options.authority;
  while (base.ends_with('/')) base.pop_back();
  return base + "/.well-known/openid-configuration";
}

base::Result<std::string> text_member(const boost::json::object& document, std::string_view name) {
  const auto* value = document.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return base::Error{base::ErrorCode::invalid, "its " + std::string(name) + " is missing"};
  }
  return std::string(value->get_string());
}

// What a map such as {"0:id": …} says of one key.
std::string member_of(const std::map<std::string, std::string>& members, std::size_t index, const char* name) {
  const auto found = members.find(std::to_string(index) + ":" + name);
  return found == members.end() ? std::string() : found->second;
}

}  // namespace

KeyStore::KeyStore(BearerOptions options, Fetch fetch) : options_(std::move(options)), fetch_(std::move(fetch)) {
  current_ = std::make_shared<const Keys>();
}

KeyStore::~KeyStore() { stop(); }

bool KeyStore::has_provider() const { return !options_.authority.empty() || !options_.metadata_address.empty(); }

base::Result<void> KeyStore::start() {
  auto keys = read_signing_keys();
  if (!keys) return keys.error();
  signing_keys_ = std::move(*keys);
  if (!options_.development_key_file.empty()) {
    auto own = DevelopmentKey::load(options_.development_key_file);
    if (!own) return base::Error{base::ErrorCode::invalid, "Auth:DevelopmentKeyFile: " + own.error().text};
    auto key = jwt::Key::from_jwk(own->private_jwk());
    if (!key) return key.error();
    signing_keys_.push_back(std::move(*key));
    development_key_ = std::move(*own);
  }
  if (!options_.jwks_file.empty()) {
    auto text = read_file();
    if (!text) return text.error();
    file_text_ = std::move(*text);
  }
  publish();
  thread_ = std::thread([this] { run(); });
  return {};
}

void KeyStore::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<const Keys> KeyStore::current() const {
  const std::scoped_lock lock(mutex_);
  return current_;
}

std::string KeyStore::problem() const {
  const std::scoped_lock lock(mutex_);
  return problem_;
}

void KeyStore::refresh(std::function<void()> done) {
  {
    const std::scoped_lock lock(mutex_);
    const base::SteadyTime now = base::SteadyClock::now();
    const bool may_ask = !asked_at_ || now - *asked_at_ >= kBetweenStrangers;
    if (may_ask) asked_at_ = now;
    if (!stopping_ && (may_ask || !waiting_.empty())) {
      waiting_.push_back(std::move(done));
      wake_.notify_all();
      return;
    }
  }
  done();
}

void KeyStore::reload() {
  {
    const std::scoped_lock lock(mutex_);
    if (!stopping_) waiting_.emplace_back([] {});
  }
  wake_.notify_all();
}

base::Result<std::vector<jwt::Key>> KeyStore::read_signing_keys() const {
  std::vector<jwt::Key> keys;
  for (std::size_t index = 0; index < kSigningKeysMax; ++index) {
    const std::string value = member_of(options_.signing_keys, index, "value");
    if (value.empty()) continue;
    const std::string name = kSection + "SigningKeys:" + std::to_string(index) + ":Value";
    const auto secret = base::read_base64(value);
    if (!secret) return base::Error{base::ErrorCode::invalid, name + ": must be base64"};
    auto key = jwt::Key::symmetric(member_of(options_.signing_keys, index, "id"), *secret);
    if (!key) return base::Error{base::ErrorCode::invalid, name + ": " + key.error().text};
    const std::string issuer = member_of(options_.signing_keys, index, "issuer");
    keys.push_back(issuer.empty() ? *key : key->for_issuer(issuer));
  }
  if (keys.empty() && !options_.signing_keys.empty()) {
    return base::Error{base::ErrorCode::invalid, kSection + "SigningKeys: none of them has a Value"};
  }
  return keys;
}

base::Result<std::string> KeyStore::read_file() const {
  const std::string name = kSection + "JwksFile: " + options_.jwks_file + " ";
  std::error_code error;
  if (std::filesystem::is_directory(options_.jwks_file, error)) {
    return base::Error{base::ErrorCode::invalid, name + "is a folder"};
  }
  std::ifstream file(options_.jwks_file, std::ios::binary);
  if (!file) {
    return base::Error{base::ErrorCode::invalid, name + "cannot be read: " + std::generic_category().message(errno)};
  }
  std::string text(jwt::kMaxKeySetBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto set = jwt::KeySet::parse(text);
  if (!set) return base::Error{base::ErrorCode::invalid, name + set.error().text};
  return text;
}

base::Result<KeyStore::Provided> KeyStore::fetch_provided() const {
  const std::string address = metadata_address(options_);
  const auto metadata = fetch_(address);
  if (!metadata) return metadata.error();
  boost::system::error_code failure;
  const auto document = boost::json::parse(*metadata, failure);
  if (failure || !document.is_object()) return base::Error{base::ErrorCode::invalid, address + " holds no JSON object"};
  const auto issuer = text_member(document.get_object(), "issuer");
  if (!issuer) return issuer.error();
  const auto keys_address = text_member(document.get_object(), "jwks_uri");
  if (!keys_address) return keys_address.error();
  if (options_.require_https_metadata && !keys_address->starts_with("https://")) {
    return base::Error{base::ErrorCode::invalid, "its jwks_uri is not https, see " + kSection + "RequireHttpsMetadata"};
  }
  auto text = fetch_(*keys_address);
  if (!text) return text.error();
  const auto set = jwt::KeySet::parse(*text);
  if (!set) return set.error();
  return Provided{*issuer, std::move(*text)};
}

// Says a fault once, until it is another one or gone.
void KeyStore::report(const std::string& what, const base::Result<void>& outcome, std::string& reported) {
  const std::string fault = outcome ? std::string() : outcome.error().text;
  if (fault == reported) return;
  reported = fault;
  if (fault.empty()) return logging::info("Keys of " + what + " are here again");
  logging::warning("Keys of " + what + " cannot be fetched; the last ones are kept: " + fault);
}

void KeyStore::keep_file(const base::Result<std::string>& text) {
  if (text) file_text_ = *text;
  report("the file", text ? base::Result<void>() : text.error(), file_fault_);
}

// False when something could not be fetched.
bool KeyStore::fetch_all() {
  if (!options_.jwks_file.empty()) keep_file(read_file());
  if (has_provider()) {
    auto provided = fetch_provided();
    report("the identity provider", provided ? base::Result<void>() : provided.error(), provider_fault_);
    if (provided) provided_ = std::move(*provided);
  }
  if (!options_.jwks_url.empty()) {
    auto text = fetch_(options_.jwks_url);
    const auto set = text ? jwt::KeySet::parse(*text) : base::Result<jwt::KeySet>(text.error());
    report(kSection + "JwksUrl", set ? base::Result<void>() : set.error(), url_fault_);
    if (set) url_text_ = std::move(*text);
  }
  publish();
  return provider_fault_.empty() && url_fault_.empty();
}

// Leaves the present keys in place when nothing has changed, so that verified tokens stay remembered.
void KeyStore::publish() {
  std::string all;
  for (const std::string* text : {&file_text_, &provided_.issuer, &provided_.key_set, &url_text_}) {
    all.append(std::to_string(text->size())).append(":").append(*text);
  }
  auto keys = std::make_shared<Keys>();
  std::vector<jwt::Key> every = signing_keys_;
  for (const std::string* text : {&file_text_, &provided_.key_set, &url_text_}) {
    if (text->empty()) continue;
    const auto set = jwt::KeySet::parse(*text);  // it was parsed when it came
    if (set) every.insert(every.end(), set->keys().begin(), set->keys().end());
  }
  const bool has_none = every.empty();
  keys->set = jwt::KeySet(std::move(every));
  keys->issuers = options_.valid_issuers;
  if (!options_.valid_issuer.empty()) keys->issuers.push_back(options_.valid_issuer);
  if (keys->issuers.empty() && !provided_.issuer.empty()) keys->issuers.push_back(provided_.issuer);
  const std::scoped_lock lock(mutex_);
  problem_ = has_none                ? "no keys to check tokens with"
             : keys->issuers.empty() ? "the issuer of tokens is not known yet"
                                     : "";
  if (all == std::exchange(published_, all) && !current_->set.keys().empty()) return;
  current_ = std::move(keys);
}

void KeyStore::run() {
  pthread_setname_np(pthread_self(), "access-keys");
  base::Backoff backoff(std::chrono::milliseconds(500), std::chrono::seconds(30));
  while (true) {
    std::vector<std::function<void()>> answered;
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) break;
      answered.swap(waiting_);
    }
    const bool complete = fetch_all();
    for (const auto& done : answered) done();
    if (complete) backoff.reset();
    const std::chrono::milliseconds pause =
        complete ? options_.refresh_interval
                 : std::min<std::chrono::milliseconds>(backoff.next(), options_.refresh_interval);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, pause, [this] { return stopping_ || !waiting_.empty(); });
  }
  std::vector<std::function<void()>> answered;
  {
    const std::scoped_lock lock(mutex_);
    answered.swap(waiting_);
  }
  for (const auto& done : answered) done();
}

}  // namespace message_service::access
