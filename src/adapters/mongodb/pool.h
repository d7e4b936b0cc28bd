// The driver's connections, and the code that every call of the driver needs. Private to the adapter: exposes the
// driver.
//
// A MongoDb has one for its store and one for its version register; any thread. A call takes a client, and the client's
// destructor gives it back.
#pragma once

#include <mongoc/mongoc.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/mongodb/handles.h"
#include "adapters/mongodb/mongodb.h"

namespace message_service::mongodb {

// The user's connection string, with our bounds where it sets none. `invalid` has the driver's complaint.
base::Result<Uri> uri_of(const Options& options);

class Pool {
 public:
  // A client of the pool's, used by one thread at a time.
  class Client {
   public:
    Client(Pool& pool, mongoc_client_t* client) : pool_(&pool), client_(client) {}
    Client(Client&& other) noexcept : pool_(other.pool_), client_(std::exchange(other.client_, nullptr)) {}
    Client& operator=(Client&&) = delete;
    ~Client() {
      if (client_ != nullptr) pool_->give_back(client_);
    }
    mongoc_client_t* get() const { return client_; }

   private:
    Pool* pool_;
    mongoc_client_t* client_;
  };

  static base::Result<std::unique_ptr<Pool>> open(const Options& options);
  ~Pool();

  // `unavailable` when no client is free in time.
  base::Result<Client> take();

  const char* database() const { return database_.c_str(); }
  bool has_primary() const { return servers_->have_primary.load(std::memory_order_relaxed); }

  // The error of a failed call, as unavailable(). Remembers it when a person has to put the servers right first.
  base::Error failed(std::string_view doing, const bson_error_t& error) const;
  void needs_setup(const std::string& text) const;
  void works() const;  // the remembered error is over
  // Empty when no error is remembered.
  std::string setup_needed() const;

 private:
  // What the driver's own threads know of the servers. They outlive a pool that is abandoned.
  struct Servers {
    std::atomic<bool> have_primary{false};
  };

  Pool(ClientPool pool, const Options& options);
  void watch_servers();
  void abandon();
  void give_back(mongoc_client_t* client);
  void count(int taken);

  std::string database_;
  std::optional<PoolConnections> gauges_;
  std::unique_ptr<Servers> servers_ = std::make_unique<Servers>();
  mutable std::atomic<bool> is_setup_needed_{false};
  mutable std::string setup_needed_;
  mutable std::mutex mutex_;  // for the text and the two counts
  std::size_t in_use_ = 0;
  std::size_t made_ = 0;  // the driver makes a connection only when none is idle
  ClientPool pool_;
};

// The driver's error as `unavailable`: a network error, a lost primary and a refusal all mean that the caller may make
// the same call again, and that the call may have taken effect. `doing` is the call's name for people.
base::Error unavailable(std::string_view doing, const bson_error_t& error);
base::Error unavailable(std::string_view doing, std::string_view text);

}  // namespace message_service::mongodb
