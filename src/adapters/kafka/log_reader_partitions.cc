// The partitions that a log reader has, where it begins in each, and whether each is still the one it began in.
#include <algorithm>
#include <utility>

#include "adapters/kafka/consumer.h"
#include "adapters/kafka/group_commits.h"
#include "adapters/kafka/log_reader.h"
#include "logging/logging.h"

namespace message_service::kafka {

namespace {

constexpr auto kCommittedTimeout = Milliseconds(5000);
constexpr auto kWitnessInterval = Milliseconds(1000);
constexpr auto kIdleWitnessInterval = Milliseconds(5000);

}  // namespace

void KafkaLogReader::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t error,
                                  rd_kafka_topic_partition_list_t* partitions, void* self) {
  auto& reader = *static_cast<KafkaLogReader*>(self);
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    reader.take_over(*partitions);
    assign(client, partitions);
  } else {
    reader.give_up();
    assign(client, nullptr);
  }
}

// Looks up here where to start, so that the lag is right from the first moment.
void KafkaLogReader::take_over(rd_kafka_topic_partition_list_t& partitions) {
  assignment_.clear();
  asked_ = {};
  partitions_ = 0;
  paused_ = false;
  turns_begun_ = false;
  const bool told =
      rd_kafka_committed(client_.get(), &partitions, count_of(kCommittedTimeout)) == RD_KAFKA_RESP_ERR_NO_ERROR;
  Witnesses::ByPartition witnesses;
  for (int i = 0; told && i < partitions.cnt; ++i) {
    const auto witness = place_of(partitions.elems[i]).witness;
    if (witness) witnesses.emplace(partitions.elems[i].partition, *witness);
  }
  const auto said = parts_.witnesses.look(topic_, witnesses, kCommittedTimeout);
  for (int i = 0; i < partitions.cnt; ++i) {
    auto& element = partitions.elems[i];
    if (!told || element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      element.offset = RD_KAFKA_OFFSET_INVALID;  // librdkafka asks again, and reports an error if nothing is committed
      assignment_.add(element.partition, std::nullopt);
      continue;
    }
    const CommittedPlace place = place_of(element);
    const auto asked = said.find(element.partition);
    const auto testimony = asked == said.end() ? std::nullopt : std::optional(asked->second);
    const auto begin = begin_in(element.partition, place, testimony);
    element.offset = begin ? begin->offset : RD_KAFKA_OFFSET_BEGINNING;
    const bool keeps_witness = testimony == Testimony::same || !testimony;
    assignment_.add(element.partition, begin ? std::optional(begin->offset) : std::nullopt,
                    keeps_witness ? place.witness : std::nullopt, place.stored.value_or(0), begin && begin->anew);
  }
  logging::info("Partitions of the log were taken over", {{"partitions", partitions.cnt}});
  next_look_ = {};
  publish_lag();
}

// None when the log does not answer and the group has committed nothing.
std::optional<StartingPoint> KafkaLogReader::begin_in(std::int32_t partition, const CommittedPlace& committed,
                                                      std::optional<Testimony> testimony) const {
  const auto range = parts_.cluster.offsets(topic_, partition, kCommittedTimeout);
  if (!range) return committed.next ? std::optional(StartingPoint{.offset = *committed.next}) : std::nullopt;
  const StartingPoint start = starting_point(committed, testimony, *range);
  if (start.anew) {
    logging::warning(
        "The topic of the log began anew, and is read from its first record on",
        {{"topic", topic_}, {"partition", partition}, {"from", start.offset}, {"was_at", *committed.next}});
  }
  if (start.lost > 0) {
    logging::error("Kafka has deleted records of the log before they were stored",
                   {{"topic", topic_}, {"partition", partition}, {"records", start.lost}});
  }
  return start;
}

// After a silence the partition may be another one, already longer than the position: a look before its first record
// keeps the order. Without an answer the record must not be taken, because the reader would then miss the records
// before it. False: the record arrives again.
bool KafkaLogReader::is_still_there(Position position, base::SteadyTime now) {
  const auto witness = assignment_.witness_after_silence(position.partition, now, kSilence);
  if (!witness) return true;
  const auto said = parts_.witnesses.look(topic_, {{position.partition, *witness}}, options_.witness_timeout);
  if (said.empty()) {
    trouble_.is("nobody shows a record that it had, in partition " + std::to_string(position.partition));
  } else if (said.begin()->second == Testimony::other) {
    read_again(said);
  } else {
    return true;
  }
  if (!start_over_) go_back_to(position);
  return false;
}

