// What MongoDB's errors mean for the call that met them: a table of its codes. Pure.
//
//   outlook    what it takes                      way out
//   passing    time: an election, load, a limit   the same call again, for ever
//   setup      a person: rights, settings, kinds  the start is refused; of a service that runs the same call again,
//   while
//              of collections                     readiness and the log name it
//   document   nothing helps                      a message is a dead letter; what only describes one is left out,
//   counted
//              this document                      and named
//   unknown    nobody can tell                    passing at first; a document that meets it for 20 s is put aside, for
//   a
//                                                 good message that waits a moment is better than one that is put
//                                                 aside, and that better than all the others waiting behind it
//
// A duplicate key of an index that is not ours is `document`; one of the _id says that the document is there.
#pragma once

#include <cstdint>

namespace message_service::mongodb {

enum class Outlook { passing, setup, document, unknown };

Outlook outlook_of(std::int32_t code);

inline constexpr std::int32_t kDuplicateKey = 11000;

}  // namespace message_service::mongodb
