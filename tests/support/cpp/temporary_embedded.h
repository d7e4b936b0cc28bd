// For tests: the real adapter on a folder of its own, which may be closed and opened again as a restart would do it,
// and the few messages and look-ups that tests of the pipeline share.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/embedded/embedded.h"
#include "adapters/embedded/log_tail.h"
#include "wire/event_json.h"
#include "wire/message_json.h"

namespace message_service::embedded {

// A folder of its own, gone when the test ends.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "message-service-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class TemporaryEmbedded {
 public:
  TemporaryEmbedded() { reopen(); }

  Embedded* operator->() { return opened_.get(); }

  // Nothing may use a port of the old one any more.
  void reopen() {
    opened_.reset();
    opened_ = Embedded::open({.data_directory = data(), .log_segment_bytes = 256 * 1024}).value();
  }

  void create_conversation(const std::string& id) {
    (void)opened_->store().create_conversation({.id = id, .title = "", .participants = {}}).value();
  }

  // Durable when it returns.
  Position append(LogRecord record) {
    std::promise<base::Result<Receipt>> answered;
    opened_->log_writer().append_record(std::move(record), {},
                                        [&](const base::Result<Receipt>& receipt) { answered.set_value(receipt); });
    return answered.get_future().get().value().position;
  }

  // Of the stored messages, ascending by sequence; at most 500.
  std::vector<std::string> contents(const std::string& conversation_id) {
    std::vector<std::string> texts;
    for (const StoredRow& row : opened_->store_reader().page(conversation_id, {.limit = 500}).value().rows) {
      texts.push_back(wire::read_stored(row.json).value().message().content);
    }
    return texts;
  }

  // All records of a topic, as an operator would see them.
  std::vector<LogRecord> topic(std::string_view name) {
    std::vector<LogRecord> records;
    for (auto& consumed : LogTail::open(data(), name, false).value()->read(100'000).value()) {
      records.push_back(std::move(consumed.record));
    }
    return records;
  }

 private:
  std::filesystem::path data() const { return folder_.path() / "data"; }

  TemporaryFolder folder_;
  std::unique_ptr<Embedded> opened_;
};

inline Draft draft_of(std::string conversation_id, std::string key, std::string content) {
  Draft draft;
  draft.conversation_id = std::move(conversation_id);
  draft.temporary_message_id = std::move(key);
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = std::move(content);
  return draft;
}

// Valid, and stamped with the given time.
inline Admitted admitted_of(std::string conversation_id, std::string key, std::string content,
                            base::Timestamp now = 1769509800000) {
  Draft draft = draft_of(std::move(conversation_id), std::move(key), std::move(content));
  return *admit(std::move(draft), Limits{}, now).admitted;
}

inline LogRecord requested(std::string conversation_id, std::string key, std::string content) {
  return wire::requested_record(admitted_of(std::move(conversation_id), std::move(key), std::move(content)).message());
}

// True as soon as `holds` is; false when ten seconds pass first.
template <class Condition>
bool eventually(Condition holds) {
  const base::SteadyTime deadline = base::SteadyClock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (base::SteadyClock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace message_service::embedded
