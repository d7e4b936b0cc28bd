#include "adapters/mongodb/pool.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "adapters/mongodb/errors.h"
#include "logging/logging.h"

namespace message_service::mongodb {

namespace {

void write_to_our_log(mongoc_log_level_t level, const char* domain, const char* message, void* /*unused*/) {
  const std::string text = "MongoDB driver (" + std::string(domain) + "): " + message;
  switch (level) {
    case MONGOC_LOG_LEVEL_ERROR:
    case MONGOC_LOG_LEVEL_CRITICAL:
      logging::error(text);
      break;
    case MONGOC_LOG_LEVEL_WARNING:
      logging::warning(text);
      break;
    default:
      logging::debug(text);
  }
}

// The driver's own global state: made once in a process, before the first client, and destroyed after the last one.
struct Driver {
  Driver() {
    mongoc_init();
    mongoc_log_set_handler(write_to_our_log, nullptr);
  }
  ~Driver() {
    mongoc_log_set_handler(nullptr, nullptr);
    if (!is_needed_until_the_end) mongoc_cleanup();
  }
  static inline std::atomic<bool> is_needed_until_the_end = false;
};

void use_driver() { static const Driver driver; }

void set_unless_given(mongoc_uri_t* uri, const char* option, std::chrono::milliseconds value) {
  if (!mongoc_uri_has_option(uri, option)) {
    mongoc_uri_set_option_as_int32(uri, option, static_cast<std::int32_t>(value.count()));
  }
}

}  // namespace

base::Result<Uri> uri_of(const Options& options) {
  use_driver();
  bson_error_t error{};
  Uri uri(mongoc_uri_new_with_error(options.connection_string.c_str(), &error));
  if (!uri)
    return base::Error{base::ErrorCode::invalid,
                       std::string("the MongoDB connection string is wrong: ") + error.message};
  set_unless_given(uri.get(), MONGOC_URI_CONNECTTIMEOUTMS, options.connect_timeout);
  set_unless_given(uri.get(), MONGOC_URI_SERVERSELECTIONTIMEOUTMS, options.server_selection_timeout);
  set_unless_given(uri.get(), MONGOC_URI_SOCKETTIMEOUTMS, options.socket_timeout);
  set_unless_given(uri.get(), MONGOC_URI_HEARTBEATFREQUENCYMS, options.heartbeat_interval);
  set_unless_given(uri.get(), MONGOC_URI_WAITQUEUETIMEOUTMS, options.wait_for_connection);
  if (!mongoc_uri_has_option(uri.get(), MONGOC_URI_MAXPOOLSIZE)) {
    const auto connections = std::max(options.connections_max, options.writers);
    mongoc_uri_set_option_as_int32(uri.get(), MONGOC_URI_MAXPOOLSIZE, static_cast<std::int32_t>(connections));
  }
  // Our callers repeat the whole call, and the store recognizes a repetition. So the servers need not keep a record of
  // each write for the driver to repeat it.
  if (!mongoc_uri_has_option(uri.get(), MONGOC_URI_RETRYWRITES)) {
    mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_RETRYWRITES, false);
  }
  return uri;
}

base::Result<std::unique_ptr<Pool>> Pool::open(const Options& options) {
  auto uri = uri_of(options);
  if (!uri) return uri.error();
  bson_error_t error{};
  ClientPool driver(mongoc_client_pool_new_with_error(uri->get(), &error));
  if (!driver)
    return base::Error{base::ErrorCode::invalid,
                       std::string("the MongoDB connection string is wrong: ") + error.message};
  std::unique_ptr<Pool> pool(new Pool(std::move(driver), options));
  // The driver starts to watch the servers when its first client is taken.
  if (auto first = pool->take(); !first) return first.error();
  return pool;
}

