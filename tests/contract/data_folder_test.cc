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

constexpr std::uint64_t kSegmentBytes = 64 * 1024;

class DataFolder : public testing::Test {
 protected:
  base::Result<std::unique_ptr<embedded::Embedded>> open() {
    return embedded::Embedded::open({.data_directory = data(), .log_segment_bytes = kSegmentBytes});
  }
  fs::path data() const { return folder.path() / "data"; }

  void store_messages(int count) {
    auto opened = open().value();
    for (int i = 0; i < count; ++i) {
      std::promise<void> durable;
      opened->log_writer().append_record({.key = "conv-1", .value = "record " + std::to_string(i)}, {},
                                         [&](const base::Result<Receipt>&) { durable.set_value(); });
      durable.get_future().wait();
    }
  }

  // Where everything acknowledged lies.
  static fs::path segment_in(const fs::path& folder_path) {
    return folder_path / "log" / "00000000000000000000.segment";
  }
  // RocksDB's write-ahead log: the only file of its kind that holds anything.
  static fs::path write_ahead_log_in(const fs::path& folder_path) {
    for (const auto& entry : fs::directory_iterator(folder_path / "db")) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0) return entry.path();
    }
    return {};
  }
  static std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static base::Result<std::vector<ConsumedRecord>> records_in(const fs::path& folder_path) {
    auto opened = embedded::Embedded::open({.data_directory = folder_path, .log_segment_bytes = kSegmentBytes});
    if (!opened) return opened.error();
    auto polled = (*opened)->log_reader().poll(100'000, base::SteadyClock::now());
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
  EXPECT_EQ(refused.error().code, base::ErrorCode::invalid);
  EXPECT_NE(refused.error().text.find("thesis.txt"), std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(data()), fs::directory_iterator()), 1);
}

TEST_F(DataFolder, IsSharedWithTheServersOfTheClusterBesideIt) {
  fs::create_directories(data() / "cluster" / "kafka");
  EXPECT_TRUE(open());
  EXPECT_TRUE(fs::exists(data() / "cluster" / "kafka"));
}

TEST_F(DataFolder, OfAnotherFormatIsRefusedByItsNumberAndLeftAsItIs) {
  store_messages(1);
  struct Case {
    std::string content, said, way;
  };
  const std::string prefix = "message-service data, format ";
  for (const auto& [content, said, way] :
       {Case{prefix + "999\n", "has data format 999, and this program reads format 4", "or a newer one"},
        Case{prefix + "5, records 7\n", "has data format 5, and this program reads format 4", "or a newer one"},
        Case{prefix + "1\n", "has data format 1, and this program reads format 4", "docs/upgrading.md"},
        Case{prefix + "3\n", "has data format 3, and this program reads format 4", "docs/upgrading.md"},
        Case{"", "was not restored to its end", "restore the backup again"},
        Case{prefix + "4", "a data format that this version does not know", "or a newer one"},
        Case{prefix + "0\n", "a data format that this version does not know", "or a newer one"},
        Case{prefix + "4 and more\n", "a data format that this version does not know", "or a newer one"},
        Case{"something else\n", "a data format that this version does not know", "or a newer one"}}) {
    std::ofstream(data() / "FORMAT") << content;
    const auto refused = open();
    ASSERT_FALSE(refused) << content;
    EXPECT_EQ(refused.error().code, base::ErrorCode::invalid);
    EXPECT_NE(refused.error().text.find(said), std::string::npos) << refused.error().text;
    EXPECT_NE(refused.error().text.find(way), std::string::npos) << refused.error().text;
    EXPECT_EQ(content_of(data() / "FORMAT"), content);
  }
}

