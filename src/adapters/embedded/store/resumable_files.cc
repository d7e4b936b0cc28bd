#include "adapters/embedded/store/resumable_files.h"

#include <rocksdb/file_system.h>

#include <memory>
#include <string>
#include <utility>

namespace message_service::embedded {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

IOStatus resumable(IOStatus status) {
  if (status.IsIOError()) status.SetRetryable(true);
  return status;
}

class ResumableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using Base = rocksdb::FSWritableFileOwnerWrapper;
  using Base::Base;

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
    return resumable(Base::Append(data, options, context));
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* context) override {
    return resumable(Base::Append(data, options, info, context));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* context) override {
    return resumable(Base::Flush(options, context));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return resumable(Base::Sync(options, context));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return resumable(Base::Fsync(options, context));
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* context) override {
    return resumable(Base::RangeSync(offset, bytes, options, context));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    return resumable(Base::Close(options, context));
  }
};

class ResumableDirectory final : public rocksdb::FSDirectory {
 public:
  explicit ResumableDirectory(std::unique_ptr<rocksdb::FSDirectory> directory) : directory_(std::move(directory)) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return resumable(directory_->Fsync(options, context));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions& directory_options) override {
    return resumable(directory_->FsyncWithDirOptions(options, context, directory_options));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    return directory_->Close(options, context);
  }
  std::size_t GetUniqueId(char* id, std::size_t size_max) const override {
    return directory_->GetUniqueId(id, size_max);
  }

 private:
  std::unique_ptr<rocksdb::FSDirectory> directory_;
};

class ResumableFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "resumable-files"; }
  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
    return wrapped(target()->NewWritableFile(name, options, file, context), file);
  }
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
    return wrapped(target()->ReopenWritableFile(name, options, file, context), file);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* context) override {
    IOStatus status = target()->NewDirectory(name, options, directory, context);
    if (status.ok()) *directory = std::make_unique<ResumableDirectory>(std::move(*directory));
    return resumable(std::move(status));
  }

 private:
  static IOStatus wrapped(IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) *file = std::make_unique<ResumableFile>(std::move(*file));
    return resumable(std::move(status));
  }
};

}  // namespace

rocksdb::Env* resumable_files() {
  static const auto files =
      rocksdb::NewCompositeEnv(std::make_shared<ResumableFileSystem>(rocksdb::FileSystem::Default()));
  return files.get();
}

}  // namespace message_service::embedded
