// What a signed-in caller may do in one conversation.
//
// Owned by the service; every shard asks it. A caller who may not learn which conversations exist gets one answer for
// an unknown conversation and for somebody else's.
#pragma once

#include <string>

#include "access/identity.h"
#include "access/membership.h"
#include "base/result.h"
#include "model/message.h"
#include "runtime/asio_types.h"
#include "runtime/shard.h"

namespace message_service::access {

class ConversationPolicy {
 public:
  enum class Creators { back_end, participants };
  struct Options {
    Creators creators = Creators::back_end;  // who may make conversations beside "conversations:manage"
  };

  ConversationPolicy(Membership& membership, const Options& options) : membership_(membership), options_(options) {}

  // An error means that the caller may not: `forbidden`, or `refused` when nobody could be asked. A null identity may
  // do everything.
  runtime::Awaitable<base::Result<void>> may_read(runtime::Shard& shard, const SharedIdentity& caller,
                                                  const std::string& conversation_id) const;

  // The same for a message; also fills in the sender that the draft leaves out.
  runtime::Awaitable<base::Result<void>> may_send(runtime::Shard& shard, const SharedIdentity& caller,
                                                  Draft& draft) const;

  // Call after the conversation was made.
  void created(const Conversation& conversation) const { membership_.add(conversation); }

  base::Result<void> may_create(const SharedIdentity& caller, const Conversation& conversation) const;

 private:
  runtime::Awaitable<base::Result<Membership::Answer>> membership_of(runtime::Shard& shard, const Identity& caller,
                                                                     const std::string& conversation_id) const;

  Membership& membership_;
  const Options options_;
};

// The answer to a caller who is not in the conversation, or asks for one that does not exist.
const base::Error& not_yours();

}  // namespace message_service::access
