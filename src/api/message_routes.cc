#include "api/message_routes.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "access/access.h"
#include "api/http_responses.h"
#include "api/json_body.h"
#include "api/request_span.h"
#include "base/json_object_writer.h"
#include "http/codec/problem.h"
#include "http/codec/target.h"
#include "model/no_conversation.h"
#include "model/validation.h"
#include "pipeline/conversations/store_busy.h"
#include "runtime/await_callback.h"
#include "runtime/rest.h"
#include "wire/conversation_json.h"
#include "wire/message_json.h"

namespace message_service::api {

namespace {

constexpr std::size_t kPageRowsMax = 500;
constexpr std::size_t kDeadLetterPagesMax = 20;  // of one conversation; a message after more gets a vaguer answer

base::Error no_message() { return {base::ErrorCode::not_found, "there is no such message in this conversation"}; }

std::optional<std::string> header_text(const http::Request& request, std::string_view name) {
  const std::string_view value = request.header(name);
  return value.empty() ? std::nullopt : std::optional(std::string(value));
}

std::optional<std::uint64_t> read_number(const http::Target& target, std::string_view name, std::uint64_t most,
                                         FieldErrors& errors) {
  const auto text = target.query_value(name);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc() && end == text->data() + text->size() && number <= most) return number;
  errors.push_back({std::string(name), "must be a whole number from 0 to " + std::to_string(most)});
  return std::nullopt;
}

PageQuery read_page_query(const http::Target& target, FieldErrors& errors) {
  constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 53;  // JSON numbers are exact up to here
  PageQuery query;
  query.after = read_number(target, "after", kSequenceMax, errors);
  query.before = read_number(target, "before", kSequenceMax, errors);
  if (query.after && query.before) errors.push_back({"before", "cannot be combined with after"});
  if (const auto limit = read_number(target, "limit", kPageRowsMax, errors)) query.limit = *limit;
  if (query.limit == 0) errors.push_back({"limit", "must be a whole number from 1 to " + std::to_string(kPageRowsMax)});
  return query;
}

std::string page_json(const Page& page) {
  std::size_t bytes = 32;
  for (const StoredRow& row : page.rows) bytes += row.json.size() + 1;
  std::string out;
  out.reserve(bytes);
  out.append(R"({"messages":[)");
  for (const StoredRow& row : page.rows) {
    if (&row != &page.rows.front()) out.push_back(',');
    out.append(row.json);
  }
  out.append(R"(],"hasMore":)").append(page.has_more ? "true}" : "false}");
  return out;
}

}  // namespace

void MessageRoutes::add_to(http::Router& router) {
  const auto add = [&](const char* method, const char* pattern,
                       runtime::Awaitable<Response> (MessageRoutes::*handler)(Exchange&)) {
    const bool reads = method == std::string_view("GET");
    router.add(method, pattern, {.access = access::kSignedIn, .limit = reads ? access::kReads : std::string_view()},
               [this, handler](Exchange& exchange) { return (this->*handler)(exchange); });
  };
  // A request that has waited too long, or finds no room, is refused before its body is read.
  const auto admission = [this](Exchange& exchange) -> std::optional<Response> {
    const auto refusal = parts_.admission.refusal(exchange.shard, base::SteadyClock::now());
    if (!refusal) return std::nullopt;
    return error_response(*refusal, exchange.trace_id);
  };
  router.add("POST", "/api/conversations/{}/messages", {.access = access::kSignedIn, .admission = admission},
             traced(parts_.traces, "POST /api/conversations/{id}/messages",
                    [this](Exchange& exchange) { return post_message(exchange); }));
  add("GET", "/api/conversations/{}/messages", &MessageRoutes::get_history);
  add("GET", "/api/conversations/{}/messages/{}", &MessageRoutes::get_message);
  add("GET", "/api/conversations/{}/messages/by-temporary-id/{}", &MessageRoutes::get_by_temporary_id);
  add("POST", "/api/conversations", &MessageRoutes::post_conversation);
  add("GET", "/api/conversations/{}", &MessageRoutes::get_conversation);
}

