// The readers of what strangers send, each with its usual input and with the worst that is known, for check.py to count
// the instructions of. Prints a line for each: GROUP NAME BYTES, in the order in which measured() is called.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http/codec/request_reader.h"
#include "model/message.h"
#include "signalr/protocol/json_protocol.h"
#include "signalr/protocol/msgpack_protocol.h"
#include "websocket/codec/deflater.h"
#include "websocket/codec/frame.h"
#include "websocket/codec/frame_parser.h"
#include "wire/message_json.h"

namespace message_service {
namespace {

constexpr std::size_t kInputBytes = std::size_t{64} << 10;
constexpr std::size_t kMessageBytes = 32'000;  // of one hub message: its bound is 32 KiB
constexpr char kSeparator = '\x1E';

std::string repeated(std::string_view piece, std::size_t bytes = kInputBytes) {
  std::string all;
  while (all.size() + piece.size() <= bytes) all.append(piece);
  return all;
}

// --- hub messages --------------------------------------------------------------------------------------------------

void read_messages(const signalr::HubProtocol& protocol, std::string_view input) {
  bool more = true;
  while (more) {
    const auto message = protocol.parse(input, {});
    more = message && *message;
  }
}

const signalr::JsonProtocol kJson;
const signalr::MessagePackProtocol kMessagePack;

const signalr::HubMessage kUsualCall = signalr::Invocation{
    .target = "SendMessage",
    .arguments = {"conv-123",
                  signalr::Value::Object{{"senderId", "parent-001"},
                                         {"senderType", "Parent"},
                                         {"content", "How was the day? \"Fine\", she said. Grüße, bis morgen!"},
                                         {"temporaryMessageId", "0190a6e0-7a1c-7cc4-8000-1e9f5f6a3b2d"}}},
    .invocation_id = "17"};

std::string json_call(std::string_view arguments) {
  return R"({"type":1,"invocationId":"1","target":"SendMessage","arguments":[)" + std::string(arguments) + "]}" +
         kSeparator;
}

std::string packed_call(std::string_view arguments) {
  std::string body =
      "\x95\x01\x80\xA1"
      "1\xA1T";
  body.append(arguments);
  const auto size = static_cast<unsigned>(body.size());
  std::string framed;
  for (unsigned left = size;; left >>= 7) {
    framed.push_back(static_cast<char>(left < 0x80 ? left : (left | 0x80)));
    if (left < 0x80) return framed + body;
  }
}

std::string array32(std::string_view items, std::size_t count, char tag = '\xDD') {
  std::string packed(1, tag);
  for (int shift = 24; shift >= 0; shift -= 8) packed.push_back(static_cast<char>(count >> shift));
  return packed.append(items);
}

// --- WebSocket frames ------------------------------------------------------------------------------------------------

void read_frames(std::string input, bool deflate) {
  websocket::FrameParser parser(websocket::Role::server, websocket::FrameParser::kUnlimited,
                                deflate ? std::optional<std::uint64_t>(std::uint64_t{1} << 30) : std::nullopt);
  std::span<char> rest(input);
  while (true) {
    const websocket::Event event = parser.next(rest);
    if (std::holds_alternative<websocket::NeedMore>(event)) return;
    CHECK(!std::holds_alternative<websocket::ParseError>(event));
  }
}

std::string frame(std::string_view payload, std::uint8_t head) {
  std::string bytes = websocket::masked_frame(websocket::Opcode::text, payload, {1, 2, 3, 4});
  bytes[0] = static_cast<char>(head);
  return bytes;
}

constexpr std::uint8_t kDeflatedBinary = 0xC2;

std::string inflating_to(std::string_view payload) {
  return frame(websocket::payload_of(*websocket::deflated_frame(websocket::Opcode::binary, payload)), kDeflatedBinary);
}

// --- HTTP ------------------------------------------------------------------------------------------------------------

void read_request(std::string_view input, std::size_t piece_bytes) {
  http::RequestReader reader(http::RequestLimits{});
  while (!input.empty()) {
    std::string_view piece = input.substr(0, piece_bytes);
    input.remove_prefix(piece.size());
    auto state = reader.feed(piece);
    if (state == http::RequestReader::State::head && reader.begin_body()) state = reader.feed(piece);
    CHECK(state != http::RequestReader::State::failed);
    CHECK(piece.empty());
  }
}

std::string request(std::string_view headers, std::string_view body = {}) {
  return "POST /api/conversations/conv-123/messages HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" +
         std::string(body);
}

std::string chunked(std::string_view chunk) {
  return request("Transfer-Encoding: chunked\r\n", repeated(chunk, kInputBytes / 2) + "0\r\n\r\n");
}

void read_body(std::string_view body) {
  Draft draft;
  CHECK(wire::read_draft(body, draft) || true);  // refused or not
}

// --- all of them -----------------------------------------------------------------------------------------------------

struct Case {
  std::string_view group;
  std::string_view name;  // "usual" for what the others are held beside
  std::size_t bytes;      // of the input, or of what comes out of it where that is more
  std::function<void()> run;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](std::string_view group, auto read) {
    return [&all, group, read](std::string_view name, const std::string& input, std::size_t bytes = 0) {
      all.push_back({group, name, std::max(bytes, input.size()), [read, input] { read(input); }});
    };
  };
  const auto json = add("json", [](std::string_view input) { read_messages(kJson, input); });
  json("usual", repeated(kJson.write(kUsualCall)));
  json("pings", repeated("{\"type\":6}\x1E"));
  json("types that nobody knows", repeated("{\"type\":99}\x1E"));
  json("zeros", json_call(repeated("0,", kMessageBytes) + "0"));
  json("empty texts", json_call(repeated("\"\",", kMessageBytes) + "0"));
  json("empty members", json_call("{" + repeated("\"\":0,", kMessageBytes) + "\"\":0}"));
  json("exponents", json_call(repeated("1e-9,", kMessageBytes) + "0"));
  json("nested arrays", json_call(repeated(std::string(60, '[') + std::string(60, ']') + ",", kMessageBytes) + "0"));
  json("escapes", json_call("\"" + repeated("\\u00e4", kMessageBytes) + "\""));
  json("half of a pair", json_call(repeated("0,", kMessageBytes) + R"("\ud83d")"));
  json("four halves", json_call(repeated("0,", kMessageBytes) + R"("\ud83d","\ud83d","\ud83d",[[["\ud83d"]]])"));
  json("too deep", json_call(std::string(kMessageBytes / 2, '[') + std::string(kMessageBytes / 2, ']')));

