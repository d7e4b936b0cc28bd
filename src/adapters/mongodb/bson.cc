#include "adapters/mongodb/bson.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/utf8.h"

namespace message_service::mongodb {

namespace {

constexpr std::size_t kNameBytesMax = 128;
constexpr double kExactMax = 9'007'199'254'740'992;

// Enough of the document's id to find the document.
std::string name_of(const bson_t* document) {
  bson_iter_t at;
  if (!bson_iter_init_find(&at, document, "_id")) return "a document without _id";
  if (BSON_ITER_HOLDS_UTF8(&at)) {
    std::uint32_t size = 0;
    const char* bytes = bson_iter_utf8(&at, &size);
    const std::string_view text(bytes, std::min<std::size_t>(size, kNameBytesMax));
    if (!base::is_valid_utf8(text)) return "a document whose _id is a long text, or no UTF-8";
    return std::string("\"").append(text).append(size > text.size() ? "…\"" : "\"");
  }
  if (BSON_ITER_HOLDS_INT32(&at) || BSON_ITER_HOLDS_INT64(&at)) return std::to_string(bson_iter_as_int64(&at));
  if (!BSON_ITER_HOLDS_OID(&at)) return "a document whose _id has a foreign type";
  char hex[25];
  bson_oid_to_string(bson_iter_oid(&at), hex);
  return hex;
}

}  // namespace

void Reader::fail(std::string_view name, std::string_view what) {
  if (ok()) problem_.append(name).append(" ").append(what);
}

base::Error Reader::error() const {
  return {base::ErrorCode::corrupt, "MongoDB holds a damaged document, " + name_of(document_) + " in " +
                                        std::string(collection_) + ": field " + problem_};
}

bool Reader::find(const char* name, bson_iter_t& at) {
  if (!ok()) return false;
  if (bson_iter_init_find(&at, document_, name)) return true;
  fail(name, "is missing");
  return false;
}

std::string Reader::text(const char* name) {
  bson_iter_t at;
  if (!find(name, at)) return {};
  if (!BSON_ITER_HOLDS_UTF8(&at)) {
    fail(name, "is not a string");
    return {};
  }
  std::uint32_t size = 0;
  const char* bytes = bson_iter_utf8(&at, &size);
  if (!base::is_valid_utf8({bytes, size})) {
    fail(name, "is not UTF-8");
    return {};
  }
  return {bytes, size};
}

std::string Reader::text_or_nothing(const char* name) const {
  bson_iter_t at;
  if (!bson_iter_init_find(&at, document_, name) || !BSON_ITER_HOLDS_UTF8(&at)) return {};
  std::uint32_t size = 0;
  const char* bytes = bson_iter_utf8(&at, &size);
  return base::is_valid_utf8({bytes, size}) ? std::string(bytes, size) : std::string();
}

std::optional<std::int64_t> Reader::whole_number(const bson_iter_t& at) {
  if (BSON_ITER_HOLDS_INT64(&at) || BSON_ITER_HOLDS_INT32(&at)) return bson_iter_as_int64(&at);
  if (!BSON_ITER_HOLDS_DOUBLE(&at)) return std::nullopt;
  const double number = bson_iter_double(&at);
  if (!(std::abs(number) < kExactMax) || number != std::trunc(number)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::int64_t Reader::number(const char* name) {
  bson_iter_t at;
  if (!find(name, at)) return 0;
  const auto number = whole_number(at);
  if (!number) fail(name, "is not a whole number");
  return number.value_or(0);
}

base::Timestamp Reader::date(const char* name) {
  bson_iter_t at;
  if (!find(name, at)) return 0;
  if (!BSON_ITER_HOLDS_DATE_TIME(&at)) {
    fail(name, "is not a date");
    return 0;
  }
  const base::Timestamp date = bson_iter_date_time(&at);
  if (date < base::kTimestampMin || date > base::kTimestampMax) fail(name, "is not a date of the years 0000 to 9999");
  return date;
}

ObjectIdBytes Reader::object_id(const char* name) {
  ObjectIdBytes id{};
  bson_iter_t at;
  if (!find(name, at)) return id;
  if (BSON_ITER_HOLDS_OID(&at)) {
    std::copy_n(bson_iter_oid(&at)->bytes, id.size(), id.begin());
  } else {
    fail(name, "is not an ObjectId");
  }
  return id;
}

}  // namespace message_service::mongodb