runtime::Awaitable<http::Response> MessageRoutes::post_message(Exchange& exchange) {
  const base::SteadyTime started = base::SteadyClock::now();
  if (auto refusal = refuse_unless_json(exchange)) co_return std::move(*refusal);
  const http::Request& request = exchange.request;
  Draft draft;
  draft.conversation_id = request.parameters[0];
  if (auto read = wire::read_draft(request.body, draft); !read) {
    co_return http::problem_response({.status = 400, .detail = "the body " + read.error().text}, exchange.trace_id);
  }
  draft.idempotency_key = header_text(request, "Idempotency-Key");
  const std::string_view correlation_id = request.header("X-Correlation-ID");
  draft.correlation_id = correlation_id;
  draft.traceparent = traceparent_of(exchange);
  if (const auto caller = access::identity_of(exchange)) {
    FieldErrors errors;
    if (!check_id("conversationId", draft.conversation_id, parts_.limits, errors)) {
      co_return invalid_response(errors, exchange.trace_id);
    }
    const auto allowed = co_await parts_.policy.may_send(exchange.shard, caller, draft);
    if (!allowed) co_return error_response(allowed.error(), exchange.trace_id);
    if (const auto limited = parts_.admission.above_limit(caller, draft)) {
      co_await runtime::rest(exchange.shard, access::kSlowDown);
      co_return too_many(*limited, exchange.trace_id);
    }
  }
  const IngressOutcome outcome = co_await parts_.admission.accept(exchange.shard, std::move(draft));
  parts_.admission.count(outcome, started);
  if (AdmissionControl::is_to_slow_down(outcome)) co_await runtime::rest(exchange.shard, access::kSlowDown);
  Response response = outcome_response(outcome, exchange.trace_id);
  if (!correlation_id.empty()) response.headers.emplace_back("X-Correlation-ID", correlation_id);
  co_return response;
}

base::Result<MessageRoutes::Made> MessageRoutes::create_conversation(const Conversation& wanted) {
  auto history = parts_.reader.history_id();
  if (!history) return history.error();
  auto made = parts_.store.create_conversation(wanted);
  if (!made) return made.error();
  return Made{.conversation = std::move(*made), .history_id = std::move(*history)};
}

runtime::Awaitable<http::Response> MessageRoutes::post_conversation(Exchange& exchange) {
  if (auto refusal = refuse_unless_json(exchange)) co_return std::move(*refusal);
  FieldErrors errors;
  auto conversation = wire::read_conversation_request(exchange.request.body, errors);
  if (!conversation) {
    const std::string detail = "the body " + conversation.error().text;
    co_return http::problem_response({.status = 400, .detail = detail}, exchange.trace_id);
  }
  const base::Timestamp now = base::wall_now();
  if (conversation->id.empty()) conversation->id = make_uuid_v7(now);
  conversation->created_at = now;
  if (errors.empty()) check_conversation(*conversation, parts_.limits, errors);
  if (!errors.empty()) co_return invalid_response(errors, exchange.trace_id);
  const auto caller = access::identity_of(exchange);
  if (const auto allowed = parts_.policy.may_create(caller, *conversation); !allowed) {
    co_return error_response(allowed.error(), exchange.trace_id);
  }

  const auto create = [this, wanted = *conversation] { return create_conversation(wanted); };
  const base::Result<Made> created =
      co_await runtime::await_blocking(exchange.shard, parts_.blocking, create, base::Result<Made>(store_busy()));
  if (!created) {
    // Otherwise a stranger could find out which conversations exist.
    const bool hidden = caller && !caller->sees_all() && created.error().code == base::ErrorCode::conflict;
    co_return error_response(hidden ? access::not_yours() : created.error(), exchange.trace_id);
  }
  const auto& [made, history_id] = *created;
  parts_.conversations.add(made.id);
  if (caller) parts_.policy.created(made);
  Response response = json_response(201, wire::conversation_json(made, {.history_id = history_id}));
  response.headers.emplace_back("Location", "/api/conversations/" + http::encode_segment(made.id));
  co_return response;
}

