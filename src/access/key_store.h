// The keys that tokens are checked with: of the configuration, of a file, of an identity provider.
//
// Owned by the service. start() reads what lies on this machine; a thread of its own fetches the rest, and all of it
// again every refresh interval. While a provider is away its last keys are kept. Any thread may ask for the keys.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "access/development_key.h"
#include "access/options.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/result.h"
#include "jwt/key_set.h"

namespace message_service::access {

// Immutable; replaced as a whole when anything of it changes.
struct Keys {
  jwt::KeySet set;
  std::vector<std::string> issuers;  // a token must name one of them
};

class KeyStore {
 public:
  // Blocks until the document at the URL is here.
  using Fetch = std::function<base::Result<std::string>(const std::string& url)>;

  KeyStore(BearerOptions options, Fetch fetch);
  ~KeyStore();

  // `invalid`: a key of the configuration, or the file, cannot be read; the text names it.
  base::Result<void> start();
  void stop();

  std::shared_ptr<const Keys> current() const;

  // For a token that names an unknown key: calls `done` once, after the next fetch. Strangers can cause one fetch in a
  // minute; after that `done` is called at once.
  void refresh(std::function<void()> done);

  // Reads the file and fetches the rest again now, because an operator asks.
  void reload();

  // Read by start(); nothing: none is configured.
  const std::optional<DevelopmentKey>& development_key() const { return development_key_; }

  // What is missing for tokens to be checked; empty: nothing.
  std::string problem() const;

 private:
  struct Provided {  // by an identity provider
    std::string issuer;
    std::string key_set;
  };

  base::Result<std::vector<jwt::Key>> read_signing_keys() const;
  base::Result<std::string> read_file() const;
  base::Result<Provided> fetch_provided() const;
  bool has_provider() const;
  void run();
  bool fetch_all();
  void keep_file(const base::Result<std::string>& text);
  void publish();
  void report(const std::string& what, const base::Result<void>& outcome, std::string& reported);

  const BearerOptions options_;
  const Fetch fetch_;

  // Of the thread; before start() of the caller.
  std::optional<DevelopmentKey> development_key_;
  std::vector<jwt::Key> signing_keys_;
  std::string file_text_;
  Provided provided_;
  std::string url_text_;
  std::string published_;  // everything that the present keys were made of
  std::string provider_fault_, url_fault_, file_fault_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const Keys> current_;
  std::vector<std::function<void()>> waiting_;  // for the next fetch
  std::optional<base::SteadyTime> asked_at_;    // the last fetch that a stranger caused
  std::string problem_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service::access
