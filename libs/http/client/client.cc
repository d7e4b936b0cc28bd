#include "http/client/client.h"

#include <boost/asio/connect.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

namespace http {

namespace beast = boost::beast::http;
using boost::system::error_code;

Client::Client(ServerAddress target, std::chrono::milliseconds timeout)
    : target_(std::move(target)), timeout_(timeout) {}

base::Result<boost::asio::ip::tcp::endpoint> Client::reach() {
  if (const error_code failure = connect()) return unreachable(failure);
  error_code failure;
  const auto endpoint = stream_.socket().remote_endpoint(failure);
  if (failure) return unreachable(failure);
  return endpoint;
}

base::Result<Answer> Client::get(std::string_view path) { return call({false, std::string(path), {}}); }

base::Result<Answer> Client::post_json(std::string_view path, std::string body) {
  return call({true, std::string(path), std::move(body)});
}

base::Result<Answer> Client::call(const Call& call) {
  const bool reused = connected_;
  Answer answer;
  error_code failure = reused ? error_code() : connect();
  if (!failure) failure = exchange(call, answer);
  if (failure && reused) {  // the server may have closed the idle connection: try once more on a new one
    failure = connect();
    if (!failure) failure = exchange(call, answer);
  }
  if (!failure) return answer;
  connected_ = false;
  return unreachable(failure);
}

base::Error Client::unreachable(const error_code& failure) const {
  return {base::ErrorCode::unavailable, "http://" + target_.authority + " does not answer: " + failure.message()};
}

error_code Client::connect() {
  error_code result;
  stream_.close();
  stream_.expires_after(timeout_);
  stream_.async_connect(target_.endpoints, [&result](error_code failure, const auto&) { result = failure; });
  context_.restart();
  context_.run();
  connected_ = !result;
  return result;
}

error_code Client::exchange(const Call& call, Answer& answer) {
  beast::request<beast::string_body> request(call.post ? beast::verb::post : beast::verb::get, call.path, 11);
  request.set(beast::field::host, target_.authority);
  if (call.post) request.set(beast::field::content_type, "application/json");
  if (!bearer_token_.empty()) request.set(beast::field::authorization, "Bearer " + bearer_token_);
  request.body() = call.body;
  request.prepare_payload();
  beast::response<beast::string_body> response;
  boost::beast::flat_buffer buffer;
  error_code result;
  stream_.expires_after(timeout_);
  beast::async_write(stream_, request, [&](error_code write_failure, std::size_t) {
    if ((result = write_failure)) return;
    beast::async_read(stream_, buffer, response, [&](error_code failure, std::size_t) { result = failure; });
  });
  context_.restart();
  context_.run();
  if (result) return result;
  connected_ = response.keep_alive();
  answer = {response.result_int(), std::move(response.body())};
  return {};
}

}  // namespace http
