#include "api/view_routes.h"

#include <string>
#include <utility>

#include "access/access.h"
#include "api/http_responses.h"
#include "base/json_object_writer.h"

namespace message_service::api {

namespace {

std::string mismatch_json(const ViewMismatch& mismatch) {
  const ViewReport& report = mismatch.report;
  std::string json;
  base::JsonObjectWriter writer(json);
  writer.number("number", mismatch.number)
      .time("foundAt", mismatch.found_at)
      .string("kind", to_text(mismatch.comparison.outcome))
      .string("conversationId", report.conversation_id)
      .number("from", report.from)
      .number("to", report.to)
      .number("count", report.count)
      .number("storedCount", mismatch.comparison.stored);
  if (mismatch.comparison.sequence) writer.number("sequence", *mismatch.comparison.sequence);
  if (!report.person.empty()) writer.string("person", report.person);
  writer.string("connectionId", report.connection_id).close();
  return json;
}

std::string figures_json(const ViewFigures& figures) {
  std::string list = "[";
  for (const ViewMismatch& mismatch : figures.last) {
    if (list.size() > 1) list.push_back(',');
    list.append(mismatch_json(mismatch));
  }
  list.push_back(']');
  std::string json;
  base::JsonObjectWriter(json)
      .time("since", figures.since)
      .number("clients", figures.clients)
      .number("conversations", figures.conversations)
      .number("reports", figures.reports)
      .number("messages", figures.messages)
      .number("mismatches", figures.mismatches)
      .number("waiting", figures.waiting)
      .raw("last", list)
      .close();
  return json;
}

}  // namespace

void add_view_routes(http::Router& router, ViewVerifier& views) {
  router.add("GET", "/admin/views", {.access = access::kOperator},
             [&views](http::Exchange& /*exchange*/) -> runtime::Awaitable<http::Response> {
               co_return json_response(200, figures_json(views.figures()));
             });
}

}  // namespace message_service::api
