#include "adapters/mongodb/epochs.h"

#include <algorithm>
#include <charconv>
#include <thread>
#include <utility>

#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "logging/logging.h"

namespace message_service::mongodb {

namespace {

constexpr std::chrono::seconds kRaiseInterval{5};
constexpr std::chrono::seconds kConfirmCutAfter{1};
constexpr std::string_view kLog = "log";
constexpr std::string_view kSynchronous = "synchronous";

// In a path a bare number would be the place of an item in a list.
std::string partition_name(std::int32_t partition) { return "p" + std::to_string(partition); }

std::int32_t partition_of(std::string_view name) {
  std::int32_t partition = -1;
  if (name.starts_with('p')) std::from_chars(name.data() + 1, name.data() + name.size(), partition);
  return partition;
}

void write_witness(Writer& out, const Witness& witness) {
  out.number("offset", witness.offset).number("print", static_cast<std::int64_t>(witness.print));
}

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
  if (!epoch.witnesses.empty()) {
    out.document("witnesses", [&](Writer& all) {
      for (const auto& [partition, witness] : epoch.witnesses) {
        all.document(partition_name(partition), [&it = witness](Writer& part) { write_witness(part, it); });
      }
    });
  }
  if (epoch.joined) {
    out.array("joined", [&](Writer& list) {
      std::size_t index = 0;
      for (const std::int32_t partition : *epoch.joined) list.number(IndexName(index++), partition);
    });
  }
  out.date("registeredAt", base::wall_now());
}

base::Result<Epoch> read_epoch(const bson_t* document) {
  Reader reader(document, collection::log_epochs);
  const std::int64_t number = reader.number("_id");
  if (number < 0 || number >= kEpochsMax) reader.fail("_id", "is no number of an epoch");
  Epoch epoch{.number = static_cast<int>(number)};
  const std::string kind = reader.text("kind");
  if (kind == kSynchronous) {
    epoch.kind = Epoch::Kind::synchronous;
  } else if (kind == kLog) {
    epoch.log_id = reader.text("logId");
    epoch.partitions_begin = static_cast<std::int32_t>(reader.number("partitionsBegin"));
    epoch.partitions_end = static_cast<std::int32_t>(reader.number("partitionsEnd"));
    reader.numbers("seenEnds", [&](std::int64_t end) { epoch.seen_ends.push_back(end); });
    reader.parts("witnesses", [&](std::string_view name, Reader& part) {
      const Witness witness{.offset = part.number("offset"), .print = static_cast<std::uint64_t>(part.number("print"))};
      epoch.witnesses.emplace(partition_of(name), witness);
    });
    if (bson_has_field(document, "joined")) {
      epoch.joined.emplace();
      reader.numbers("joined", [&](std::int64_t p) { epoch.joined->insert(static_cast<std::int32_t>(p)); });
    }
    if (std::ranges::any_of(epoch.seen_ends, [](std::int64_t end) { return end < 0; })) {
      reader.fail("seenEnds", "holds a number below 0");
    }
    if (epoch.partitions_begin < 0 || epoch.width() < 1) reader.fail("partitionsEnd", "covers no partition");
    if (epoch.seen_ends.size() != static_cast<std::size_t>(epoch.width()))
      reader.fail("seenEnds", "has a wrong length");
  } else {
    reader.fail("kind", "is neither log nor synchronous");
  }
  if (!reader.ok()) return reader.error();
  return epoch;
}

// The epoch's number stays taken, so that the next epoch lies above every sequence that was stored under it.
base::Result<Epoch> unreadable_epoch(const bson_t* document) {
  Reader reader(document, collection::log_epochs);
  const std::int64_t number = reader.number("_id");
  if (number < 0 || number >= kEpochsMax) reader.fail("_id", "is no number of an epoch");
  if (!reader.ok()) return reader.error();
  return Epoch{.number = static_cast<int>(number), .kind = Epoch::Kind::unreadable};
}

}  // namespace

base::Result<void> Epochs::load(const Pool::Client& client) {
  std::vector<Epoch> epochs;
  const Document everything;
  const Document sort([](Writer& out) { out.small_number("_id", 1); });
  auto found = find(client, pool_, collection::log_epochs, everything.get(),
                    {.sort = sort.get(), .timeout = options_.read_timeout}, [&](Found row) -> base::Result<Next> {
                      auto epoch = read_epoch(row.document);
                      if (!epoch) {
                        options_.damage->left_out(collection::log_epochs, epoch.error().text);
                        epoch = unreadable_epoch(row.document);
                      }
                      if (epoch) epochs.push_back(std::move(*epoch));
                      return Next::more;
                    });
  if (!found) return found.error();
  epochs_ = std::move(epochs);
  sequences_ = log_id_.empty() ? nullptr : std::make_shared<const LogSequences>(epochs_, log_id_);
  return {};
}

