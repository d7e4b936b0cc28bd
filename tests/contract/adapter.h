// What the contract suites run against: one adapter's ports, which a test may close and open again as a crash or a
// restart would.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "adapters/embedded/embedded.h"
#include "contract/kafka_broker.h"
#include "contract/mongodb_server.h"
#include "pipeline/accept/store_and_announce.h"
#include "pipeline/persist/committer.h"
#include "support/cpp/temporary_embedded.h"
#include "wire/event_json.h"

namespace message_service::contract {

using embedded::TemporaryFolder;

class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual LogWriter& log_writer() = 0;
  virtual LogReader& log_reader() = 0;
  virtual Store& store() = 0;
  virtual StoreReader& store_reader() = 0;
  virtual EventLog& event_log() = 0;
  virtual EventSource& event_source() = 0;

  // As a persister does it.
  base::Result<Committed> commit(const Batch& batch) {
    BatchTrace untraced(MessageTraces::off(), batch);
    return Committer({store(), event_log(), log_reader(), log_writer()}).commit(batch, untraced);
  }
  // As synchronous mode does it.
  base::Result<WriteOutcome> write(const Admitted& message) {
    return store_and_announce(store(), event_log(), message);
  }

  // Ends it and starts it again on the same data.
  virtual void reopen() = 0;
};

class EmbeddedAdapter final : public Adapter {
 public:
  EmbeddedAdapter() { reopen(); }
  LogWriter& log_writer() override { return opened_->log_writer(); }
  LogReader& log_reader() override { return opened_->log_reader(); }
  Store& store() override { return opened_->store(); }
  StoreReader& store_reader() override { return opened_->store_reader(); }
  EventSource& event_source() override { return opened_->event_source(); }
  EventLog& event_log() override { return opened_->event_log(); }
  void reopen() override {
    opened_.reset();
    opened_ = embedded::Embedded::open({.data_directory = folder_.path() / "data"}).value();
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<embedded::Embedded> opened_;
};

// A log in one database and a store in another, which is how Kafka and MongoDB stand to each other.
class StagedAdapter final : public Adapter {
 public:
  StagedAdapter() { reopen(); }
  LogWriter& log_writer() override { return log_->log_writer(); }
  LogReader& log_reader() override { return log_->log_reader(); }
  Store& store() override { return store_->store_for_other_log(); }
  StoreReader& store_reader() override { return store_->store_reader(); }
  EventSource& event_source() override { return log_->event_source(); }
  EventLog& event_log() override { return log_->event_log(); }
  void reopen() override {
    log_.reset();
    store_.reset();
    log_ = embedded::Embedded::open({.data_directory = folder_.path() / "log"}).value();
    store_ = embedded::Embedded::open({.data_directory = folder_.path() / "store"}).value();
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<embedded::Embedded> log_, store_;
};

// MongoDB as the store, with the embedded log.
class MongoDbAdapter final : public Adapter {
 public:
  MongoDbAdapter() { reopen(); }
  LogWriter& log_writer() override { return log_->log_writer(); }
  LogReader& log_reader() override { return log_->log_reader(); }
  Store& store() override { return store_->store(); }
  StoreReader& store_reader() override { return store_->store_reader(); }
  EventSource& event_source() override { return log_->event_source(); }
  EventLog& event_log() override { return log_->event_log(); }
  void reopen() override {
    log_.reset();
    store_.reset();
    log_ = embedded::Embedded::open({.data_directory = folder_.path() / "log"}).value();
    mongodb::Options options = database_.options();
    options.log_shape = [this]() -> base::Result<mongodb::LogShape> {
      auto shape = log_->log_shape();
      if (!shape) return shape.error();
      return mongodb::LogShape{.log_id = shape->log_id, .partitions = 1, .end_offsets = {shape->end_offset}};
    };
    store_ = mongodb::MongoDb::connect(options).value();
  }

 private:
  TemporaryFolder folder_;
  MongoDatabase database_;
  std::unique_ptr<embedded::Embedded> log_;
  std::unique_ptr<mongodb::MongoDb> store_;
};

// Kafka as the log, with a store that has nothing to do with it.
class KafkaAdapter final : public Adapter {
 public:
  KafkaAdapter() { reopen(); }
  LogWriter& log_writer() override { return kafka_->log_writer(); }
  LogReader& log_reader() override { return *reader_; }
  Store& store() override { return store_->store_for_other_log(); }
  StoreReader& store_reader() override { return store_->store_reader(); }
  EventSource& event_source() override { return *events_; }
  EventLog& event_log() override { return kafka_->event_log(); }
  void reopen() override {
    reader_.reset();
    events_.reset();
    kafka_.reset();
    store_.reset();
    kafka_ = kafka::Kafka::connect(options_).value();
    reader_ = kafka_->make_log_reader().value();
    await_partitions(*reader_, options_);
    events_ = kafka_->make_event_source().value();
    store_ = embedded::Embedded::open({.data_directory = folder_.path() / "store"}).value();
  }

