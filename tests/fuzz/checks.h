// What must hold for any bytes at all that a client, or another program, sends. Each check aborts when it does not; the
// fuzzers call them with whatever they think of, and an ordinary test with the corpus.
#pragma once

#include <array>
#include <string_view>

namespace message_service::fuzz {

// Hub messages: the same however the bytes are cut, and what was read can be written and read again, in the other
// protocol too.
void check_json(std::string_view bytes);
void check_messagepack(std::string_view bytes);

// The handshake: the same however it is cut, and what follows it is left.
void check_handshake(std::string_view bytes);

// WebSocket frames, as a server and as a client, with compression agreed on and without: the same however they are cut,
// text is UTF-8, bounds are kept.
void check_frames(std::string_view bytes);

// What a compressed message carries, in fragments: the same, and as bounded. And as a message it comes out of the
// compressor as it went in.
void check_inflating(std::string_view bytes);

// Sec-WebSocket-Extensions: what is agreed on can be offered, and is agreed on again.
void check_extensions(std::string_view bytes);

// A record of another program in the topic of requested messages: refused with a text that can be shown, or a message
// that can be stored, shown, announced and written again. Headers that are no trace context are none.
void check_requested(std::string_view bytes);

// A record among the sent events: none, or one that clients can read.
void check_sent(std::string_view bytes);

// A record among the dead letters; and as a dead letter itself, whatever headers it brings: it comes back as it was.
void check_dead(std::string_view bytes);

// The header of the trace context.
void check_traceparent(std::string_view bytes);

// A bearer token: an error whose text can be shown, or claims that can be read; without a key nobody is let in.
void check_token(std::string_view bytes);

// A key set of an identity provider: bounded, and no key of it takes an empty signature.
void check_key_set(std::string_view bytes);

// A line of a recorded history: an error whose text can be shown, or an event whose texts and numbers keep their
// bounds.
void check_history(std::string_view bytes);

struct Target {
  std::string_view name;  // of its folder in corpus/ too
  void (*check)(std::string_view);
};
inline constexpr std::array kTargets{Target{"json", check_json},           Target{"messagepack", check_messagepack},
                                     Target{"handshake", check_handshake}, Target{"frames", check_frames},
                                     Target{"inflating", check_inflating}, Target{"extensions", check_extensions},
                                     Target{"requested", check_requested}, Target{"sent", check_sent},
                                     Target{"dead", check_dead},           Target{"traceparent", check_traceparent},
                                     Target{"token", check_token},         Target{"key_set", check_key_set},
                                     Target{"history", check_history}};

}  // namespace message_service::fuzz
