#include "adapters/embedded/folder/file_errors.h"

#include <gtest/gtest.h>

namespace message_service::embedded {
namespace {

base::Error met(int code) {
  errno = code;
  return system_error("/data/FORMAT", "write");
}

TEST(FileErrors, WhatPassesIsToldFromWhatSomebodyHasToPutRight) {
  for (const int code : {ENOSPC, EDQUOT, EIO, EMFILE, ENFILE, EINTR, ESTALE, 9999}) {
    EXPECT_EQ(met(code).code, base::ErrorCode::unavailable) << code;
  }
  for (const int code : {EROFS, EACCES, EPERM, ENOTDIR, ELOOP, ENAMETOOLONG, EFBIG}) {
    EXPECT_EQ(met(code).code, base::ErrorCode::invalid) << code;
  }
}

TEST(FileErrors, NameTheFileAndTheWayOut) {
  EXPECT_EQ(met(EROFS).text,
            "cannot write /data/FORMAT: Read-only file system. Mount it for writing, or name another folder with "
            "Providers:DataDirectory");
  EXPECT_EQ(met(EINTR).text, "cannot write /data/FORMAT: Interrupted system call");
}

}  // namespace
}  // namespace message_service::embedded
