// The tokens that count no more, on this node: what the store has, read again several times a second.
//
// Owned by the service; any thread may ask. Its own thread reads the store, from start() to stop().
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "access/identity.h"
#include "base/bounds.h"
#include "base/result.h"
#include "model/revocation.h"
#include "ports/store.h"
#include "ports/store_reader.h"

namespace message_service::access {

class Revocations {
 public:
  struct Options {
    // At least as long as any token lives.
    std::chrono::seconds kept_for = std::chrono::hours(24 * 30);
    static constexpr base::Bounds<std::chrono::seconds> kept_for_bounds{std::chrono::seconds(1),
                                                                        std::chrono::hours(24 * 3660)};
  };

  // `changed` is called when there are new ones, and once more a moment later, by whoever reads the store.
  Revocations(Store& store, StoreReader& reader, const Options& options, std::function<void()> changed);
  ~Revocations() { stop(); }

  // Reads the store once before it returns; a store that is away is read later.
  void start();
  void stop();

  // Whether the token is one of those. A token that does not say when it was issued counts as old.
  bool has(const Identity& identity) const;

  // Durable when it returns; the other nodes know it within half a second. Blocks for the store.
  base::Result<void> add(const std::string& subject, base::Timestamp issued_before);

 private:
  using BySubject = std::map<std::string, base::Timestamp, std::less<>>;
  void run();
  base::Result<void> read();

  Store& store_;
  StoreReader& reader_;
  const Options options_;
  const std::function<void()> changed_;
  std::atomic<std::shared_ptr<const BySubject>> known_{std::make_shared<const BySubject>()};

  std::mutex read_mutex_;
  bool was_new_ = false;  // whether the last reading found new ones
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace message_service::access