TEST_F(DataFolder, SaysWhichRecordsItMayHold) {
  { ASSERT_EQ(open().value()->versions().allow(3).value().version, 3); }
  EXPECT_EQ(content_of(data() / "FORMAT"), "message-service data, format 4, records 3\n") << "older programs refuse it";
  const auto older = open();
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, base::ErrorCode::invalid);
  EXPECT_NE(older.error().text.find("records of version 3"), std::string::npos) << older.error().text;
  const auto newer = embedded::Embedded::open({.data_directory = data(), .reads_records = 4});
  ASSERT_TRUE(newer) << newer.error().text;
  EXPECT_EQ((*newer)->versions().allowed().value(), 3);
  EXPECT_EQ((*newer)->versions().allow(1).value().version, 3) << "it never goes back";
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
  EXPECT_EQ(refused.error().code, base::ErrorCode::conflict);
  EXPECT_NE(refused.error().text.find(std::to_string(holder)), std::string::npos);
  EXPECT_TRUE(open());
}

// One flipped bit anywhere in what was written of the log, in header, lengths, checksums and bytes alike, to the last
// byte: either the folder is refused as corrupt, or nothing that was acknowledged is missing or different. By itself
// damage to the last record looks like a write that was never finished; the DURABLE mark knows better.
TEST_F(DataFolder, DamageIsNamedAndNeverServed) {
  constexpr std::size_t kStep = 23;
  constexpr int kRecords = 100;
  store_messages(kRecords);
  const std::string bytes = content_of(segment_in(data()));
  const std::size_t written = bytes.rfind("record 99") + std::string_view("record 99").size();
  ASSERT_LT(written, bytes.size());

  const fs::path copy = folder.path() / "copy";
  int refused = 0;
  for (std::size_t at = 0; at < written; at += kStep) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    fs::copy(data(), copy, fs::copy_options::recursive);
    std::ofstream(segment_in(copy), std::ios::binary | std::ios::trunc) << damaged;
    const auto served = records_in(copy);
    if (served) {
      ASSERT_EQ(served->size(), static_cast<std::size_t>(kRecords)) << "lost by damage at byte " << at;
      for (int i = 0; i < kRecords; ++i) {
        ASSERT_EQ(served->at(static_cast<std::size_t>(i)).record.value, "record " + std::to_string(i)) << at;
      }
    } else {
      ASSERT_EQ(served.error().code, base::ErrorCode::corrupt) << served.error().text;
      ++refused;
    }
    fs::remove_all(copy);
  }
  EXPECT_GT(refused, static_cast<int>(written / kStep / 2));
}

// What a power cut leaves of a write that was never acknowledged is dropped; the same bytes missing from one that was
// acknowledged is damage.
TEST_F(DataFolder, ATornTailIsToldFromALostOne) {
  store_messages(20);
  std::string torn = content_of(segment_in(data()));
  torn[torn.rfind("record 19") + 8] = '\0';
  std::ofstream(segment_in(data()), std::ios::binary | std::ios::trunc) << torn;
  const auto lost = open();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, base::ErrorCode::corrupt);

  const std::int64_t acknowledged = 19;
  std::ofstream(data() / "DURABLE", std::ios::binary)
      .write(reinterpret_cast<const char*>(&acknowledged), sizeof acknowledged);
  auto opened = open();
  ASSERT_TRUE(opened) << opened.error().text;
  const auto polled = (*opened)->log_reader().poll(100, base::SteadyClock::now());
  ASSERT_TRUE(polled);
  EXPECT_EQ(polled->records.size(), 19u);
}

