#include "adapters/embedded/folder/file_errors.h"

#include <algorithm>
#include <array>

namespace message_service::embedded {

DiskError disk_error_of(int code) {
  using enum DiskOutlook;
  static constexpr std::array kKnown{
      DiskError{ENOSPC, passing, "Make room; it goes on by itself"},
      DiskError{EDQUOT, passing, "Raise the quota or make room; it goes on by itself"},
      DiskError{EIO, passing, "The disk fails. It is tried again in new files; see the system's log"},
      DiskError{EMFILE, passing, "Raise this process's limit of open files (ulimit -n, LimitNOFILE=)"},
      DiskError{ENFILE, passing, "Raise the machine's limit of open files (fs.file-max)"},
      DiskError{ENOMEM, passing, ""},
      DiskError{EINTR, passing, ""},
      DiskError{EAGAIN, passing, ""},
      DiskError{ESTALE, passing, "The network file system has lost the file; see its server"},
      DiskError{ENXIO, passing, "The disk is away"},
      DiskError{ENODEV, passing, "The disk is away"},
      DiskError{EROFS, setup, "Mount it for writing, or name another folder with Providers:DataDirectory"},
      DiskError{EACCES, setup, "Give the folder to this user, or name another one with Providers:DataDirectory"},
      DiskError{EPERM, setup, "Give the folder to this user, or name another one with Providers:DataDirectory"},
      DiskError{ENOTDIR, setup, "Name a folder with Providers:DataDirectory"},
      DiskError{EISDIR, setup, "A folder stands where a file belongs: move it away"},
      DiskError{ELOOP, setup, "Name another folder with Providers:DataDirectory"},
      DiskError{ENAMETOOLONG, setup, "Name another folder with Providers:DataDirectory"},
      DiskError{EFBIG, setup, "Raise the limit on the size of files (ulimit -f, LimitFSIZE=)"},
      DiskError{EINVAL, setup,
                "This file system cannot do it: name a folder on another one with Providers:DataDirectory"},
      DiskError{EOPNOTSUPP, setup,
                "This file system cannot do it: name a folder on another one with Providers:DataDirectory"},
  };
  const auto found = std::ranges::find(kKnown, code, &DiskError::code);
  return found != kKnown.end() ? *found : DiskError{code, passing, ""};
}

}  // namespace message_service::embedded
