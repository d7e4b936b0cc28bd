// The HTTP server's answers and refusals, in the metrics of the service. Any thread.
#pragma once

#include <string_view>

#include "http/routing/observer.h"
#include "observe/metrics.h"

namespace message_service::service {

class HttpObserver : public http::Observer {
 public:
  // `metrics` outlives the observer.
  explicit HttpObserver(Metrics& metrics) : metrics_(metrics) {}

  http::AnswerObserver route(std::string_view pattern) override { return metrics_.route(pattern); }
  void refused_connection(http::RefusedFor reason) override {
    metrics_.refused.with(reason == http::RefusedFor::connection_limit ? "connections" : "descriptors").increment();
  }
  void failed_handshake() override { metrics_.tls_handshakes_failed.increment(); }

 private:
  Metrics& metrics_;
};

}  // namespace message_service::service
