// StoredPlaces on MongoDB: a document for each log (collection log_places). Any thread; blocks for the store.
#pragma once

#include "adapters/mongodb/format.h"
#include "adapters/mongodb/pool.h"
#include "ports/stored_places.h"

namespace message_service::mongodb {

class MongoStoredPlaces final : public StoredPlaces {
 public:
  MongoStoredPlaces(Pool& pool, History& history, const Options& options)
      : pool_(pool), history_(history), options_(options) {}

  base::Result<ByPartition> noted(const std::string& log) override;
  base::Result<void> note(const std::string& log, const ByPartition& places,
                          const std::set<std::int32_t>& anew) override;
  base::Result<void> begin_new_history() override;

 private:
  Pool& pool_;
  History& history_;
  const Options options_;
};

}  // namespace message_service::mongodb