  const auto packed = add("messagepack", [](std::string_view input) { read_messages(kMessagePack, input); });
  packed("usual", repeated(kMessagePack.write(kUsualCall)));
  packed("pings", repeated("\x02\x91\x06"));
  packed("types that nobody knows", repeated("\x02\x91\x63"));
  packed("nils", packed_call(array32(std::string(kMessageBytes, '\xC0'), kMessageBytes)));
  packed("empty texts", packed_call(array32(std::string(kMessageBytes, '\xA0'), kMessageBytes)));
  packed("empty members", packed_call(array32(repeated("\xA0\xC0", kMessageBytes), kMessageBytes / 2, '\xDF')));
  packed("nested arrays",
         packed_call(array32(repeated(std::string(60, '\x91') + '\xC0', kMessageBytes / 61 * 61), kMessageBytes / 61)));
  packed("too deep", packed_call(std::string(kMessageBytes, '\x91') + '\xC0'));
  packed("no UTF-8", packed_call("\xDA\x7D" + std::string(1, '\0') + std::string(kMessageBytes, '\xFF')));

  const auto frames = add("frames", [](const std::string& input) { read_frames(input, false); });
  frames("usual", repeated(frame(std::string(300, 'x'), 0x81)));
  frames("of one byte", repeated(frame("x", 0x81)));
  frames("of no bytes", frame("x", 0x01) + repeated(frame("", 0x00)));
  frames("pings", repeated(frame("", 0x89)));
  frames("fragments of text", frame("", 0x01) + repeated(frame("\xF0", 0x00) + frame("\x9F", 0x00) +
                                                         frame("\x98", 0x00) + frame("\x80", 0x00)));

