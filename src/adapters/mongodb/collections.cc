#include "adapters/mongodb/collections.h"

#include <algorithm>
#include <array>

#include "adapters/mongodb/bson.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/handles.h"

namespace message_service::mongodb {

namespace {

constexpr std::array kOurs{collection::format,        collection::nodes,      collection::messages,
                           collection::conversations, collection::rejected,   collection::dead_letters,
                           collection::log_epochs,    collection::log_places, collection::sequences};

std::string text_of(const bson_t* document, const char* name) {
  bson_iter_t at;
  return bson_iter_init_find(&at, document, name) && BSON_ITER_HOLDS_UTF8(&at) ? bson_iter_utf8(&at, nullptr) : "";
}

bool has(const bson_t* document, const char* path) {
  bson_iter_t at;
  bson_iter_t found;
  return bson_iter_init(&at, document) && bson_iter_find_descendant(&at, path, &found) &&
         !(BSON_ITER_HOLDS_BOOL(&found) && !bson_iter_bool(&found));
}

// Calls `each` with every one of our collections and its name.
template <class Each>
void each_collection(const Pool::Client& client, const Pool& pool, Each each) {
  mongoc_database_t* database = mongoc_client_get_database(client.get(), pool.database());
  {
    const Cursor all(mongoc_database_find_collections_with_opts(database, nullptr));
    const bson_t* one = nullptr;
    while (mongoc_cursor_next(all.get(), &one)) {
      const std::string name = text_of(one, "name");
      if (std::ranges::find(kOurs, name) != kOurs.end()) each(one, name);
    }
  }
  mongoc_database_destroy(database);
}

}  // namespace

base::Result<void> check_collections(const Pool::Client& client, const Pool& pool) {
  std::string wrong;
  each_collection(client, pool, [&](const bson_t* one, const std::string& name) {
    const std::string type = text_of(one, "type");
    if (!type.empty() && type != "collection") wrong = "the collection " + name + " of MongoDB is a " + type;
    if (has(one, "options.capped")) {
      wrong = "the collection " + name + " of MongoDB is capped: it would delete what it has confirmed";
    }
  });
  if (wrong.empty()) return {};
  return base::Error{base::ErrorCode::invalid, wrong + ". Put an ordinary collection in its place"};
}

std::vector<std::string> foreign_rules(const Pool::Client& client, const Pool& pool) {
  std::vector<std::string> rules;
  each_collection(client, pool, [&](const bson_t* one, const std::string& name) {
    if (has(one, "options.validator")) rules.push_back("the collection " + name + " has a validator");
    const Collection collection(mongoc_client_get_collection(client.get(), pool.database(), name.c_str()));
    const Cursor indexes(mongoc_collection_find_indexes_with_opts(collection.get(), nullptr));
    const bson_t* index = nullptr;
    while (mongoc_cursor_next(indexes.get(), &index)) {
      const std::string which = std::string("the index ").append(text_of(index, "name")).append(" of ").append(name);
      if (has(index, "unique")) rules.push_back(which + " is unique");
      if (has(index, "expireAfterSeconds")) rules.push_back(which + " has a time to live, and deletes documents");
    }
  });
  return rules;
}

}  // namespace message_service::mongodb