Pool::Pool(ClientPool pool, const Options& options)
    : database_(options.database_name), gauges_(options.connection_gauges), pool_(std::move(pool)) {
  mongoc_client_pool_set_error_api(pool_.get(), MONGOC_ERROR_API_VERSION_2);
  mongoc_client_pool_set_appname(pool_.get(), "message-service");
  watch_servers();
}

Pool::~Pool() {
  has_primary() ? pool_.reset() : abandon();
  if (gauges_) {
    gauges_->idle.set(0);
    gauges_->in_use.set(0);
  }
}

// To destroy a pool the driver tells a server that the sessions end, and waits for one as long as for any call. A
// program that stops has no time for that: what the pool holds ends with the process.
void Pool::abandon() {
  static std::mutex mutex;
  static auto* const abandoned = new std::vector<std::pair<ClientPool, std::unique_ptr<Servers>>>;
  const std::scoped_lock lock(mutex);
  Driver::is_needed_until_the_end = true;
  abandoned->emplace_back(std::move(pool_), std::move(servers_));
}

void Pool::watch_servers() {
  mongoc_apm_callbacks_t* callbacks = mongoc_apm_callbacks_new();
  mongoc_apm_set_topology_changed_cb(callbacks, [](const mongoc_apm_topology_changed_t* event) {
    // The driver's function takes no const pointer, though it only looks.
    auto* now = const_cast<mongoc_topology_description_t*>(mongoc_apm_topology_changed_get_new_description(event));
    auto* servers = static_cast<Servers*>(mongoc_apm_topology_changed_get_context(event));
    servers->have_primary.store(mongoc_topology_description_has_writable_server(now), std::memory_order_relaxed);
  });
  mongoc_client_pool_set_apm_callbacks(pool_.get(), callbacks, servers_.get());
  mongoc_apm_callbacks_destroy(callbacks);
}

base::Result<Pool::Client> Pool::take() {
  mongoc_client_t* client = mongoc_client_pool_pop(pool_.get());
  if (client == nullptr) {
    return base::Error{base::ErrorCode::unavailable,
                       "every connection to MongoDB is busy, and none became free in time"};
  }
  count(1);
  return Client(*this, client);
}

void Pool::give_back(mongoc_client_t* client) {
  mongoc_client_pool_push(pool_.get(), client);
  count(-1);
}

void Pool::count(int taken) {
  const std::scoped_lock lock(mutex_);
  in_use_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(in_use_) + taken);
  made_ = std::max(made_, in_use_);
  if (gauges_) {
    gauges_->in_use.set(static_cast<double>(in_use_));
    gauges_->idle.set(static_cast<double>(made_ - in_use_));
  }
}

base::Error Pool::failed(std::string_view doing, const bson_error_t& error) const {
  const bool by_server = error.domain == MONGOC_ERROR_SERVER || error.domain == MONGOC_ERROR_WRITE_CONCERN;
  const bool setup = by_server && outlook_of(static_cast<std::int32_t>(error.code)) == Outlook::setup;
  const bool sign_in = error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE;
  base::Error failed = unavailable(doing, error);
  if (setup || sign_in) needs_setup(failed.text);
  return failed;
}

void Pool::needs_setup(const std::string& text) const {
  const std::scoped_lock lock(mutex_);
  setup_needed_ = text;
  is_setup_needed_.store(true, std::memory_order_relaxed);
}

void Pool::works() const {
  if (is_setup_needed_.load(std::memory_order_relaxed)) is_setup_needed_.store(false, std::memory_order_relaxed);
}

std::string Pool::setup_needed() const {
  if (!is_setup_needed_.load(std::memory_order_relaxed)) return {};
  const std::scoped_lock lock(mutex_);
  return setup_needed_;
}

base::Error unavailable(std::string_view doing, std::string_view text) {
  return {base::ErrorCode::unavailable, "MongoDB could not " + std::string(doing) + ": " + std::string(text)};
}

base::Error unavailable(std::string_view doing, const bson_error_t& error) {
  return unavailable(doing, std::string_view(error.message));
}

}  // namespace message_service::mongodb
