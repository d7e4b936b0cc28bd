#include "conformance/test_hub.h"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace message_service::conformance {

using signalr::Context;
using signalr::StreamReader;
using signalr::StreamWriter;

// The names are those that go over the wire.
struct CustomObject {
  std::string Name;
  int Value = 0;
};
SIGNALR_FIELDS(CustomObject, Name, Value)

struct ComplexObject {
  std::string String;
  std::vector<int> IntArray;
  signalr::Value::Bytes ByteArray;
  std::string Guid;
  signalr::Time DateTime;
};
SIGNALR_FIELDS(ComplexObject, String, IntArray, ByteArray, Guid, DateTime)

namespace {

const ComplexObject kComplexObject{.String = "hello world",
                                   .IntArray = {1, 2, 3},
                                   .ByteArray = {1, 2, 3},
                                   .Guid = "00010203-0405-0607-0706-050403020100",
                                   .DateTime = {.seconds = 946'684'800}};

std::optional<std::string> to_text(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

int redirects_of(const Context& context) {
  const std::string_view text = context.request().query_value("numRedirects").value_or("0");
  int count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

runtime::Awaitable<void> write_letters(StreamWriter<std::string> out) {
  for (const char* letter : {"a", "b", "c"}) co_await out.write(letter);
}

runtime::Awaitable<void> wait_for_cancellation(const Context& context, StreamWriter<int> out) {
  co_await out.cancelled();
  context.caller().send("StreamCanceled");
}

runtime::Awaitable<std::string> concatenate(StreamReader<std::string> parts) {
  std::string all;
  std::optional<std::string> part = co_await parts.read();
  while (part) {
    all.append(*part);
    part = co_await parts.read();
  }
  co_return all;
}

void add_calls(signalr::Hub& hub) {
  hub.on("Echo", [](const std::string& text) { return text; });
  hub.on("InvokeWithString",
         [](const Context& context, const std::string& text) { context.caller().send("Message", text); });
  hub.on("SendCustomObject",
         [](const Context& context, const CustomObject& object) { context.caller().send("CustomObject", object); });
  hub.on("EchoComplexObject", [](const ComplexObject& object) { return object; });
  hub.on("SendComplexObject", [] { return kComplexObject; });
  hub.on("ThrowException", [](const std::string& text) { throw std::runtime_error(text); });
}

void add_streams(signalr::Hub& hub) {
  hub.on("Stream", &write_letters);
  hub.on("EmptyStream", [](const StreamWriter<int>& /*out*/) {});
  hub.on("InfiniteStream", &wait_for_cancellation);
  hub.on("StreamThrowException",
         [](const StreamWriter<std::string>& /*out*/, const std::string& text) { throw std::runtime_error(text); });
  hub.on("StreamingConcat", &concatenate);
}

void add_questions(signalr::Hub& hub) {
  hub.on("GetCallerConnectionId", [](const Context& context) { return context.connection_id(); });
  hub.on("GetNumRedirects", &redirects_of);
  hub.on("GetActiveTransportName", [](const Context& context) { return std::string(context.transport()); });
  hub.on("GetHeader",
         [](const Context& context, const std::string& name) { return to_text(context.request().header(name)); });
  hub.on("GetCookie",
         [](const Context& context, const std::string& name) { return to_text(context.request().cookie(name)); });
  hub.on("GetContentTypeHeader",
         [](const Context& context) { return to_text(context.request().header("Content-Type")); });
}

// What the table of Microsoft's tests leaves out, for our own.
void add_further_methods(signalr::Hub& hub) {
  hub.on("AskCaller", [](const Context& context, const std::string& target, int number) {
    return context.caller().invoke<int>(target, number);
  });
  hub.on("AskCallerWithin", [](const Context& context, const std::string& target, int milliseconds) {
    return context.caller().within(std::chrono::milliseconds(milliseconds)).try_invoke<int>(target);
  });
  hub.on("AskClient", [](const Context& context, const std::string& connection_id) {
    return context.client(connection_id).invoke<int>("Result");
  });
  hub.on("Join", [](const Context& context, const std::string& group) { context.join_group(group); });
  hub.on("Leave", [](const Context& context, const std::string& group) { context.leave_group(group); });
  hub.on("SendToGroup", [](const Context& context, const std::string& group, const signalr::Value& message) {
    context.group(group).send("Message", message);
  });
  hub.on("SendToOthersInGroup", [](const Context& context, const std::string& group, const signalr::Value& message) {
    context.others_in_group(group).send("Message", message);
  });
  hub.on("SendToGroups", [](const Context& context, const std::vector<std::string>& groups, const std::string& text) {
    context.groups(groups).send("Message", text);
  });
  hub.on("SendToAll", [](const Context& context, const std::string& text) { context.all().send("Message", text); });
  hub.on("SendToOthers",
         [](const Context& context, const std::string& text) { context.others().send("Message", text); });
  hub.on("SendToAllExcept", [](const Context& context, const std::vector<std::string>& ids, const std::string& text) {
    context.all_except(ids).send("Message", text);
  });
  hub.on("SendToClients", [](const Context& context, const std::vector<std::string>& ids, const std::string& text) {
    context.clients(ids).send("Message", text);
  });
  hub.on("SendToUser", [](const Context& context, const std::string& user, const std::string& text) {
    context.user(user).send("Message", text);
  });
  hub.on("Abort", [](const Context& context) { context.abort(); });
  hub.on("Refuse", [](const std::string& text) -> base::Result<int> {
    return base::Error{base::ErrorCode::refused, text};
  });
  hub.on("Forbidden", [] { return 1; }).allows = [](const Context& context) { return context.user().has_value(); };
  hub.on("Count", [](const StreamWriter<int>& out, int to) -> runtime::Awaitable<void> {
    bool wanted = true;
    for (int i = 0; i < to && wanted; ++i) wanted = co_await out.write(i);
  });
  hub.on("BreakAfter", [](const StreamWriter<int>& out, int items) -> runtime::Awaitable<void> {
    for (int i = 0; i < items; ++i) co_await out.write(i);
    throw signalr::HubException("broken");
  });
  hub.on("Sum", [](const StreamReader<int>& a, int sum, const StreamReader<int>& b) -> runtime::Awaitable<int> {
    for (const StreamReader<int>& numbers : {a, b}) {
      std::optional<int> number = co_await numbers.read();
      while (number) {
        sum += *number;
        number = co_await numbers.read();
      }
    }
    co_return sum;
  });
  hub.on("Double", [](const StreamWriter<int>& out, const StreamReader<int>& in) -> runtime::Awaitable<void> {
    std::optional<int> number = co_await in.read();
    while (number) {
      co_await out.write(*number * 2);
      number = co_await in.read();
    }
  });
  hub.on("TakeSlowly", [](const Context& context, const StreamReader<signalr::Value>& in) -> runtime::Awaitable<int> {
    runtime::Timer pause(context.shard().executor());
    int items = 0;
    std::optional<signalr::Value> item = co_await in.read();
    while (item) {
      ++items;
      pause.expires_after(std::chrono::milliseconds(20));
      co_await pause.async_wait(runtime::use_awaitable);
      item = co_await in.read();
    }
    co_return items;
  });
  hub.on("TakeOne", [](const StreamReader<signalr::Value>& in) -> runtime::Awaitable<bool> {
    const std::optional<signalr::Value> item = co_await in.read();
    co_return item.has_value();
  });
  hub.on("Sleep", [](const Context& context, int milliseconds) -> runtime::Awaitable<int> {
    runtime::Timer pause(context.shard().executor());
    pause.expires_after(std::chrono::milliseconds(milliseconds));
    co_await pause.async_wait(runtime::use_awaitable);
    co_return milliseconds;
  });
  hub.on("Remember", [](const Context& context, const std::string& text) { context.items()["text"] = text; });
  hub.on("Recall", [](const Context& context) -> std::optional<std::string> {
    const auto found = context.items().find("text");
    if (found == context.items().end()) return std::nullopt;
    return std::any_cast<std::string>(found->second);
  });
}

void add_hooks(signalr::Hub& hub) {
  hub.on_connected([](const Context& context) -> runtime::Awaitable<void> {
    const auto name = context.request().query_value("name");
    if (!name) co_return;
    if (*name == "nobody") throw signalr::HubException("Nobody may come.");
    context.items()["text"] = std::string(*name);
    context.join_group("named");
    const base::Result<int> answer = co_await context.caller().try_invoke<int>("Result");  // not allowed here
    context.caller().send("Message", answer ? "asked" : answer.error().text);
  });
  hub.on_disconnected([](const Context& context, const std::string& error) {
    const auto name = context.items().find("text");
    if (name == context.items().end()) return;
    context.others_in_group("named").send("Message", std::any_cast<std::string>(name->second) + " left: " + error);
  });
}

}  // namespace

void add_test_methods(signalr::Hub& hub) {
  add_calls(hub);
  add_streams(hub);
  add_questions(hub);
  add_further_methods(hub);
}

void add_guarded_methods(signalr::Hub& hub) {
  add_test_methods(hub);
  add_hooks(hub);
  hub.on("Hidden", [] { return 1; });
  hub.add_filter(
      [](signalr::MethodCall& call, const signalr::Hub::Next& next) -> runtime::Awaitable<signalr::MethodResult> {
        if (call.target() == "Hidden") co_return signalr::Unauthorized();
        signalr::MethodResult result = co_await next();
        co_return result;
      });
  hub.add_filter(
      [](signalr::MethodCall& call, const signalr::Hub::Next& next) -> runtime::Awaitable<signalr::MethodResult> {
        const bool is_echo = call.target() == "Echo" && call.arguments().size() == 1;
        if (is_echo && call.arguments().front() == signalr::Value("twice")) call.arguments().front() = "twice twice";
        return next();
      });
}

}  // namespace message_service::conformance