// Reads something of the conversation of the path for a caller who may see it. Asks whether it may before, from memory,
// and once more after: a removal that came in between counts. Both on this shard and on a blocking thread.
template <class T>
runtime::Awaitable<base::Result<T>> MessageRoutes::read_as_allowed(Exchange& exchange, Reading<T> read) {
  const auto caller = access::identity_of(exchange);
  const std::string conversation_id(exchange.request.parameters[0]);
  const auto view = co_await parts_.policy.view(exchange.shard, caller, conversation_id);
  if (!view) co_return view.error();
  const auto look_up = [this, caller, conversation_id, read = std::move(read),
                        after = view->after]() -> base::Result<T> {
    base::Result<T> found = read(conversation_id, after);
    const auto now = parts_.policy.may_read_now(caller, conversation_id);
    if (!now) return now.error();
    return now->after > after ? read(conversation_id, now->after) : std::move(found);
  };
  base::Result<T> found =
      co_await runtime::await_blocking(exchange.shard, parts_.blocking, look_up, base::Result<T>(store_busy()));
  co_return std::move(found);
}

runtime::Awaitable<http::Response> MessageRoutes::get_conversation(Exchange& exchange) {
  FieldErrors errors;
  if (!check_id("conversationId", exchange.request.parameters[0], parts_.limits, errors)) {
    co_return invalid_response(errors, exchange.trace_id);
  }
  Reading<std::string> look_up = [this](const std::string& id, std::uint64_t) -> base::Result<std::string> {
    auto conversation = parts_.reader.find_conversation(id);
    if (!conversation) return conversation.error();
    if (!*conversation) return no_conversation();
    auto standings = parts_.reader.participants(id);
    if (!standings) return standings.error();
    if (*standings) (*conversation)->participants = (*standings)->present();
    auto last = parts_.reader.last_sequence(id);
    if (!last) return last.error();
    auto history = parts_.reader.history_id();
    if (!history) return history.error();
    return wire::conversation_json(**conversation, {.history_id = std::move(*history), .last_sequence = *last});
  };
  base::Result<std::string> json = co_await read_as_allowed<std::string>(exchange, std::move(look_up));
  if (!json) co_return error_response(json.error(), exchange.trace_id);
  co_return json_response(200, std::move(*json));
}

runtime::Awaitable<http::Response> MessageRoutes::get_history(Exchange& exchange) {
  FieldErrors errors;
  PageQuery query = read_page_query(exchange.request.target, errors);
  check_id("conversationId", exchange.request.parameters[0], parts_.limits, errors);
  if (!errors.empty()) co_return invalid_response(errors, exchange.trace_id);
  query.changes = parts_.system_entries;
  Reading<std::string> look_up = [this, query](const std::string& id,
                                               std::uint64_t visible_after) -> base::Result<std::string> {
    auto page = visible_page(id, query, visible_after);
    if (!page) return page.error();
    if (!page->rows.empty()) return page_json(*page);
    auto exists = parts_.conversations.exists_now(id);
    if (!exists) return exists.error();
    if (!*exists) return no_conversation();
    return page_json(*page);
  };
  base::Result<std::string> json = co_await read_as_allowed<std::string>(exchange, std::move(look_up));
  if (!json) co_return error_response(json.error(), exchange.trace_id);
  co_return json_response(200, std::move(*json));
}

base::Result<Page> MessageRoutes::visible_page(const std::string& id, PageQuery query, std::uint64_t visible_after) {
  if (query.after) query.after = std::max(*query.after, visible_after);
  auto page = parts_.reader.page(id, query);
  if (!page || visible_after == 0) return page;
  const std::size_t hidden =
      std::erase_if(page->rows, [&](const StoredRow& row) { return row.sequence <= visible_after; });
  if (hidden > 0) page->has_more = false;
  return page;
}

