// Measures our own readers and writers beside libraries, on the messages of the service. Each line is one job; both do
// it in turn, and the medians of the rounds are printed.
#include <algorithm>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <msgpack.hpp>
#include <string>
#include <variant>
#include <vector>

#include "http/codec/request_reader.h"
#include "model/message.h"
#include "signalr/protocol/msgpack_protocol.h"
#include "websocket/codec/frame.h"
#include "websocket/codec/frame_parser.h"
#include "wire/message_json.h"

namespace message_service {
namespace {

namespace beast = boost::beast;
using Clock = std::chrono::steady_clock;
using Members = std::vector<std::pair<std::string, std::string>>;

constexpr int kRounds = 15;
constexpr int kJobs = 20'000;  // of one round

std::size_t used = 0;  // what jobs make is added here, so that no compiler leaves a job out

double nanoseconds_a_job(const std::function<std::size_t()>& job, int jobs) {
  const auto start = Clock::now();
  for (int i = 0; i < jobs; ++i) used += job();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / jobs;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void compare(const char* name, const char* library, const std::function<std::size_t()>& ours,
             const std::function<std::size_t()>& theirs, int jobs = kJobs) {
  std::vector<double> own, other;
  for (int round = 0; round < kRounds; ++round) {
    own.push_back(nanoseconds_a_job(ours, jobs));
    other.push_back(nanoseconds_a_job(theirs, jobs));
  }
  const double a = median(own), b = median(other);
  std::printf("%-44s %9.0f ns  %-22s %9.0f ns  %5.2f times\n", name, a, library, b, b / a);
}

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not as it must be: %s\n", what);
  std::exit(1);
}

Stored stored_message() {
  Draft draft;
  draft.conversation_id = "conv-123";
  draft.temporary_message_id = "temp-abc123";
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = "Is the trip on Thursday still on? We would bring \"everything\", and two cakes; see you at eight.";
  return {*admit(std::move(draft), Limits{}, 1769509800000).admitted, 4711, 1769509801000};
}

Members members_of(const Stored& stored) {
  Members members;
  const auto parsed = boost::json::parse(wire::stored_json(stored));
  for (const auto& [name, value] : parsed.as_object()) {
    const auto* text = value.if_string();
    members.emplace_back(name, text != nullptr ? std::string(*text) : boost::json::serialize(value));
  }
  return members;
}

void compare_json(const Stored& stored, const Members& members) {
  std::string out;
  compare(
      "JSON: write a stored message", "Boost.JSON",
      [&] {
        out.clear();
        wire::append_stored_json(out, stored);
        return out.size();
      },
      [&] {
        boost::json::object object;
        object.reserve(members.size());
        for (const auto& [name, value] : members) object.emplace(name, value);
        return boost::json::serialize(object).size();
      });
}

void compare_messagepack(const Members& members) {
  using signalr::Value;
  const signalr::MessagePackProtocol protocol;
  Value::Object object;
  for (const auto& [name, value] : members) object.push_back({name, Value(value)});
  const signalr::HubMessage message = signalr::Invocation{.target = "ReceiveMessage", .arguments = {Value(object)}};
  compare(
      "MessagePack: write an invocation", "msgpack-c", [&] { return protocol.write(message).size(); },
      [&] {
        msgpack::sbuffer buffer;
        msgpack::packer<msgpack::sbuffer> pack(buffer);
        pack.pack_array(6).pack(1).pack_map(0).pack_nil().pack("ReceiveMessage").pack_array(1);
        pack.pack_map(static_cast<std::uint32_t>(members.size()));
        for (const auto& [name, value] : members) pack.pack(name).pack(value);
        pack.pack_array(0);
        return buffer.size();
      });

  const std::string bytes = protocol.write(message);
  const std::size_t prefix = static_cast<unsigned char>(bytes[0]) >= 0x80 ? 2 : 1;  // the length before the message
  compare(
      "MessagePack: read an invocation", "msgpack-c",
      [&] {
        std::string_view input = bytes;
        const auto read = protocol.parse(input, {});
        must(read && *read, "our message");
        return std::get<signalr::Invocation>(**read).arguments.size();
      },
      [&] {
        const auto handle = msgpack::unpack(bytes.data() + prefix, bytes.size() - prefix);
        // As values that own their texts, which is what a hub's method is given.
        return handle.get().via.array.ptr[4].as<std::vector<std::map<std::string, std::string>>>().size();
      });
}

// Many masked messages, as a client sends them.
std::string masked_frames(std::size_t count, std::size_t payload_bytes) {
  const websocket::MaskingKey key{1, 2, 3, 4};
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    std::string payload(payload_bytes, 'x');
    std::string header(websocket::frame_header(websocket::Opcode::binary, payload_bytes).view());
    header[1] = static_cast<char>(static_cast<unsigned char>(header[1]) | websocket::kMaskBit);
    header.append(reinterpret_cast<const char*>(key.data()), key.size());
    websocket::apply_mask(payload, key);
    all.append(header).append(payload);
  }
  return all;
}

void compare_websocket(const char* name, std::size_t payload_bytes) {
  constexpr std::size_t kMessages = 100;
  const std::string frames = masked_frames(kMessages, payload_bytes);
  const auto ours = [&] {
    std::string bytes = frames;
    std::span<char> input(bytes);
    websocket::FrameParser parser(websocket::Role::server);
    std::size_t messages = 0;
    while (!input.empty()) {
      const auto event = parser.next(input);
      const auto* data = std::get_if<websocket::Data>(&event);
      must(data != nullptr, "our data");
      messages += data->message_end ? 1 : 0;
    }
    must(messages == kMessages, "our messages");
    return messages;
  };
  boost::asio::io_context io;
  beast::test::stream wire(io), client(io);
  wire.connect(client);
  beast::websocket::stream<beast::test::stream> socket(std::move(wire));
  client.append(
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  socket.next_layer().append(
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  socket.accept();
  const auto theirs = [&] {
    socket.next_layer().append(frames);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < kMessages; ++i) {
      beast::flat_buffer buffer;
      bytes += socket.read(buffer);
    }
    must(bytes == kMessages * payload_bytes, "Beast's messages");
    return bytes;
  };
  compare(name, "Beast, memory stream", ours, theirs, 200);
}

void compare_http() {
  const std::string body = R"({"senderId":"parent-001","senderType":"Parent","content":"Is the trip still on?"})";
  const std::string request =
      "POST /api/conversations/conv-123/messages HTTP/1.1\r\nHost: chat.example.org\r\nUser-Agent: Mozilla/5.0\r\n"
      "Accept: application/json\r\nContent-Type: application/json\r\nX-Correlation-ID: 7f8e\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  compare(
      "HTTP: read a POST of a message", "Beast",
      [&] {
        http::RequestReader reader({});
        std::string_view input = request;
        must(reader.feed(input) == http::RequestReader::State::head && reader.begin_body(), "our head");
        must(reader.feed(input) == http::RequestReader::State::complete, "our request");
        return reader.body().size();
      },
      [&] {
        beast::http::request_parser<beast::http::string_body> parser;
        parser.eager(true);
        beast::error_code error;
        parser.put(boost::asio::buffer(request), error);
        must(!error && parser.is_done(), "Beast's request");
        return parser.get().body().size();
      });
}

}  // namespace
}  // namespace message_service

int main() {
  using namespace message_service;
  const Stored stored = stored_message();
  const Members members = members_of(stored);
  compare_json(stored, members);
  compare_messagepack(members);
  compare_websocket("WebSocket: read 100 messages of 200 bytes", 200);
  compare_websocket("WebSocket: read 100 messages of 16 KiB", 16'384);
  compare_http();
  return used == 0 ? 1 : 0;
}
