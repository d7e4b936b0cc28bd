#include "adapters/mongodb/format.h"

#include <utility>

#include "adapters/mongodb/documents.h"
#include "model/ids.h"
#include "observe/build_info.h"

namespace message_service::mongodb {

namespace {

constexpr std::string_view kId = "message-service";

base::Result<Format> read_format(const bson_t* document) {
  Reader reader(document, collection::format);
  Format format{.format = static_cast<int>(reader.number("format")),
                .records = static_cast<int>(reader.number("records")),
                .arrivals = reader.number("arrivals"),
                .made_by = reader.text("madeBy"),
                .history_id = reader.text_or_nothing("historyId")};
  if (format.format < 1) reader.fail("format", "is below 1");
  if (format.records < 1) reader.fail("records", "is below 1");
  if (!reader.ok()) return reader.error();
  return format;
}

void find_it(Writer& out) {
  out.document("query", [](Writer& query) { query.text("_id", kId); });
}

// Leaves an existing document as it is.
void write_new(Writer& update, bool with_arrivals) {
  update.document("$setOnInsert", [&](Writer& set) {
    set.small_number("format", kFormat).small_number("records", 1);
    if (with_arrivals) set.number("arrivals", 0);
    set.text("madeBy", version()).date("madeAt", base::wall_now());
  });
}

}  // namespace

base::Result<std::optional<Format>> FormatDocument::modify(const Pool::Client& client, const bson_t* command) {
  const Document options([&](Writer& out) { write_concern(out, options_.write_timeout); });
  Document reply;
  bson_error_t error{};
  if (!mongoc_client_write_command_with_opts(client.get(), pool_.database(), command, options.get(), reply.for_reply(),
                                             &error)) {
    return pool_.failed("read the version of the database", error);
  }
  bson_iter_t at;
  if (!bson_iter_init_find(&at, reply.get(), "value") || !BSON_ITER_HOLDS_DOCUMENT(&at)) {
    return std::optional<Format>();
  }
  const std::uint8_t* bytes = nullptr;
  std::uint32_t size = 0;
  bson_t document;
  bson_iter_document(&at, &size, &bytes);
  if (!bson_init_static(&document, bytes, size))
    return base::Error{base::ErrorCode::corrupt, "MongoDB sent a damaged document"};
  auto format = read_format(&document);
  if (!format) return format.error();
  return std::optional(std::move(*format));
}

base::Result<Format> FormatDocument::read_or_make(const Pool::Client& client) {
  const Document command([](Writer& out) {
    out.text("findAndModify", collection::format);
    find_it(out);
    out.document("update", [](Writer& update) { write_new(update, true); });
    out.boolean("upsert", true).boolean("new", true);
  });
  auto format = modify(client, command.get());
  if (!format) return format.error();
  return format->value_or(Format{});
}

base::Result<Format> FormatDocument::count_arrival(const Pool::Client& client) {
  const Document command([](Writer& out) {
    out.text("findAndModify", collection::format);
    find_it(out);
    out.document("update", [](Writer& update) {
      update.document("$inc", [](Writer& change) { change.number("arrivals", 1); });
      write_new(update, false);
    });
    out.boolean("upsert", true).boolean("new", true);
  });
  auto format = modify(client, command.get());
  if (!format) return format.error();
  return format->value_or(Format{});
}

base::Result<std::optional<Format>> FormatDocument::raise_records(const Pool::Client& client, const Format& seen,
                                                                  int records) {
  const Document command([&](Writer& out) {
    out.text("findAndModify", collection::format);
    out.document("query", [&](Writer& query) { query.text("_id", kId).number("arrivals", seen.arrivals); });
    out.document("update", [&](Writer& update) {
      update.document("$max", [&](Writer& change) { change.small_number("records", records); });
    });
    out.boolean("new", true);
  });
  return modify(client, command.get());
}

base::Result<std::optional<Format>> FormatDocument::set_history(const Pool::Client& client, const std::string& seen,
                                                                const std::string& id) {
  const Document command([&](Writer& out) {
    out.text("findAndModify", collection::format);
    out.document("query", [&](Writer& query) {
      query.text("_id", kId);
      if (seen.empty()) {
        query.document("historyId", [](Writer& test) {  // missing, or edited by hand
          test.document("$not", [](Writer& text) { text.text("$gt", ""); });
        });
      } else {
        query.text("historyId", seen);
      }
    });
    out.document("update",
                 [&](Writer& update) { update.document("$set", [&](Writer& set) { set.text("historyId", id); }); });
    out.boolean("new", true);
  });
  return modify(client, command.get());
}

base::Result<std::optional<Format>> FormatDocument::look(const Pool::Client& client) {
  std::optional<Format> seen;
  const Document filter([](Writer& out) { out.text("_id", kId); });
  auto found = find(client, pool_, collection::format, filter.get(), {.limit = 1, .timeout = options_.read_timeout},
                    [&](Found row) -> base::Result<Next> {
                      auto format = read_format(row.document);
                      if (!format) return format.error();
                      seen = std::move(*format);
                      return Next::more;
                    });
  if (!found) return found.error();
  return seen;
}

base::Result<std::string> History::id() {
  std::unique_lock lock(mutex_);
  if (base::SteadyClock::now() < known_until_) return known_;
  if (asking_ && known_ && !known_->empty()) return known_;
  asking_ = true;
  const std::uint64_t begun = begun_;
  lock.unlock();
  auto asked = ask();
  lock.lock();
  asking_ = false;
  return begun == begun_ ? know(std::move(asked)) : known_;  // one that began meanwhile is newer
}

base::Result<std::string> History::ask() {
  auto client = pool_.take();
  if (!client) return client.error();
  const auto seen = format_.look(*client);
  if (!seen) return seen.error();
  if (*seen && !(*seen)->history_id.empty()) return (*seen)->history_id;
  const auto made = format_.read_or_make(*client);
  if (!made) return made.error();
  return made->history_id.empty() ? replace(*client, "") : made->history_id;
}

base::Result<std::string> History::begin_anew() {
  auto client = pool_.take();
  if (!client) return client.error();
  const auto format = format_.read_or_make(*client);
  if (!format) return format.error();
  auto begun = replace(*client, format->history_id);
  if (!begun) return begun;
  const std::scoped_lock lock(mutex_);
  ++begun_;
  return know(std::move(begun));
}

base::Result<std::string> History::replace(const Pool::Client& client, const std::string& seen) {
  const auto mine = format_.set_history(client, seen, make_uuid_v7(base::wall_now()));
  if (!mine) return mine.error();
  if (*mine) return (*mine)->history_id;
  const auto others = format_.read_or_make(client);
  if (!others) return others.error();
  return others->history_id;
}

base::Result<std::string> History::know(base::Result<std::string> answer) {
  known_ = std::move(answer);
  known_until_ = base::SteadyClock::now() + (known_ ? kHistoryKnownFor : kFailureKnownFor);
  return known_;
}

base::Result<void> check(const Format& format, const std::string& database, int reads) {
  const auto newer = [&](const std::string& what) {
    return base::Error{base::ErrorCode::invalid,
                       "the database " + database + " " + what +
                           ". It needs a newer program of message-service; nothing was changed. See "
                           "docs/upgrading.md"};
  };
  if (format.format > kFormat) {
    return newer("has format " + std::to_string(format.format) + " (made by message-service " + format.made_by +
                 "), and this program knows formats up to " + std::to_string(kFormat));
  }
  if (format.records > reads) {
    return newer("goes with a log that may hold records of version " + std::to_string(format.records) +
                 ", and this program reads up to version " + std::to_string(reads));
  }
  return {};
}

}  // namespace message_service::mongodb
