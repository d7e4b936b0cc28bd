#include "adapters/embedded/store/stored_id.h"

#include <optional>
#include <utility>

#include "adapters/embedded/store/store_batch.h"
#include "model/ids.h"

namespace message_service::embedded {

base::Result<std::string> stored_id(Database& store, std::string_view row) {
  auto id = store.get(Table::meta, row);
  if (!id) return id.error();
  if (*id) return std::move(**id);
  std::string made;
  const auto name = [&](StoreBatch& write) -> base::Result<void> {
    auto there = store.get(Table::meta, row);  // another thread may have made it meanwhile
    if (!there) return there.error();
    made = there->value_or(make_uuid_v7(base::wall_now()));
    write.name(row, made);
    return {};
  };
  if (auto written = store.update(Database::Durability::now, name); !written) return written.error();
  return made;
}

}  // namespace message_service::embedded
