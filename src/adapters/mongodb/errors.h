// The meaning of MongoDB's errors for the call that met them: a table of its codes. Pure.
//
//   passing    Time helps: an election, load, a limit. The same call is made again, for ever.
//   setup      A person helps: rights, settings, kinds of collections. The start is refused; a running service makes
//              the same call again, and readiness and the log name the error.
//   document   Nothing helps this document. A message becomes a dead letter; a document that only describes one is left
//              out, counted and named.
//   unknown    Not in the table. The error counts as passing at first; a document that meets it for 20 s is put aside.
//              It is better that a good message waits a moment than that it is put aside, and better that one message
//              is put aside than that all the others wait for it.
//
// A duplicate key of an index that is not ours is `document`; a duplicate _id means that the document is already there.
#pragma once

#include <cstdint>

namespace message_service::mongodb {

enum class Outlook { passing, setup, document, unknown };

Outlook outlook_of(std::int32_t code);

inline constexpr std::int32_t kDuplicateKey = 11000;

}  // namespace message_service::mongodb