  const auto deflate = add("deflate", [](const std::string& input) { read_frames(input, true); });
  // As browsers send calls: each in a message of its own.
  const std::string call = kJson.write(kUsualCall);
  const std::string packed_small = inflating_to(call);
  deflate("usual", repeated(packed_small), kInputBytes / packed_small.size() * call.size());
  deflate("a bomb", inflating_to(std::string(std::size_t{1} << 20, '\0')), std::size_t{1} << 20);
  const std::string stored("\0\0\0\xFF\xFF", 5);
  deflate("blocks that hold nothing", frame(repeated(stored) + '\0', kDeflatedBinary));
  deflate("messages that hold nothing", repeated(frame(std::string(1, '\0'), kDeflatedBinary)));
  deflate("frames of one byte",
          frame("", 0x42) + repeated(frame(std::string(1, '\0'), 0x00) + frame(std::string(1, '\0'), 0x00) +
                                     frame(std::string(1, '\0'), 0x00) + frame("\xFF", 0x00) + frame("\xFF", 0x00)));

  const auto http = add("http", [](std::string_view input) { read_request(input, kInputBytes); });
  const std::string post =
      request("User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: application/json\r\nAuthorization: Bearer " +
                  std::string(300, 'a') + "\r\nContent-Type: application/json\r\nContent-Length: 300\r\n",
              std::string(300, 'x'));
  http("usual", post);
  http("short headers", request(repeated("a:b\r\n", 450)));
  http("a long header", request("a: " + std::string(30'000, ' ') + "b\r\n"));
  http("chunks of one byte", chunked("1\r\nx\r\n"));
  http("long extensions", chunked("1;" + std::string(500, 'e') + "\r\nx\r\n"));
  http("trailers", request("Transfer-Encoding: chunked\r\n", "0\r\n" + repeated("a:b\r\n", 30'000) + "\r\n"));
  // Each piece costs a read, whatever is in it: so the usual input comes in pieces too.
  const auto by_bytes = add("http bytes", [](std::string_view input) { read_request(input, 1); });
  by_bytes("usual", post);
  by_bytes("short headers", request(repeated("a:b\r\n", 450)));
  by_bytes("chunks of one byte", chunked("1\r\nx\r\n"));

  const auto bodies = add("body", [](std::string_view input) { read_body(input); });
  const std::string draft =
      R"({"senderId":"parent-001","senderType":"Parent","content":"How was the day? \"Fine\", she said. Bis morgen!","temporaryMessageId":"0190a6e0-7a1c-7cc4-8000-1e9f5f6a3b2d")";
  bodies("usual", draft + "}");
  bodies("many members", draft + repeated(",\"\":0", kMessageBytes) + "}");
  bodies("zeros", draft + ",\"x\":[" + repeated("0,", kMessageBytes) + "0]}");
  bodies("escapes",
         R"({"senderId":"a","senderType":"Parent","content":")" + repeated("\\u00e4", kMessageBytes) + "\"}");
  return all;
}

}  // namespace

// A name that the instrument finds.
extern "C" __attribute__((noinline)) void measured(const std::function<void()>& run) { run(); }

}  // namespace message_service

int main() {
  const auto all = message_service::cases();
  for (const auto& one : all) {
    std::printf("%s\t%s\t%zu\n", one.group.data(), one.name.data(), one.bytes);
    message_service::measured(one.run);
  }
}