base::Result<void> Epochs::insert(const Pool::Client& client, const Epoch& epoch) {
  if (epoch.number >= kEpochsMax) {
    return base::Error{base::ErrorCode::invalid,
                       "the log or the persistence mode was changed " + std::to_string(kEpochsMax) +
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
  return load(client);  // the epoch that was inserted first counts
}

base::Result<void> Epochs::register_log(const Pool::Client& client) {
  if (!options_.log_shape)
    return base::Error{base::ErrorCode::invalid, "this node was not told of a log to store from"};
  // Two attempts at most for each change that other nodes see too; more only if the nodes disagree on the log's shape.
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
      // A new leader of a partition may for a moment show less than the old one did.
      std::this_thread::sleep_for(kConfirmCutAfter);
      continue;
    }
    note_witnesses(**epoch);
    if (auto inserted = insert(client, **epoch); !inserted) return inserted;
  }
  return unavailable("register the log", "other nodes store from a log of another shape");
}

// Of the partitions that were looked at: without a witness no later look could show that the topic was made again.
void Epochs::note_witnesses(Epoch& epoch) const {
  if (options_.log_identity == nullptr) return;
  for (const auto& [partition, turn] : turns_) {
    if (!epoch.covers(partition)) continue;
    if (const auto witness = options_.log_identity->witness(partition, turn)) epoch.witnesses[partition] = *witness;
  }
}

bool Epochs::feeds_from_log() const {
  return sequences_ && !epochs_.empty() && epochs_.back().kind == Epoch::Kind::log && epochs_.back().log_id == log_id_;
}

base::Result<void> Epochs::prepare(const Pool::Client& client) {
  if (!options_.log_shape) return {};
  const std::scoped_lock lock(mutex_);
  return register_log(client);
}

base::Result<std::shared_ptr<const LogSequences>> Epochs::for_log(const std::vector<Position>& first) {
  const std::scoped_lock lock(mutex_);
  const bool known = feeds_from_log() && std::ranges::all_of(first, [&](Position position) {
                       return sequences_->covers(position.partition);
                     });
  const std::vector<Position> anew = turned(first);
  if (known && anew.empty()) return sequences_;
  auto client = pool_.take();
  if (!client) return client.error();
  takeovers_.fetch_add(1, std::memory_order_acq_rel);
  if (auto looked = look_at_log(*client, anew); !looked) return looked.error();
  if (auto registered = register_log(*client); !registered) return registered.error();
  return sequences_;
}

// The positions whose partitions a reader has begun to read again since the last look at them.
std::vector<Position> Epochs::turned(const std::vector<Position>& first) const {
  std::vector<Position> anew;
  if (options_.log_identity == nullptr) return anew;
  for (const Position& position : first) {
    const auto known = turns_.find(position.partition);
    if (known == turns_.end() || known->second != options_.log_identity->turn(position.partition)) {
      anew.push_back(position);
    }
  }
  return anew;
}

base::Result<void> Epochs::look_at_log(const Pool::Client& client, const std::vector<Position>& turned) {
  if (turned.empty()) return {};
  std::map<std::int32_t, std::uint64_t> turns;
  for (const Position& first : turned) turns[first.partition] = options_.log_identity->turn(first.partition);
  // Two attempts when some partitions are other ones: then these have witnesses of their own. More only if other nodes
  // register meanwhile.
  for (int attempt = 0; attempt < 8; ++attempt) {
    if (auto loaded = load(client); !loaded) return loaded;
    auto shape = options_.log_shape();
    if (!shape) return shape.error();
    log_id_ = shape->log_id;
    sequences_ = std::make_shared<const LogSequences>(epochs_, log_id_);
    std::set<std::int32_t> others;
    for (const Position& first : turned) {
      const auto another = is_another(*shape, first);
      if (!another) return another.error();
      if (*another) others.insert(first.partition);
    }
    if (others.empty()) {
      for (const auto& [partition, turn] : turns) turns_[partition] = turn;
      return raise_seen(client, turned);  // a witness from the first record on
    }
    Epoch epoch = epoch_of_others(epochs_, *shape, others);
    for (const std::int32_t partition : others) {
      const auto witness = options_.log_identity->witness(partition, turns.at(partition));
      if (witness) epoch.witnesses[partition] = *witness;
    }
    const bool joins = epoch.number == epochs_.back().number;
    if (auto saved = joins ? join(client, epoch, others) : insert(client, epoch); !saved) return saved;
    logging::warning("The log began anew: sequences go on in a higher epoch",
                     {{"epoch", epoch.number}, {"partitions", static_cast<std::int64_t>(others.size())}});
  }
  return unavailable("register the log", "it keeps changing");
}

