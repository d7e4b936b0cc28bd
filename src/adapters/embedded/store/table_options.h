// RocksDB's settings for the store. The database and a read-only follower must agree on them.
#pragma once

#include <rocksdb/db.h>

#include <vector>

namespace message_service::embedded {

rocksdb::Options database_options();

// The default table, which is unused, then those of tables.h in their order.
std::vector<rocksdb::ColumnFamilyDescriptor> table_descriptors();

}  // namespace message_service::embedded