// One flipped bit anywhere in the table files of the store: the rows that are read are right, and those that cannot be
// are named, or the answer is an error, or the start is refused.
TEST_F(DataFolder, DamageToTablesIsNamedAndNeverServed) {
  constexpr std::size_t kMessages = 100;
  constexpr std::size_t kFlips = 60;
  {
    auto opened = open().value();
    for (std::size_t i = 0; i < kMessages; ++i) {
      const std::string number = std::to_string(i);
      ASSERT_TRUE(opened->store().write(embedded::admitted_of("conv-1", "key-" + number, "content " + number)));
    }
  }
  (void)open().value();  // puts what the write-ahead log holds into tables
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(data() / "db")) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path().filename());
  }
  ASSERT_FALSE(tables.empty());

  const fs::path copy = folder.path() / "copy";
  std::size_t refused = 0;
  for (const fs::path& table : tables) {
    const std::string bytes = content_of(data() / "db" / table);
    for (std::size_t at = 0; at < bytes.size(); at += std::max<std::size_t>(1, bytes.size() * tables.size() / kFlips)) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      fs::copy(data(), copy, fs::copy_options::recursive);
      std::ofstream(copy / "db" / table, std::ios::binary | std::ios::trunc) << damaged;
      const auto damage = std::make_shared<Damage>();
      const auto opened =
          embedded::Embedded::open({.data_directory = copy, .log_segment_bytes = kSegmentBytes, .damage = damage});
      const auto page =
          opened ? (*opened)->store_reader().page("conv-1", {.limit = 500}) : base::Result<Page>(opened.error());
      if (page) {
        const bool whole = page->rows.size() == kMessages;
        ASSERT_EQ(damage->standing().empty(), whole) << "lost by damage to " << table << " at byte " << at;
        refused += whole ? 0 : 1;
        for (const StoredRow& row : page->rows) {
          ASSERT_EQ(wire::read_stored(row.json).value().message().content,
                    "content " + std::to_string(row.sequence - 1));
        }
      } else {
        ASSERT_EQ(page.error().code, base::ErrorCode::corrupt) << page.error().text;
        ++refused;
      }
      fs::remove_all(copy);
    }
  }
  EXPECT_GT(refused, kFlips / 10);
}

// The same for its write-ahead log: what was synced may not be missing, and whoever repairs it finds it as it was. What
// was never synced may be gone from the middle on.
TEST_F(DataFolder, TheStoreEndsBeforeWhatAPowerCutTookAndNeverBeforeWhatWasDurable) {
  const fs::path copy = folder.path() / "copy";
  {
    auto opened = open().value();
    for (const std::string id : {"conv-1", "conv-2", "conv-3"}) {
      ASSERT_TRUE(opened->store().create_conversation({.id = id, .title = "", .participants = {}}));
    }
    fs::copy(data(), copy, fs::copy_options::recursive);  // as a crash leaves it
  }
  const fs::path log = write_ahead_log_in(copy);
  std::string bytes = content_of(log);
  const std::size_t at = bytes.find("conv-2");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  std::ofstream(log, std::ios::binary | std::ios::trunc) << bytes;

  const auto damaged = embedded::Embedded::open({.data_directory = copy});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, base::ErrorCode::corrupt);
  EXPECT_EQ(content_of(log), bytes) << "nothing was touched";

  const std::array<std::uint64_t, 2> durable{0, 1};  // of the log and of the store
  std::ofstream(copy / "DURABLE", std::ios::binary)
      .write(reinterpret_cast<const char*>(durable.data()), sizeof durable);
  const auto opened = embedded::Embedded::open({.data_directory = copy});
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_TRUE((*opened)->store_reader().find_conversation("conv-1").value());
  EXPECT_FALSE((*opened)->store_reader().find_conversation("conv-2").value());
  EXPECT_FALSE((*opened)->store_reader().find_conversation("conv-3").value());
}

TEST_F(DataFolder, IsFollowedWhileItIsWritten) {
  auto opened = open().value();
  auto tail = embedded::LogTail::open(data(), wire::kRequestedTopic, false).value();
  for (int i = 0; i < 3; ++i) {
    std::promise<void> durable;
    opened->log_writer().append_record({.key = "conv-1", .value = std::to_string(i)}, {},
                                       [&](const base::Result<Receipt>&) { durable.set_value(); });
    durable.get_future().wait();
    const auto records = tail->read(10);
    ASSERT_TRUE(records);
    ASSERT_EQ(records->size(), 1u);
    EXPECT_EQ(records->at(0).record.value, std::to_string(i));
  }
  EXPECT_EQ(embedded::LogTail::open(folder.path(), wire::kRequestedTopic, false).error().code,
            base::ErrorCode::not_found);
}

}  // namespace message_service::contract
