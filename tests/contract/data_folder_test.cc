// What the embedded adapter does with a data folder that it must not touch, and with damage.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

#include "adapters/embedded/log_tail.h"
#include "contract/adapter.h"

namespace message_service::contract {

namespace fs = std::filesystem;

class DataFolder : public testing::Test {
 protected:
  Result<std::unique_ptr<embedded::Embedded>> open() { return embedded::Embedded::open({.data_directory = data()}); }
  fs::path data() const { return folder.path() / "data"; }

  void store_messages(int count) {
    auto opened = open().value();
    for (int i = 0; i < count; ++i) {
      std::promise<void> durable;
      opened->log_writer().append({.key = "conv-1", .value = "record " + std::to_string(i)},
                                  [&](const Result<Receipt>&) { durable.set_value(); });
      durable.get_future().wait();
    }
  }

  // Where everything acknowledged lies that no table file holds yet.
  fs::path write_ahead_log() const {
    for (const auto& entry : fs::directory_iterator(data() / "db")) {
      if (entry.path().extension() == ".log" && fs::file_size(entry.path()) > 0) return entry.path();
    }
    throw std::runtime_error("there is no write-ahead log");
  }
  static std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static Result<std::vector<ConsumedRecord>> records_in(const fs::path& folder_path) {
    auto opened = embedded::Embedded::open({.data_directory = folder_path});
    if (!opened) return opened.error();
    auto polled = (*opened)->log_reader().poll(100'000, SteadyClock::now());
    if (!polled) return polled.error();
    return std::move(polled->records);
  }

  TemporaryFolder folder;
};

TEST_F(DataFolder, OfSomebodyElseIsLeftAsItIs) {
  fs::create_directories(data());
  std::ofstream(data() / "thesis.txt") << "mine";
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().text.find("thesis.txt"), std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(data()), fs::directory_iterator()), 1);
}

TEST_F(DataFolder, IsSharedWithTheServersOfTheClusterBesideIt) {
  fs::create_directories(data() / "cluster" / "kafka");
  EXPECT_TRUE(open());
  EXPECT_TRUE(fs::exists(data() / "cluster" / "kafka"));
}

TEST_F(DataFolder, OfAnUnknownFormatIsLeftAsItIs) {
  store_messages(1);
  std::ofstream(data() / "FORMAT") << "message-service data, format 999\n";
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
}

TEST_F(DataFolder, HeldByAnotherProcessIsRefusedByName) {
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    // Only the claim's own lock is taken: a forked child must not start threads.
    fs::create_directories(data());
    const int file = ::open((data() / "FORMAT").c_str(), O_RDWR | O_CREAT, 0600);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    const bool locked = fcntl(file, F_SETLK, &lock) == 0;
    (void)!write(ready[1], locked ? "y" : "n", 1);
    pause();
    _exit(0);
  }
  char answer = 'n';
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  const auto refused = open();
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().text.find(std::to_string(holder)), std::string::npos);
  EXPECT_TRUE(open());
}

// Flips one byte at many places of the write-ahead log, where everything acknowledged lies: each must be found, unless
// it only touches the very last record's tail, which a torn write could have left.
TEST_F(DataFolder, DamageIsNamedAndNeverServed) {
  store_messages(50);
  const fs::path wal = write_ahead_log();
  const std::string bytes = content_of(wal);
  const std::size_t last_record = bytes.rfind("record 49");
  ASSERT_NE(last_record, std::string::npos);

  int found = 0;
  for (std::size_t at = 7; at + 200 < last_record; at += 211) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const fs::path copy = folder.path() / ("copy-" + std::to_string(at));
    fs::copy(data(), copy, fs::copy_options::recursive);
    std::ofstream(copy / "db" / wal.filename(), std::ios::binary | std::ios::trunc) << damaged;
    const auto opened = embedded::Embedded::open({.data_directory = copy});
    if (opened) {
      ADD_FAILURE() << "damage at byte " << at << " was not found";
    } else {
      EXPECT_EQ(opened.error().code, ErrorCode::corrupt) << opened.error().text;
      ++found;
    }
    fs::remove_all(copy);
  }
  EXPECT_GT(found, 5);
}

// One flipped bit anywhere in the last 32 KiB of the write-ahead log, in lengths, checksums and bytes alike: either the
// folder is refused as corrupt, or nothing that was acknowledged is missing or different. To RocksDB alone a damaged
// length near the end looks like a write that was never finished; the DURABLE mark knows better.
TEST_F(DataFolder, DamageToTheEndOfTheLogIsNotTakenForAnUnfinishedWrite) {
  constexpr std::size_t kSwept = 32 * 1024;
  constexpr std::size_t kStep = 37;
  constexpr int kRecords = 600;
  store_messages(kRecords);
  const fs::path wal = write_ahead_log();
  const std::string bytes = content_of(wal);
  ASSERT_GT(bytes.size(), kSwept);

  const fs::path copy = folder.path() / "copy";
  int refused = 0;
  for (std::size_t at = bytes.size() - kSwept; at < bytes.size(); at += kStep) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    fs::copy(data(), copy, fs::copy_options::recursive);
    std::ofstream(copy / "db" / wal.filename(), std::ios::binary | std::ios::trunc) << damaged;
    const auto served = records_in(copy);
    if (served) {
      ASSERT_EQ(served->size(), static_cast<std::size_t>(kRecords)) << "lost by damage at byte " << at;
      for (int i = 0; i < kRecords; ++i) {
        ASSERT_EQ(served->at(static_cast<std::size_t>(i)).record.value, "record " + std::to_string(i)) << at;
      }
    } else {
      ASSERT_EQ(served.error().code, ErrorCode::corrupt) << served.error().text;
      ++refused;
    }
    fs::remove_all(copy);
  }
  EXPECT_GT(refused, static_cast<int>(kSwept / kStep / 2));
}

// What a power cut leaves of a write that was never acknowledged is dropped; the same bytes missing from one that was
// acknowledged is damage.
TEST_F(DataFolder, ATornTailIsToldFromALostOne) {
  store_messages(20);
  for (const auto& entry : fs::directory_iterator(data() / "db")) {
    if (entry.path().extension() != ".log" || fs::file_size(entry.path()) == 0) continue;
    fs::resize_file(entry.path(), fs::file_size(entry.path()) - 3);
  }
  const auto lost = open();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::corrupt);

  const std::int64_t acknowledged = 19;
  std::ofstream(data() / "DURABLE", std::ios::binary)
      .write(reinterpret_cast<const char*>(&acknowledged), sizeof acknowledged);
  auto opened = open();
  ASSERT_TRUE(opened) << opened.error().text;
  const auto polled = (*opened)->log_reader().poll(100, SteadyClock::now());
  ASSERT_TRUE(polled);
  EXPECT_EQ(polled->records.size(), 19u);
}

TEST_F(DataFolder, IsFollowedWhileItIsWritten) {
  auto opened = open().value();
  auto tail = embedded::LogTail::open(data(), wire::kRequestedTopic, false).value();
  for (int i = 0; i < 3; ++i) {
    std::promise<void> durable;
    opened->log_writer().append({.key = "conv-1", .value = std::to_string(i)},
                                [&](const Result<Receipt>&) { durable.set_value(); });
    durable.get_future().wait();
    const auto records = tail->read(10);
    ASSERT_TRUE(records);
    ASSERT_EQ(records->size(), 1u);
    EXPECT_EQ(records->at(0).record.value, std::to_string(i));
  }
  EXPECT_EQ(embedded::LogTail::open(folder.path(), wire::kRequestedTopic, false).error().code, ErrorCode::not_found);
}

}  // namespace message_service::contract