// Whether the partition is not the one of its epoch. When its witness cannot show it, the partition counts as another
// one if a record's sequence could otherwise be lower than a stored one.
base::Result<bool> Epochs::is_another(const LogShape& shape, Position first) {
  const Epoch* epoch = epoch_of(epochs_, log_id_, first.partition);
  if (epoch == nullptr) return false;
  const auto witness = epoch->witnesses.find(first.partition);
  if (witness == epoch->witnesses.end()) {
    const auto place = static_cast<std::size_t>(first.partition);
    return place < shape.end_offsets.size() && shape.end_offsets[place] < epoch->seen_end(first.partition);
  }
  const auto said = options_.log_identity->look(first.partition, witness->second);
  if (!said) return said.error();
  if (*said == Testimony::gone) return first.offset < epoch->seen_end(first.partition);
  return *said == Testimony::other;
}

base::Result<void> Epochs::join(const Pool::Client& client, const Epoch& epoch, const std::set<std::int32_t>& others) {
  const Document command([&](Writer& out) {
    out.text("update", collection::log_epochs);
    out.array("updates", [&](Writer& list) {
      list.document("0", [&](Writer& update) {
        update.document("q", [&](Writer& query) { query.small_number("_id", epoch.number); });
        update.document("u", [&](Writer& change) {
          change.document("$addToSet", [&](Writer& sets) {
            sets.document("joined", [&](Writer& set) {
              set.array("$each", [&](Writer& each) {
                std::size_t index = 0;
                for (const std::int32_t partition : others) each.number(IndexName(index++), partition);
              });
            });
          });
          change.document("$set", [&](Writer& values) {
            values.date("joinedAt", base::wall_now());
            for (const std::int32_t partition : others) {
              const auto witness = epoch.witnesses.find(partition);
              if (witness == epoch.witnesses.end()) continue;
              values.document("witnesses." + partition_name(partition),
                              [&](Writer& part) { write_witness(part, witness->second); });
            }
          });
        });
      });
    });
  });
  auto failures = run_write(client, pool_, command.get(), options_.write_timeout, "register the log");
  if (!failures) return failures.error();
  if (!failures->empty()) return unavailable("register the log", failures->front().text);
  return load(client);
}

base::Result<Epoch> Epochs::for_synchronous() {
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
  if (base::SteadyClock::now() < next_raise_) return;
  next_raise_ = base::SteadyClock::now() + kRaiseInterval;
  std::vector<Position> ends;
  ends.reserve(last.size());
  for (const Position& position : last) ends.push_back({position.partition, position.offset + 1});
  auto client = pool_.take();
  // This only helps to notice a cut log; the next call raises the ends as well.
  if (client) (void)raise_seen(*client, ends);
}

base::Result<void> Epochs::raise_seen(const Pool::Client& client, const std::vector<Position>& ends) {
  const Document command([&](Writer& out) {
    out.text("update", collection::log_epochs);
    out.array("updates", [&](Writer& list) {
      std::size_t index = 0;
      for (const Position& end : ends) {
        const Epoch* epoch = epoch_of(epochs_, log_id_, end.partition);
        if (epoch == nullptr) continue;
        list.document(IndexName(index++), [&](Writer& update) {
          update.document("q", [&](Writer& query) { query.small_number("_id", epoch->number); });
          update.document("u", [&](Writer& change) { write_seen(change, *epoch, end); });
        });
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

// Notes the witness only when it is a record of the partition that was looked at for the epoch.
void Epochs::write_seen(Writer& change, const Epoch& epoch, Position end) const {
  const std::string place = "seenEnds." + std::to_string(end.partition - epoch.partitions_begin);
  change.document("$max", [&](Writer& values) { values.number(place, end.offset); });
  const auto turn = turns_.find(end.partition);
  if (turn == turns_.end()) return;
  const auto witness = options_.log_identity->witness(end.partition, turn->second);
  if (!witness) return;
  change.document("$set", [&](Writer& values) {
    values.document("witnesses." + partition_name(end.partition), [&](Writer& part) { write_witness(part, *witness); });
  });
}

}  // namespace message_service::mongodb
