#include "adapters/mongodb/commands.h"

#include <algorithm>

#include "adapters/mongodb/errors.h"
#include "adapters/mongodb/handles.h"

namespace message_service::mongodb {

namespace {

bool is_of_id_index(const bson_iter_t& item) {
  bson_iter_t at;
  bson_iter_t key;
  if (!bson_iter_recurse(&item, &at) || !bson_iter_find(&at, "keyPattern") || !BSON_ITER_HOLDS_DOCUMENT(&at)) {
    return true;  // servers before 4.4 do not say; a look-up of the document will show
  }
  return bson_iter_recurse(&at, &key) && bson_iter_find(&key, "_id");
}

WriteFailure::Kind kind_of(std::int32_t code, const bson_iter_t& item) {
  using Kind = WriteFailure::Kind;
  if (code == kDuplicateKey) return is_of_id_index(item) ? Kind::taken_id : Kind::refused;
  switch (outlook_of(code)) {
    case Outlook::document:
      return Kind::refused;
    case Outlook::unknown:
      return Kind::strange;
    case Outlook::setup:
      return Kind::setup;
    case Outlook::passing:
      break;
  }
  return Kind::later;
}

WriteFailure failure_of(const bson_iter_t& item) {
  WriteFailure failure;
  bson_iter_t at;
  std::int32_t code = 0;
  if (bson_iter_recurse(&item, &at) && bson_iter_find(&at, "index")) {
    failure.index = static_cast<std::size_t>(bson_iter_as_int64(&at));
  }
  if (bson_iter_recurse(&item, &at) && bson_iter_find(&at, "code")) {
    code = static_cast<std::int32_t>(bson_iter_as_int64(&at));
  }
  if (bson_iter_recurse(&item, &at) && bson_iter_find(&at, "errmsg") && BSON_ITER_HOLDS_UTF8(&at)) {
    failure.text = bson_iter_utf8(&at, nullptr);
  }
  failure.text.append(" (error ").append(std::to_string(code)).append(")");
  failure.kind = kind_of(code, item);
  return failure;
}

const mongoc_read_prefs_t* primary() {
  static const mongoc_read_prefs_t* const only = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
  return only;
}

void write_options(Writer& out, const FindOptions& options) {
  // A transaction has its own.
  if (options.session == nullptr) {
    out.document("readConcern", [](Writer& concern) { concern.text("level", "majority"); });
  }
  if (!options.hint.empty()) out.text("hint", options.hint);
  out.number("maxTimeMS", options.timeout.count());
  if (options.limit > 0) out.number("limit", options.limit).number("batchSize", options.limit + 1);
  if (options.skip > 0) out.number("skip", options.skip);
  if (options.sort != nullptr) out.copy("sort", options.sort);
  if (options.projection != nullptr) out.copy("projection", options.projection);
}

}  // namespace

WriteFailures failures_in(const bson_t* reply) {
  WriteFailures failures;
  bson_iter_t at;
  bson_iter_t item;
  if (!bson_iter_init_find(&at, reply, "writeErrors") || !bson_iter_recurse(&at, &item)) return failures;
  while (bson_iter_next(&item)) failures.push_back(failure_of(item));
  return failures;
}

void write_delete(Writer& out, std::string_view collection, const std::function<void(Writer&)>& filter) {
  out.text("delete", collection);
  out.array("deletes", [&](Writer& list) {
    list.document("0", [&](Writer& one) {
      one.document("q", filter);
      one.small_number("limit", 0);
    });
  });
}

void write_concern(Writer& out, std::chrono::milliseconds timeout) {
  out.document("writeConcern", [&](Writer& concern) {
    concern.text("w", "majority").boolean("j", true).number("wtimeout", timeout.count());
  });
}

base::Result<WriteFailures> run_write(const Pool::Client& client, const Pool& pool, const bson_t* command,
                                      std::chrono::milliseconds timeout, std::string_view doing) {
  const Document options([&](Writer& out) { write_concern(out, timeout); });
  Document reply;
  bson_error_t error{};
  const bool done = mongoc_client_write_command_with_opts(client.get(), pool.database(), command, options.get(),
                                                          reply.for_reply(), &error);
  if (!done) return pool.failed(doing, error);
  WriteFailures failures = failures_in(reply.get());
  const auto setup = std::ranges::find(failures, WriteFailure::Kind::setup, &WriteFailure::kind);
  setup == failures.end() ? pool.works() : pool.needs_setup(setup->text);
  return failures;
}

base::Result<void> find(const Pool::Client& client, const Pool& pool, std::string_view collection, const bson_t* filter,
                        const FindOptions& options, const std::function<base::Result<Next>(Found)>& each) {
  Document as_options([&](Writer& out) { write_options(out, options); });
  if (options.session != nullptr) mongoc_client_session_append(options.session, as_options.get(), nullptr);
  const Collection from(mongoc_client_get_collection(client.get(), pool.database(), collection.data()));
  const Cursor cursor(mongoc_collection_find_with_opts(from.get(), filter, as_options.get(), primary()));
  const bson_t* document = nullptr;
  while (mongoc_cursor_next(cursor.get(), &document)) {
    const auto next = each({document});
    if (!next) return next.error();
    if (*next == Next::enough) return {};
  }
  bson_error_t error{};
  if (mongoc_cursor_error(cursor.get(), &error)) return pool.failed("read " + std::string(collection), error);
  return {};
}

}  // namespace message_service::mongodb