 private:
  TemporaryFolder folder_;
  kafka::Options options_ = fresh_kafka_options();
  std::unique_ptr<kafka::Kafka> kafka_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<EventSource> events_;
  std::unique_ptr<embedded::Embedded> store_;
};

struct AdapterKind {
  const char* name;
  std::unique_ptr<Adapter> (*make)();
};

inline const AdapterKind kEmbedded{"Embedded", [] { return std::unique_ptr<Adapter>(new EmbeddedAdapter); }};

inline const AdapterKind kStaged{"Staged", [] { return std::unique_ptr<Adapter>(new StagedAdapter); }};

inline const AdapterKind kKafka{"Kafka", [] { return std::unique_ptr<Adapter>(new KafkaAdapter); }};

inline const AdapterKind kMongoDb{"MongoDb", [] { return std::unique_ptr<Adapter>(new MongoDbAdapter); }};

// Kafka and MongoDB are among them where they run; ctest starts them for that.
inline std::vector<AdapterKind> all_adapters() {
  std::vector<AdapterKind> kinds{kEmbedded, kStaged};
  if (kafka_broker() != nullptr) kinds.push_back(kKafka);
  if (mongodb_server() != nullptr) kinds.push_back(kMongoDb);
  return kinds;
}

// A suite derives from this and is instantiated for every adapter.
class AdapterTest : public testing::TestWithParam<AdapterKind> {
 protected:
  std::unique_ptr<Adapter> adapter = GetParam().make();

  base::Result<Receipt> append(LogRecord record) {
    std::promise<base::Result<Receipt>> answered;
    adapter->log_writer().append_record(std::move(record), {},
                                        [&](const base::Result<Receipt>& result) { answered.set_value(result); });
    return answered.get_future().get();
  }

  std::vector<ConsumedRecord> poll(std::size_t records_max = 1000) {
    return adapter->log_reader().poll(records_max, base::SteadyClock::now() + std::chrono::seconds(5)).value().records;
  }

  // So many records, in as many calls as it takes; fewer when they do not come.
  std::vector<ConsumedRecord> read(std::size_t records) {
    std::vector<ConsumedRecord> all;
    for (const base::SteadyTime end = base::SteadyClock::now() + std::chrono::seconds(10);
         all.size() < records && base::SteadyClock::now() < end;) {
      for (ConsumedRecord& record : poll(records - all.size())) all.push_back(std::move(record));
    }
    return all;
  }

  static Admitted message(const std::string& conversation, const std::string& key, const std::string& content) {
    return embedded::admitted_of(conversation, key, content);
  }

  // A person's change, or the back end's, of who takes part.
  static Admitted change(const std::string& conversation, const std::string& key, const std::string& by,
                         ParticipantChange change, bool by_back_end = false) {
    Draft draft{.conversation_id = conversation, .temporary_message_id = key, .sender_id = by};
    draft.change = std::make_shared<const ParticipantChange>(std::move(change));
    draft.by_back_end = by_back_end;
    return admit(std::move(draft), {}, 1'000).admitted.value();
  }

  // Appends the message and gives it as the persister would read it.
  Batch::Item appended(const Admitted& admitted) {
    const LogRecord record = wire::requested_record(admitted.message());
    const Position position = append(record).value().position;
    return {Appended(position, admitted), record};
  }

  Batch batch_of(std::vector<Batch::Item> items) {
    Batch batch;
    for (const Batch::Item& item : items) batch.progress.advance_to(item.message.position());
    batch.items = std::move(items);
    return batch;
  }
};

inline std::string adapter_name(const testing::TestParamInfo<AdapterKind>& info) { return info.param.name; }

}  // namespace message_service::contract

#define INSTANTIATE_FOR_EVERY_ADAPTER(Suite)                                                              \
  INSTANTIATE_TEST_SUITE_P(Adapters, Suite, testing::ValuesIn(message_service::contract::all_adapters()), \
                           message_service::contract::adapter_name)
