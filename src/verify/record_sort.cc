#include "verify/record_sort.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <string>
#include <system_error>
#include <utility>

#include "verify/temporary_file.h"

namespace message_service::verify {

namespace {

constexpr std::size_t kSortedAloneMax = 65'536;

base::Error disk_error(const std::filesystem::path& folder, int number) {
  return {base::ErrorCode::unavailable, "what does not fit into memory cannot be kept in " + folder.string() + ": " +
                                            std::generic_category().message(number)};
}

}  // namespace

// A sorted file without a name, read in blocks.
class RecordSort::Run {
 public:
  Run(int descriptor, std::size_t records) : descriptor_(descriptor), left_(records) {}
  ~Run() { ::close(descriptor_); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void set_block(std::size_t records) { block_max_ = records; }
  const Record& head() const { return block_[at_]; }

  // False at the end. An error is in errno_number().
  bool advance() {
    if (++at_ < block_.size()) return true;
    block_.resize(std::min(left_, block_max_));
    at_ = 0;
    left_ -= block_.size();
    if (block_.empty()) return false;
    char* to = reinterpret_cast<char*>(block_.data());
    for (std::size_t missing = block_.size() * sizeof(Record); missing > 0;) {
      const ssize_t got = ::pread(descriptor_, to, missing, offset_);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        errno_number_ = got < 0 ? errno : EIO;
        return false;
      }
      to += got;
      offset_ += got;
      missing -= static_cast<std::size_t>(got);
    }
    return true;
  }
  int errno_number() const { return errno_number_; }

 private:
  const int descriptor_;
  std::size_t left_;
  std::size_t block_max_ = 0;
  std::vector<Record> block_;
  std::size_t at_ = 0;
  off_t offset_ = 0;
  int errno_number_ = 0;
};

bool RecordSort::Later::operator()(const Run* a, const Run* b) const { return b->head() < a->head(); }

RecordSort::RecordSort(std::filesystem::path folder, std::size_t memory_bytes)
    : folder_(std::move(folder)), records_max_(std::max<std::size_t>(memory_bytes / sizeof(Record), 1024)) {}

RecordSort::~RecordSort() = default;

void RecordSort::make_room() {
  if (buffer_.size() == records_max_) return spill();
  buffer_.reserve(std::min(records_max_, std::max<std::size_t>(2 * buffer_.size(), 1024)));
}

// On two threads: splits first, which needs no more memory.
void RecordSort::sort_buffer() {
  if (buffer_.size() < kSortedAloneMax) return std::sort(buffer_.begin(), buffer_.end());
  const auto middle = buffer_.begin() + static_cast<std::ptrdiff_t>(buffer_.size() / 2);
  std::nth_element(buffer_.begin(), middle, buffer_.end());
  const auto lower = std::async(std::launch::async, [&] { std::sort(buffer_.begin(), middle); });
  std::sort(middle, buffer_.end());
  lower.wait();
}

void RecordSort::spill() {
  sort_buffer();
  const int descriptor = open_temporary_file(folder_);
  if (descriptor < 0) {
    if (problem_) problem_ = disk_error(folder_, errno);
    buffer_.clear();
    return;
  }
  auto run = std::make_unique<Run>(descriptor, buffer_.size());
  const int failure = write_all(descriptor, buffer_.data(), buffer_.size() * sizeof(Record));
  if (failure != 0 && problem_) problem_ = disk_error(folder_, failure);
  runs_.push_back(std::move(run));
  buffer_.clear();
}

base::Result<void> RecordSort::begin_reading() {
  if (runs_.empty()) {
    sort_buffer();
    return problem_;
  }
  spill();
  std::vector<Record>().swap(buffer_);
  if (!problem_) return problem_;
  for (const auto& run : runs_) {
    run->set_block(std::max<std::size_t>(records_max_ / runs_.size(), 64));
    if (run->advance()) heads_.push(run.get());
    if (run->errno_number() != 0) problem_ = disk_error(folder_, run->errno_number());
  }
  return problem_;
}

const Record* RecordSort::next() {
  if (!runs_.empty()) return next_of_runs();
  return read_ < buffer_.size() ? &buffer_[read_++] : nullptr;
}

const Record* RecordSort::next_of_runs() {
  if (given_ != nullptr) {
    if (given_->advance()) heads_.push(given_);
    if (given_->errno_number() != 0) problem_ = disk_error(folder_, given_->errno_number());
    given_ = nullptr;
  }
  if (!problem_ || heads_.empty()) return nullptr;
  given_ = heads_.top();
  heads_.pop();
  return &given_->head();
}

}  // namespace message_service::verify
