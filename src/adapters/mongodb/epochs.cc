#include "adapters/mongodb/epochs.h"

#include <thread>
#include <utility>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"

namespace message_service::mongodb {

namespace {

constexpr std::chrono::seconds kRaiseInterval{5};
constexpr std::chrono::seconds kConfirmCutAfter{1};
constexpr std::string_view kLog = "log";
constexpr std::string_view kSynchronous = "synchronous";

void write_epoch(Writer& out, const Epoch& epoch) {
  out.small_number("_id", epoch.number);
  if (epoch.kind == Epoch::Kind::synchronous) {
    out.text("kind", kSynchronous);
  } else {
    out.text("kind", kLog)
        .text("logId", epoch.log_id)
        .small_number("partitionsBegin", epoch.partitions_begin)
        .small_number("partitionsEnd", epoch.partitions_end);
    out.array("seenEnds", [&](Writer& list) {
      for (std::size_t i = 0; i < epoch.seen_ends.size(); ++i) list.number(IndexName(i), epoch.seen_ends[i]);
    });
  }
  out.date("registeredAt", wall_now());
}

Result<Epoch> read_epoch(const bson_t* document) {
  Reader reader(document, collection::log_epochs);
  Epoch epoch{.number = static_cast<int>(reader.number("_id"))};
  const std::string kind = reader.text("kind");
  if (kind == kSynchronous) {
    epoch.kind = Epoch::Kind::synchronous;
  } else if (kind == kLog) {
    epoch.log_id = reader.text("logId");
    epoch.partitions_begin = static_cast<std::int32_t>(reader.number("partitionsBegin"));
    epoch.partitions_end = static_cast<std::int32_t>(reader.number("partitionsEnd"));
    reader.numbers("seenEnds", [&](std::int64_t end) { epoch.seen_ends.push_back(end); });
    if (epoch.partitions_begin < 0 || epoch.width() < 1) reader.fail("partitionsEnd", "covers no partition");
    if (epoch.seen_ends.size() != static_cast<std::size_t>(epoch.width()))
      reader.fail("seenEnds", "has a wrong length");
  } else {
    reader.fail("kind", "is neither log nor synchronous");
  }
  if (!reader.ok()) return reader.error();
  return epoch;
}

}  // namespace

Result<void> Epochs::load(const Pool::Client& client) {
  std::vector<Epoch> epochs;
  const Document everything;
  const Document sort([](Writer& out) { out.small_number("_id", 1); });
  auto found = find(client, pool_, collection::log_epochs, everything.get(),
                    {.sort = sort.get(), .timeout = options_.read_timeout}, [&](Found row) -> Result<void> {
                      auto epoch = read_epoch(row.document);
                      if (!epoch) return epoch.error();
                      epochs.push_back(std::move(*epoch));
                      return {};
                    });
  if (!found) return found.error();
  epochs_ = std::move(epochs);
  sequences_ = log_id_.empty() ? nullptr : std::make_shared<const LogSequences>(epochs_, log_id_);
  return {};
}

Result<void> Epochs::insert(const Pool::Client& client, const Epoch& epoch) {
  if (epoch.number >= kEpochsMax) {
    return Error{ErrorCode::invalid, "the log or the persistence mode was changed " + std::to_string(kEpochsMax) +
                                         " times, and there are no higher sequences left for this database"};
  }
  const Document command([&](Writer& out) {
    out.text("insert", collection::log_epochs);
    out.array("documents", [&](Writer& list) { list.document("0", [&](Writer& item) { write_epoch(item, epoch); }); });
  });
  auto failures = run_write(client, pool_, command.get(), options_.write_timeout, "register the log");
  if (!failures) return failures.error();
  const bool lost_race = !failures->empty() && failures->front().kind == WriteFailure::Kind::taken_id;
  if (!failures->empty() && !lost_race) return unavailable("register the log", failures->front().text);
  return load(client);  // whoever was first decides
}

Result<void> Epochs::register_log(const Pool::Client& client) {
  if (!options_.log_shape) return Error{ErrorCode::invalid, "this node was not told of a log to store from"};
  // Twice at most for each change that other nodes see too; more only if they disagree on what the log looks like.
  bool cut_confirmed = false;
  for (int attempt = 0; attempt < 8; ++attempt) {
    if (auto loaded = load(client); !loaded) return loaded;
    auto shape = options_.log_shape();
    if (!shape) return shape.error();
    log_id_ = shape->log_id;
    auto epoch = epoch_to_begin(epochs_, *shape);
    if (!epoch) return epoch.error();
    if (!*epoch) {
      sequences_ = std::make_shared<const LogSequences>(epochs_, log_id_);
      std::vector<Position> ends;
      for (std::size_t i = 0; i < shape->end_offsets.size(); ++i) {
        ends.push_back({.partition = static_cast<std::int32_t>(i), .offset = shape->end_offsets[i]});
      }
      return raise_seen(client, ends);
    }
    if (follows_a_cut(epochs_, **epoch) && !std::exchange(cut_confirmed, true)) {
      // A new leader of a partition may for a moment say less than the old one did.
      std::this_thread::sleep_for(kConfirmCutAfter);
      continue;
    }
    if (auto inserted = insert(client, **epoch); !inserted) return inserted;
  }
  return unavailable("register the log", "other nodes store from a log of another shape");
}

bool Epochs::feeds_from_log() const {
  return sequences_ && !epochs_.empty() && epochs_.back().kind == Epoch::Kind::log && epochs_.back().log_id == log_id_;
}

Result<void> Epochs::prepare(const Pool::Client& client) {
  if (!options_.log_shape) return {};
  const std::scoped_lock lock(mutex_);
  return register_log(client);
}

Result<std::shared_ptr<const LogSequences>> Epochs::for_log(std::int32_t highest_partition) {
  const std::scoped_lock lock(mutex_);
  if (!feeds_from_log() || !sequences_->covers(highest_partition)) {
    auto client = pool_.take();
    if (!client) return client.error();
    if (auto registered = register_log(*client); !registered) return registered.error();
  }
  return sequences_;
}

Result<Epoch> Epochs::for_synchronous() {
  const std::scoped_lock lock(mutex_);
  for (int attempt = 0; attempt < 8; ++attempt) {
    if (!epochs_.empty() && epochs_.back().kind == Epoch::Kind::synchronous) return epochs_.back();
    auto client = pool_.take();
    if (!client) return client.error();
    if (auto loaded = load(*client); !loaded) return loaded.error();
    if (!epochs_.empty() && epochs_.back().kind == Epoch::Kind::synchronous) continue;
    const Epoch next{.number = epochs_.empty() ? 0 : epochs_.back().number + 1, .kind = Epoch::Kind::synchronous};
    if (auto inserted = insert(*client, next); !inserted) return inserted.error();
  }
  return unavailable("begin synchronous writes", "other nodes store from a log");
}

void Epochs::stored_up_to(const std::vector<Position>& last) {
  const std::scoped_lock lock(mutex_);
  if (SteadyClock::now() < next_raise_) return;
  next_raise_ = SteadyClock::now() + kRaiseInterval;
  std::vector<Position> ends;
  ends.reserve(last.size());
  for (const Position& position : last) ends.push_back({position.partition, position.offset + 1});
  auto client = pool_.take();
  // Only a help to notice a cut log; the next one raises it as well.
  if (client) (void)raise_seen(*client, ends);
}

Result<void> Epochs::raise_seen(const Pool::Client& client, const std::vector<Position>& ends) {
  const Document command([&](Writer& out) {
    out.text("update", collection::log_epochs);
    out.array("updates", [&](Writer& list) {
      std::size_t index = 0;
      for (const Epoch& epoch : epochs_) {
        if (epoch.kind != Epoch::Kind::log || epoch.log_id != log_id_) continue;
        for (const Position& end : ends) {
          if (!epoch.covers(end.partition)) continue;
          const std::string place = "seenEnds." + std::to_string(end.partition - epoch.partitions_begin);
          list.document(IndexName(index++), [&](Writer& update) {
            update.document("q", [&](Writer& query) { query.small_number("_id", epoch.number); });
            update.document("u", [&](Writer& change) {
              change.document("$max", [&](Writer& values) { values.number(place, end.offset); });
            });
          });
        }
      }
    });
  });
  bson_iter_t at;
  bson_iter_t first;
  const bool any =
      bson_iter_init_find(&at, command.get(), "updates") && bson_iter_recurse(&at, &first) && bson_iter_next(&first);
  if (!any) return {};
  auto failures = run_write(client, pool_, command.get(), options_.write_timeout, "note how far the log has come");
  if (!failures) return failures.error();
  return {};
}

}  // namespace message_service::mongodb