void KafkaLogReader::go_back_to(Position position) {
  const auto place = make_partition_list(1);
  rd_kafka_topic_partition_list_add(place.get(), topic_.c_str(), position.partition)->offset = position.offset;
  const ErrorPtr refused(rd_kafka_seek_partitions(client_.get(), place.get(), 0));  // 0: without waiting for it
  if (refused) trouble_.is(rd_kafka_error_string(refused.get()));
}

// A partition that has lost its end, or was made again, may look unchanged once it has grown to the position again. So
// the reader looks again at one record of each partition: often while records arrive, and now and then while none
// arrive.
void KafkaLogReader::look_at_witnesses(base::SteadyTime now) {
  if (asked_.valid()) {
    if (asked_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) hear(asked_.get());
    return;
  }
  if (now < next_witnesses_) return;
  next_witnesses_ = now + kWitnessInterval;
  const bool all = astray_ || now >= next_idle_witnesses_;
  if (all) next_idle_witnesses_ = now + kIdleWitnessInterval;
  Witnesses::ByPartition witnesses;
  for (const auto& p : assignment_.partitions()) {
    if (p.witness && (p.newer || all)) witnesses.emplace(p.number, *p.witness);
  }
  if (!witnesses.empty() || astray_) asked_ = parts_.witnesses.look_later(topic_, witnesses, options_.witness_timeout);
}

void KafkaLogReader::hear(const Witnesses::Testimonies& said) {
  const auto has_witness = [](const auto& p) { return p.witness.has_value(); };
  bool another = astray_ && (!said.empty() || std::ranges::none_of(assignment_.partitions(), has_witness));
  for (const auto& [partition, testimony] : said) another = another || testimony == Testimony::other;
  if (another) return read_again(said);
  // A witness that retention has removed is no sign of another partition.
  for (const auto& [partition, testimony] : said) {
    assignment_.confirmed(partition);
    vouch_for(partition);
  }
}

// Reads again every record that is not done, and every record of a partition that is another one.
void KafkaLogReader::read_again(const Witnesses::Testimonies& said) {
  if (rd_kafka_assignment_lost(client_.get()) == 0) commit_and_wait();
  resume();
  const auto partitions = make_partition_list(assignment_.partitions().size());
  Assignment fresh;
  for (const auto& p : assignment_.partitions()) {
    const auto asked = said.find(p.number);
    const auto testimony = asked == said.end() ? std::nullopt : std::optional(asked->second);
    const CommittedPlace place{.next = p.known ? std::optional(p.done) : std::nullopt, .witness = p.witness};
    const auto begin = begin_in(p.number, place, testimony);
    const bool keeps_witness = testimony == Testimony::same || !testimony;
    rd_kafka_topic_partition_list_add(partitions.get(), topic_.c_str(), p.number)->offset =
        begin ? begin->offset : RD_KAFKA_OFFSET_BEGINNING;
    fresh.add(p.number, begin ? std::optional(begin->offset) : std::nullopt, keeps_witness ? p.witness : std::nullopt,
              p.noted, p.anew || (begin && begin->anew));
  }
  if (const auto error = assign(client_.get(), partitions.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return trouble_.is(rd_kafka_err2str(error));  // tried again soon
  }
  assignment_ = std::move(fresh);
  partitions_ = 0;
  asked_ = {};
  early_.clear();
  start_over_ = true;
  astray_ = false;
  turns_begun_ = false;
  next_look_ = {};
}

// Called only when the owner learns of the new turn: until then it may still store the records that it had.
void KafkaLogReader::begin_turns() {
  if (turns_begun_) return;
  turns_begun_ = true;
  for (const auto& p : assignment_.partitions()) {
    parts_.turns.begin(p.number);
    vouch_for(p.number);
  }
}

// A record of a turn that has not begun proves nothing about the turn before, whose records the owner may still store.
void KafkaLogReader::vouch_for(std::int32_t partition) {
  const Assignment::Partition* known = turns_begun_ ? assignment_.find(partition) : nullptr;
  if (known != nullptr && known->witness) parts_.turns.saw(partition, *known->witness);
}

void KafkaLogReader::give_up() {
  if (rd_kafka_assignment_lost(client_.get()) == 0) commit_and_wait();
  resume();  // librdkafka keeps partitions paused over a rebalance, and this reader may get them again
  start_over_ = true;
  astray_ = false;
  asked_ = {};
  assignment_.clear();
  early_.clear();
  committing_ = false;
  publish_lag();
}

}  // namespace message_service::kafka
