// Translates the configuration into each part's own options. Pure.
#pragma once

#include "adapters/embedded/embedded.h"
#include "adapters/kafka/options.h"
#include "adapters/mongodb/mongodb.h"
#include "config/settings.h"
#include "logging/logging.h"
#include "pipeline/accept/ingress.h"
#include "pipeline/persist/persister.h"
#include "service/backends.h"

// Declared only: their headers bring Asio, which the commands can do without.
namespace http {
struct ServerOptions;
}
namespace signalr {
struct EndpointOptions;
}

namespace message_service::service {

// The highest version of records that this node reads.
int reads_records(const config::Settings& settings);

logging::Options log_options(const config::Settings& settings);
Limits message_limits(const config::Settings& settings);
embedded::Options embedded_options(const config::Settings& settings);
kafka::Options kafka_options(const config::Settings& settings);
mongodb::Options mongodb_options(const config::Settings& settings);
Ingress::Options ingress_options(const config::Settings& settings);
Persister::Options persister_options(const config::Settings& settings, const Backends& backends);
signalr::EndpointOptions endpoint_options(const config::Settings& settings);
http::ServerOptions server_options(const config::Settings& settings);

}  // namespace message_service::service
