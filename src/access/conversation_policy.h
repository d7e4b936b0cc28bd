// What a signed-in caller may do in one conversation.
//
// Owned by the service; every shard asks it. A caller who may not learn which conversations exist gets one answer for
// an unknown conversation and for somebody else's. The canary's conversation (model/canary.h) is an unknown one to
// every caller.
#pragma once

#include <cstdint>
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
  enum class History { from_joining, from_beginning };
  struct Options {
    Creators creators = Creators::back_end;  // who may make conversations beside "conversations:manage"
    History history_for_new_members = History::from_joining;
  };
  // What a caller may see of a conversation.
  struct View {
    std::uint64_t after = 0;         // entries after this sequence
    std::uint64_t member_since = 0;  // 0: with the conversation, or no participant
  };

  ConversationPolicy(Membership& membership, const Options& options) : membership_(membership), options_(options) {}

  // An error means that the caller may not: `forbidden`, `not_found` for a conversation that does not exist to a caller
  // who may know that, or `refused` when nobody could be asked. A null identity may do everything else.
  runtime::Awaitable<base::Result<void>> may_read(runtime::Shard& shard, const SharedIdentity& caller,
                                                  const std::string& conversation_id) const;

  // The same, never old (Membership::find_now); blocks for the store. A reader asks after it has read: what it has read
  // is from before any removal that the answer does not know.
  base::Result<View> may_read_now(const SharedIdentity& caller, const std::string& conversation_id) const;

  // What the caller may see, from memory: a first bound for what is read.
  runtime::Awaitable<base::Result<View>> view(runtime::Shard& shard, const SharedIdentity& caller,
                                              const std::string& conversation_id) const;

  // The same for a change of participants, as the store knows it now; the persister judges again, in the order of the
  // log. Also fills in the sender.
  runtime::Awaitable<base::Result<void>> may_change(runtime::Shard& shard, const SharedIdentity& caller,
                                                    Draft& draft) const;

  // The same for a message; also fills in the sender that the draft leaves out.
  runtime::Awaitable<base::Result<void>> may_send(runtime::Shard& shard, const SharedIdentity& caller,
                                                  Draft& draft) const;

  // Call after the conversation was made.
  void created(const Conversation& conversation) const { membership_.add(conversation); }

  // A person who makes a conversation without an owner becomes its owner.
  base::Result<void> may_create(const SharedIdentity& caller, Conversation& conversation) const;

 private:
  // From memory when that suffices; who would be refused is looked up, unless that was done a moment ago.
  using Suffices = bool (*)(Role);
  runtime::Awaitable<base::Result<Membership::Answer>> membership_of(runtime::Shard& shard, const Identity& caller,
                                                                     const std::string& conversation_id,
                                                                     Suffices suffices) const;
  runtime::Awaitable<base::Result<Membership::Answer>> looked_up(runtime::Shard& shard, const Identity& caller,
                                                                 const std::string& conversation_id) const;
  View view_of(const Membership::Member& member) const;

  Membership& membership_;
  const Options options_;
};

// The answer to a caller who is not in the conversation, or asks for one that does not exist.
const base::Error& not_yours();

}  // namespace message_service::access
