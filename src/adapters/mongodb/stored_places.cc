#include "adapters/mongodb/stored_places.h"

#include <algorithm>
#include <charconv>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"

namespace message_service::mongodb {

namespace {

// In a path a bare number would be the place of an item in a list.
std::string place_path(std::int32_t partition) { return "places.p" + std::to_string(partition); }

base::Result<StoredPlaces::ByPartition> read_places(const bson_t* document) {
  StoredPlaces::ByPartition places;
  bson_iter_t at;
  bson_iter_t place;
  if (!bson_iter_init_find(&at, document, "places")) return places;
  if (!BSON_ITER_HOLDS_DOCUMENT(&at) || !bson_iter_recurse(&at, &place)) {
    return base::Error{base::ErrorCode::corrupt, "a document in log_places: field places is not a document"};
  }
  while (bson_iter_next(&place)) {
    const std::string_view name = bson_iter_key(&place);
    std::int32_t partition = -1;
    if (name.starts_with('p')) std::from_chars(name.data() + 1, name.data() + name.size(), partition);
    if (partition < 0 || !BSON_ITER_HOLDS_NUMBER(&place)) {
      return base::Error{base::ErrorCode::corrupt,
                         "a document in log_places: field places." + std::string(name) + " is no offset"};
    }
    places[partition] = bson_iter_as_int64(&place);
  }
  return places;
}

}  // namespace

base::Result<StoredPlaces::ByPartition> MongoStoredPlaces::noted(const std::string& log) {
  auto client = pool_.take();
  if (!client) return client.error();
  ByPartition places;
  const Document filter([&](Writer& out) { out.text("_id", log); });
  auto found = find(*client, pool_, collection::log_places, filter.get(),
                    {.limit = 1, .timeout = options_.read_timeout}, [&](Found row) -> base::Result<Next> {
                      auto read = read_places(row.document);
                      if (!read) return read.error();
                      places = std::move(*read);
                      return Next::more;
                    });
  if (!found) return found.error();
  return places;
}

base::Result<void> MongoStoredPlaces::note(const std::string& log, const ByPartition& places,
                                           const std::set<std::int32_t>& anew) {
  if (!pool_.has_primary()) return unavailable("note how far the log is stored", "MongoDB takes no writes now");
  auto client = pool_.take();
  if (!client) return client.error();
  // MongoDB 4.4 takes no operator without a field.
  const auto write = [&](Writer& change, const char* how, bool begins_again) {
    const auto is_one = [&](const auto& place) { return anew.contains(place.first) == begins_again; };
    if (std::ranges::none_of(places, is_one)) return;
    change.document(how, [&](Writer& values) {
      for (const auto& place : places) {
        if (is_one(place)) values.number(place_path(place.first), place.second);
      }
    });
  };
  const Document command([&](Writer& out) {
    out.text("update", collection::log_places);
    out.array("updates", [&](Writer& list) {
      list.document("0", [&](Writer& update) {
        update.document("q", [&](Writer& query) { query.text("_id", log); });
        update.document("u", [&](Writer& change) {
          write(change, "$max", false);
          write(change, "$set", true);
        });
        update.boolean("upsert", true);
      });
    });
  });
  auto failures = run_write(*client, pool_, command.get(), options_.write_timeout, "note how far the log is stored");
  if (!failures) return failures.error();
  // Another node may have made the document in the same moment.
  if (!failures->empty()) return unavailable("note how far the log is stored", failures->front().text);
  return {};
}

base::Result<void> MongoStoredPlaces::begin_new_history() {
  const auto begun = history_.begin_anew();
  if (!begun) return begun.error();
  return {};
}

}  // namespace message_service::mongodb
