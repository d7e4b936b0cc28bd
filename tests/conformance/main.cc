// The server that Microsoft's functional tests of the TypeScript client run against, on our SignalR library: every
// route and hub method of theirs. README.md in this folder tells what is what.
//   signalr-conformance [--certificate PEM] [FOLDER]
// With a certificate it listens with https too. It serves the scripts in FOLDER, for tests that load them from here
// (web workers).
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/clock.h"
#include "conformance/json_web_token.h"
#include "conformance/test_hub.h"
#include "signalr/connection/framing.h"
#include "signalr/connection/upgrade.h"
#include "signalr/signalr.h"

namespace message_service::conformance {

namespace {

using http::Exchange;
using http::Request;
using http::Response;
using signalr::Context;
using signalr::EndpointOptions;
using signalr::Hub;
using signalr::NegotiationAnswer;
using signalr::text_response;
using signalr::Transport;
using signalr::TransportConnection;

constexpr std::int64_t kTokenSeconds = 5;
constexpr std::size_t kEchoBytesMax = std::size_t{1} << 20;
constexpr auto kPause = std::chrono::milliseconds(1);

class Fixture {
 public:
  explicit Fixture(signalr::Host& host);

 private:
  void fill_hubs();
  void map_hubs(signalr::Host& host);
  void add_routes(http::Router& router);
  signalr::Admission admit(const Request& request) const;
  NegotiationAnswer redirect(const Request& request);
  runtime::Awaitable<Response> ask_client(Exchange& exchange);

