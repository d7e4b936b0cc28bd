// Documents in their order, without the unreadable ones: these are reported and left out, and others take their places.
// Private to the adapter: exposes the driver.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/mongodb/commands.h"
#include "observe/damage.h"

namespace message_service::mongodb {

struct ReadableQuery {
  std::string_view collection;
  const bson_t* filter = nullptr;
  const bson_t* sort = nullptr;
  std::size_t limit = 1;  // at least 1
  std::chrono::milliseconds timeout{5000};
};

template <class Value>
class Readable {
 public:
  using Read = std::function<base::Result<Value>(Found)>;
  // Whether no more values are wanted, though there are fewer than the limit. Called after each value that is added.
  using Full = std::function<bool(const std::vector<Value>&)>;

  Readable(const Pool::Client& client, const Pool& pool, Damage& damage)
      : client_(client), pool_(pool), damage_(damage) {}

  // The usual query asks for as many documents as are wanted, and the server completes it at once. Only when some of
  // the documents are unreadable, a second query looks further.
  base::Result<std::vector<Value>> find(const ReadableQuery& query, const Read& read, const Full& full = {}) {
    auto found = look(query, static_cast<std::int64_t>(query.limit), read, full);
    const bool looks_further = found && !unreadable_.empty() && looked_at_ == query.limit;
    if (looks_further) found = look(query, 0, read, full);
    if (!found) return found.error();
    for (const std::string& text : unreadable_) damage_.left_out(query.collection, text);
    return found;
  }

 private:
  base::Result<std::vector<Value>> look(const ReadableQuery& query, std::int64_t documents_max, const Read& read,
                                        const Full& full) {
    std::vector<Value> values;
    unreadable_.clear();
    looked_at_ = 0;
    auto found = mongodb::find(client_, pool_, query.collection, query.filter,
                               {.sort = query.sort, .limit = documents_max, .timeout = query.timeout},
                               [&](Found row) -> base::Result<Next> {
                                 ++looked_at_;
                                 auto value = read(row);
                                 if (!value && value.error().code != base::ErrorCode::corrupt) return value.error();
                                 if (!value) {
                                   if (unreadable_.size() < kNamedMax) unreadable_.push_back(value.error().text);
                                   return Next::more;
                                 }
                                 values.push_back(std::move(*value));
                                 const bool enough = values.size() == query.limit || (full && full(values));
                                 return enough ? Next::enough : Next::more;
                               });
    if (!found) return found.error();
    return values;
  }

  static constexpr std::size_t kNamedMax = 1000;

  const Pool::Client& client_;
  const Pool& pool_;
  Damage& damage_;
  std::vector<std::string> unreadable_;
  std::size_t looked_at_ = 0;
};

}  // namespace message_service::mongodb
