// The files of RocksDB, with errors that RocksDB may recover from.
//
// By default RocksDB treats an error of the disk as final until it is opened again: it cannot know the state of bytes
// whose sync failed. But RocksDB can write the content of its memtables again, and a file system may declare an error
// retryable. Resume() then writes the memtables to new files, and begins a new write-ahead log.
#pragma once

#include <rocksdb/env.h>

namespace message_service::embedded {

// One per process; it lives until the process exits.
rocksdb::Env* resumable_files();

}  // namespace message_service::embedded
