// The files of RocksDB, with errors that it may recover from.
//
// By itself RocksDB takes an error of the disk for final, until it is opened anew: it cannot know what became of bytes
// that a sync left behind. But all that is in its memtables can be written again, and the file system may say that it
// is worth trying: then Resume() writes them to new files, and a new write-ahead log begins.
#pragma once

#include <rocksdb/env.h>

namespace message_service::embedded {

// The process's own; never destroyed.
rocksdb::Env* resumable_files();

}  // namespace message_service::embedded
