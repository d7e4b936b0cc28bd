// A chat in a few lines: who joins a room is told what the others in it say. Any SignalR client can speak with it.
//
//   build/release/signalr-chat 5000
#include <signalr/signalr.h>

#include <cstdlib>

using namespace signalr;

struct Message {
  std::string from, text;
};
SIGNALR_FIELDS(Message, from, text)

int main(int argc, char** argv) {
  Hub chat;
  chat.on("Join", [](const Context& context, const std::string& room) { context.join_group(room); });
  chat.on("Say", [](const Context& context, const std::string& room, const Message& message) {
    context.group(room).send("Said", message);
  });
  chat.on("CountDown", [](StreamWriter<int> out, int from) -> runtime::Awaitable<void> {
    bool wanted = true;
    for (int i = from; i >= 0 && wanted; --i) wanted = co_await out.write(i);
  });

  const int port = argc > 1 ? std::atoi(argv[1]) : 0;
  Host host({.port = static_cast<std::uint16_t>(port), .allowed_origins = {"*"}});
  host.map("/chat", chat);
  return host.run();
}