runtime::Awaitable<http::Response> MessageRoutes::get_message(Exchange& exchange) {
  const auto id = parse_object_id(exchange.request.parameters[1]);
  FieldErrors errors;
  check_id("conversationId", exchange.request.parameters[0], parts_.limits, errors);
  if (!id) errors.push_back({"messageId", "must be 24 hexadecimal digits"});
  if (!errors.empty()) co_return invalid_response(errors, exchange.trace_id);
  using Found = std::optional<StoredRow>;
  Reading<Found> look_up = [this, id = *id](const std::string& conversation_id,
                                            std::uint64_t visible_after) -> base::Result<Found> {
    auto found = parts_.reader.find_message(conversation_id, id);
    if (found && *found && (*found)->sequence <= visible_after) return Found();
    return found;
  };
  base::Result<Found> row = co_await read_as_allowed<Found>(exchange, std::move(look_up));
  if (!row) co_return error_response(row.error(), exchange.trace_id);
  if (!*row) co_return error_response(no_message(), exchange.trace_id);
  co_return json_response(200, std::move((*row)->json));
}

runtime::Awaitable<http::Response> MessageRoutes::get_by_temporary_id(Exchange& exchange) {
  const std::string conversation_id(exchange.request.parameters[0]);
  const std::string temporary_id(exchange.request.parameters[1]);
  FieldErrors errors;
  check_id("conversationId", conversation_id, parts_.limits, errors);
  check_id("temporaryMessageId", temporary_id, parts_.limits, errors);
  if (!errors.empty()) co_return invalid_response(errors, exchange.trace_id);
  // Asked before the store: the second question finds a message that is stored between the two.
  const bool pending = parts_.ingress.is_pending(conversation_id, temporary_id);
  Reading<SendState> look_up = [this, temporary_id](const std::string& id,
                                                    std::uint64_t visible_after) -> base::Result<SendState> {
    auto found = send_state(id, temporary_id);
    if (!found) return found;
    const auto* row = std::get_if<StoredRow>(&found->key);
    if (row != nullptr && row->sequence <= visible_after) return no_message();
    return found;
  };
  base::Result<SendState> found = co_await read_as_allowed<SendState>(exchange, std::move(look_up));
  if (!found) co_return error_response(found.error(), exchange.trace_id);
  if (auto* row = std::get_if<StoredRow>(&found->key)) co_return json_response(200, std::move(row->json));
  std::string json;
  if (const auto* rejected = std::get_if<RejectedKey>(&found->key)) {
    base::JsonObjectWriter(json).string("status", "Rejected").string("reason", rejected->reason).close();
    co_return json_response(200, std::move(json));
  }
  if (found->parked) {
    base::JsonObjectWriter(json).string("status", "Pending").string("reason", kParkedText).close();
    co_return json_response(202, std::move(json));
  }
  if (!pending) co_return error_response(no_message(), exchange.trace_id);
  base::JsonObjectWriter(json).string("status", "Pending").close();
  co_return json_response(202, std::move(json));
}

// Blocks for the store.
base::Result<MessageRoutes::SendState> MessageRoutes::send_state(const std::string& conversation_id,
                                                                 const std::string& temporary_id) {
  auto key = parts_.reader.find_by_temporary_id(conversation_id, temporary_id);
  if (!key) return key.error();
  SendState state{std::move(*key)};
  if (!std::holds_alternative<std::monostate>(state.key)) return state;
  OpenDeadLetterQuery query{.conversation_id = conversation_id};
  for (std::size_t page = 0; page < kDeadLetterPagesMax; ++page) {
    const auto letters = parts_.reader.open_dead_letters(query);
    if (!letters) return letters.error();
    state.parked = std::ranges::any_of(*letters, [&](const OpenDeadLetter& letter) {
      return letter.reason == DeadReason::parked && letter.temporary_message_id == temporary_id;
    });
    if (state.parked || letters->size() < query.limit) break;
    query.after = letters->back().key();
  }
  return state;
}

}  // namespace message_service::api