  Hub test_hub_, authorized_hub_, uncreatable_hub_, guarded_hub_;
  const JsonWebTokens tokens_{"a key that nothing but this fixture knows and that is long enough"};
  std::atomic<int> redirects_ = 0;
};

// To a page that came by http, a server with https is another site, whose cookies it sends only if they say so.
NegotiationAnswer with_cookies(const Request& request) {
  const std::string end = request.scheme == "https" ? "; path=/; secure; samesite=none" : "; path=/";
  return {.headers = {{"Set-Cookie", "testCookie=testValue" + end},
                      {"Set-Cookie", "testCookie2=testValue2" + end},
                      {"Set-Cookie", "expiredCookie=doesntmatter; expires=Sat, 01 Jan 2000 00:00:00 GMT" + end}}};
}

EndpointOptions options() {
  EndpointOptions options;
  options.connection.calls.detailed_errors = true;
  options.connections.negotiate = with_cookies;
  return options;
}

// Waits where the client takes less than it sends; one that takes nothing is cut off by the transport.
runtime::Awaitable<void> send_when_there_is_room(TransportConnection& transport, runtime::SharedBytes bytes) {
  runtime::Timer timer(transport.shard().executor());
  while (transport.is_open() && !transport.send(bytes)) {
    timer.expires_after(kPause);
    co_await timer.async_wait(runtime::tuple_awaitable);
  }
}

// Without a hub's protocol: what comes goes back, in the pieces in which it came.
runtime::Awaitable<void> echo(std::shared_ptr<TransportConnection> transport) {
  const bool has_cookie = transport->opening().cookie("testCookie").has_value();
  bool open = has_cookie;
  while (open) {
    std::string bytes;
    const TransportConnection::Arrival arrival = co_await transport->read(bytes);
    open = arrival == TransportConnection::Arrival::data;
    if (!open) break;
    co_await send_when_there_is_room(*transport, signalr::framed(transport->transport(), signalr::Format::text, bytes));
  }
  transport->close();
}

// Elsewhere on this server. With the whole address: the EventSource for Node (2.0.2) throws at a path alone.
runtime::Awaitable<Response> move_to(std::string path, const Request& request) {
  const std::string_view scheme = request.scheme.empty() ? "http" : request.scheme;
  std::string location = std::string(scheme) + "://" + std::string(request.header("Host")) + path;
  char before = '?';
  for (const auto& [name, value] : request.target.query) {
    location.append(1, before).append(name).append("=").append(value);
    before = '&';
  }
  Response response{.status = 307};
  response.headers.emplace_back("Location", std::move(location));
  co_return response;
}

Fixture::Fixture(signalr::Host& host) {
  fill_hubs();
  map_hubs(host);
  add_routes(host.router());
}

void Fixture::fill_hubs() {
  add_test_methods(test_hub_);
  authorized_hub_.on("Echo", [](const std::string& text) { return text; });
  authorized_hub_.on("SendToUser", [](const Context& context, const std::string& user, const std::string& text) {
    context.user(user).send("Message", text);
  });
  add_guarded_methods(guarded_hub_);
  uncreatable_hub_.on_connected([](const Context&) {
    throw std::runtime_error(
        "Unable to resolve service for type 'System.Object' while attempting to activate "
        "'FunctionalTests.UncreatableHub'.");
  });
}

void Fixture::map_hubs(signalr::Host& host) {
  host.map("/testhub", test_hub_, options());
  EndpointOptions without_sockets = options();
  without_sockets.connections.transports = {Transport::server_sent_events, Transport::long_polling};
  host.map("/testhub-nowebsockets", test_hub_, std::move(without_sockets));
  EndpointOptions authorized = options();
  authorized.connections.admit = [this](const Exchange& exchange) { return admit(exchange.request); };
  host.map("/authorizedhub", authorized_hub_, std::move(authorized));
  host.map("/uncreatable", uncreatable_hub_, options());
  EndpointOptions guarded;
  guarded.connection.calls = {.at_once = 2, .streams_max = 3};
  host.map("/guardedhub", guarded_hub_, std::move(guarded));
  EndpointOptions redirecting = options();
  redirecting.connections.negotiate = [this](const Request& request) { return redirect(request); };
  host.map("/redirect", test_hub_, std::move(redirecting));

  signalr::TransportEndpointOptions raw;
  raw.negotiate = with_cookies;
  raw.transport.whole_message_bytes_max = kEchoBytesMax;
  host.map_connections("/echo", echo, std::move(raw));
}

signalr::Admission Fixture::admit(const Request& request) const {
  constexpr std::string_view scheme = "Bearer ";
  std::string_view token = request.header("Authorization");
  if (token.starts_with(scheme)) {
    token.remove_prefix(scheme.size());
  } else {
    token = request.target.query_value("access_token").value_or("");
  }
  const auto subject = tokens_.subject_of(token, base::wall_now() / 1000);
  if (!subject) return {.admitted = false};
  return {.user = signalr::User{.id = *subject}};
}

NegotiationAnswer Fixture::redirect(const Request& request) {
  NegotiationAnswer answer = with_cookies(request);
  answer.redirect_url = std::string(request.target.query_value("baseUrl").value_or("")) +
                        "/testHub?numRedirects=" + std::to_string(++redirects_);
  return answer;
}

void Fixture::add_routes(http::Router& router) {
  router.add("GET", "/generateJwtToken", [this](Exchange&) -> runtime::Awaitable<Response> {
    co_return text_response(200, tokens_.issue("testuser", base::wall_now() / 1000 + kTokenSeconds));
  });
  router.add("GET", "/clientresult/{}", [this](Exchange& exchange) { return ask_client(exchange); });
  router.add("GET", "/deployment", [](Exchange&) -> runtime::Awaitable<Response> {
    co_return Response{.content_type = http::kJson, .body = "{}"};
  });
  for (const char* verb : {"GET", "POST"}) {
    for (const char* path : {"/bad-negotiate", "/bad-negotiate/negotiate"}) {
      router.add(verb, path, [](Exchange&) -> runtime::Awaitable<Response> {
        co_return text_response(400, "Some response from server");
      });
    }
  }
  for (const char* verb : {"GET", "POST", "DELETE"}) {
    router.add(verb, "/echoredirect", [](Exchange& exchange) { return move_to("/echo", exchange.request); });
    router.add(verb, "/echoredirect/negotiate",
               [](Exchange& exchange) { return move_to("/echo/negotiate", exchange.request); });
  }
}

void add_scripts(http::Router& router, const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".js") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::string script(std::istreambuf_iterator<char>(file), {});
    router.add("GET", "/" + entry.path().lexically_relative(folder).generic_string(),
               [script = std::move(script)](Exchange&) -> runtime::Awaitable<Response> {
                 co_return Response{.content_type = "text/javascript; charset=utf-8", .body = script};
               });
  }
}

// From outside the hub: what the client's method `Result` gives.
runtime::Awaitable<Response> Fixture::ask_client(Exchange& exchange) {
  const signalr::Client client = test_hub_.clients().client(std::string(exchange.request.parameters.front()));
  const base::Result<int> result = co_await client.try_invoke<int>("Result");
  co_return text_response(200, result ? std::to_string(*result) : result.error().text);
}

}  // namespace

}  // namespace message_service::conformance

int main(int argc, char** argv) {
  signalr::HostOptions options{.allowed_origins = {"*"}};
  const bool with_tls = argc > 2 && std::string_view(argv[1]) == "--certificate";
  if (with_tls) options.certificate.path = argv[2];
  const char* const folder = argv[with_tls ? 3 : 1];  // null when there is none
  signalr::Host host(options);
  message_service::conformance::Fixture fixture(host);
  if (folder != nullptr && !std::filesystem::is_directory(folder)) {
    std::fprintf(stderr, "signalr-conformance: %s is no folder of scripts\n", folder);
    return 2;
  }
  if (folder != nullptr) message_service::conformance::add_scripts(host.router(), folder);
  return host.run();
}
