#include "adapters/embedded/store/revocations.h"

#include <memory>
#include <string>

namespace message_service::embedded {

base::Result<std::vector<Revocation>> read_revocations(Database& database) {
  std::vector<Revocation> all;
  const std::unique_ptr<rocksdb::Iterator> at(database.db().NewIterator({}, database.table(Table::meta)));
  for (at->Seek(kRevocationPrefix); at->Valid() && at->key().starts_with(kRevocationPrefix); at->Next()) {
    const std::string_view times = at->value().ToStringView();
    if (times.size() != 2 * kNumberBytes) return base::Error{base::ErrorCode::corrupt, "a revocation is damaged"};
    all.push_back({.subject = std::string(at->key().ToStringView().substr(kRevocationPrefix.size())),
                   .issued_before = static_cast<base::Timestamp>(read_number(times)),
                   .kept_until = static_cast<base::Timestamp>(read_number(times.substr(kNumberBytes)))});
  }
  if (!at->status().ok()) return to_error(at->status(), "read the revocations");
  return all;
}

}  // namespace message_service::embedded
