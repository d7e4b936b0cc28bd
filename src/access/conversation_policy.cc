#include "access/conversation_policy.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "model/canary.h"
#include "model/no_conversation.h"
#include "runtime/await_callback.h"

namespace message_service::access {

namespace {

base::Error forbidden_error(std::string text) { return {base::ErrorCode::forbidden, std::move(text)}; }

bool reads(Role /*role*/) { return true; }
bool writes(Role role) { return role != Role::reader; }

// `type`: what is known of the caller's own type.
base::Result<void> settle_sender(const Identity& caller, const std::string& type, Draft& draft) {
  if (!draft.sender_id) draft.sender_id = caller.subject;
  if (*draft.sender_id != caller.subject) return forbidden_error("senderId must be the signed-in person's");
  if (type.empty()) return forbidden_error("neither the token nor the conversation says the sender's type");
  if (!draft.sender_type) draft.sender_type = type;
  if (!base::equals_ignoring_case(*draft.sender_type, type))
    return forbidden_error("senderType must be the signed-in person's");
  return {};
}

// Whether the caller acts in any conversation, and so may know which there are.
bool acts_in_all(const SharedIdentity& caller, Scope scope) { return !caller || caller->scopes.has(scope); }

// The answer about a conversation that exists for nobody.
base::Error unknown(bool may_know) { return may_know ? no_conversation() : not_yours(); }

}  // namespace

const base::Error& not_yours() {
  static const base::Error error = forbidden_error("there is no such conversation, or you are not in it");
  return error;
}

runtime::Awaitable<base::Result<Membership::Answer>> ConversationPolicy::membership_of(
    runtime::Shard& shard, const Identity& caller, const std::string& conversation_id, Suffices suffices) const {
  auto known = membership_.known(conversation_id, caller.subject);
  if (known && (known->is_new || (known->answer && suffices(known->answer->role)))) co_return std::move(known->answer);
  co_return co_await looked_up(shard, caller, conversation_id);
}

runtime::Awaitable<base::Result<Membership::Answer>> ConversationPolicy::looked_up(
    runtime::Shard& shard, const Identity& caller, const std::string& conversation_id) const {
  using Found = std::optional<base::Result<Membership::Answer>>;
  auto found = co_await runtime::await_callback<Found>(shard, [&](auto done) {
    membership_.find(conversation_id, caller.subject,
                     [done](base::Result<Membership::Answer> answer) { done(Found(std::move(answer))); });
  });
  co_return std::move(*found);
}

runtime::Awaitable<base::Result<void>> ConversationPolicy::may_read(runtime::Shard& shard, const SharedIdentity& caller,
                                                                    const std::string& conversation_id) const {
  const auto seen = co_await view(shard, caller, conversation_id);
  if (!seen) co_return seen.error();
  co_return base::Result<void>();
}

ConversationPolicy::View ConversationPolicy::view_of(const Membership::Member& member) const {
  const bool from_joining = options_.history_for_new_members == History::from_joining;
  return {.after = from_joining ? member.since : 0, .member_since = member.since};
}

runtime::Awaitable<base::Result<ConversationPolicy::View>> ConversationPolicy::view(
    runtime::Shard& shard, const SharedIdentity& caller, const std::string& conversation_id) const {
  const bool in_all = acts_in_all(caller, Scope::conversations_manage);
  if (is_canary(conversation_id)) co_return unknown(in_all);
  if (in_all) co_return View{};
  const auto found = co_await membership_of(shard, *caller, conversation_id, reads);
  if (!found) co_return found.error();
  if (!*found) co_return not_yours();
  co_return view_of(**found);
}

base::Result<ConversationPolicy::View> ConversationPolicy::may_read_now(const SharedIdentity& caller,
                                                                        const std::string& conversation_id) const {
  const bool in_all = acts_in_all(caller, Scope::conversations_manage);
  if (is_canary(conversation_id)) return unknown(in_all);
  if (in_all) return View{};
  const auto found = membership_.find_now(conversation_id, caller->subject);
  if (!found) return found.error();
  if (!*found) return not_yours();
  return view_of(**found);
}

runtime::Awaitable<base::Result<void>> ConversationPolicy::may_change(runtime::Shard& shard,
                                                                      const SharedIdentity& caller,
                                                                      Draft& draft) const {
  draft.sender_id = caller ? caller->subject : "anonymous";
  if (caller) draft.sender_type = caller->sender_type;
  draft.by_back_end = acts_in_all(caller, Scope::conversations_manage);
  if (is_canary(draft.conversation_id)) co_return unknown(draft.by_back_end);
  if (draft.by_back_end) co_return base::Result<void>();
  const bool leaves =
      draft.change->kind == ParticipantChange::Kind::remove && draft.change->participant.id == caller->subject;
  const auto found = co_await looked_up(shard, *caller, draft.conversation_id);
  if (!found) co_return found.error();
  if (!*found) co_return not_yours();
  if (draft.sender_type->empty()) draft.sender_type = (*found)->type;
  if (leaves || (*found)->role == Role::owner) co_return base::Result<void>();
  co_return forbidden_error("only an owner of the conversation may change who takes part");
}

runtime::Awaitable<base::Result<void>> ConversationPolicy::may_send(runtime::Shard& shard, const SharedIdentity& caller,
                                                                    Draft& draft) const {
  if (is_canary(draft.conversation_id)) co_return unknown(acts_in_all(caller, Scope::send_any));
  if (!caller) co_return base::Result<void>();
  if (caller->scopes.has(Scope::send_any)) {
    if (!draft.sender_id) draft.sender_id = caller->subject;
    if (!draft.sender_type && !caller->sender_type.empty()) draft.sender_type = caller->sender_type;
    draft.by_back_end = true;
    co_return base::Result<void>();
  }
  const auto found = co_await membership_of(shard, *caller, draft.conversation_id, writes);
  if (!found) co_return found.error();
  if (!*found) co_return not_yours();
  if ((*found)->role == Role::reader) co_return forbidden_error("you may only read this conversation");
  co_return settle_sender(*caller, caller->sender_type.empty() ? (*found)->type : caller->sender_type, draft);
}

base::Result<void> ConversationPolicy::may_create(const SharedIdentity& caller, Conversation& conversation) const {
  const bool in_all = acts_in_all(caller, Scope::conversations_manage);
  if (!in_all && options_.creators == Creators::back_end) {
    return forbidden_error("the token needs the scope conversations:manage");
  }
  if (is_canary(conversation.id)) {
    return in_all ? base::Error{base::ErrorCode::conflict, "the id is the service's own"} : not_yours();
  }
  if (in_all) return {};
  const auto maker = std::ranges::find(conversation.participants, caller->subject, &Participant::id);
  if (maker == conversation.participants.end()) return forbidden_error("you must be one of the participants");
  const bool has_owner = std::ranges::any_of(
      conversation.participants, [](const Participant& participant) { return participant.role == Role::owner; });
  if (!has_owner) maker->role = Role::owner;
  return {};
}

}  // namespace message_service::access
