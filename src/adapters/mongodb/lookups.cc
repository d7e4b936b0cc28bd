#include "adapters/mongodb/lookups.h"

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"

namespace message_service::mongodb {

namespace {

template <class Value>
base::Result<std::optional<Value>> find_one(const Pool::Client& client, const Pool& pool, const Options& options,
                                            std::string_view collection, const Document& filter,
                                            base::Result<Value> (*read)(const bson_t*)) {
  std::optional<Value> value;
  auto found = find(client, pool, collection, filter.get(), {.limit = 1, .timeout = options.read_timeout},
                    [&](Found row) -> base::Result<Next> {
                      auto one = read(row.document);
                      if (!one) return one.error();
                      value.emplace(std::move(*one));
                      return Next::more;
                    });
  if (!found) return found.error();
  return value;
}

}  // namespace

base::Result<std::optional<Conversation>> find_conversation(const Pool::Client& client, const Pool& pool,
                                                            const Options& options, const std::string& id) {
  const Document filter([&](Writer& out) { out.text("_id", id); });
  return find_one<Conversation>(client, pool, options, collection::conversations, filter, read_conversation);
}

base::Result<std::optional<Stored>> find_message(const Pool::Client& client, const Pool& pool, const Options& options,
                                                 const ObjectIdBytes& id) {
  const Document filter([&](Writer& out) { out.object_id("_id", id); });
  return find_one<Stored>(client, pool, options, collection::messages, filter, read_message);
}

base::Result<std::optional<MessageRejected>> find_rejection(const Pool::Client& client, const Pool& pool,
                                                            const Options& options, const ObjectIdBytes& id) {
  const Document filter([&](Writer& out) { out.object_id("_id", id); });
  return find_one<MessageRejected>(client, pool, options, collection::rejected, filter, read_rejection);
}

}  // namespace message_service::mongodb
