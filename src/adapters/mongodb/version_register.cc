#include "adapters/mongodb/version_register.h"

#include <algorithm>

#include "adapters/mongodb/documents.h"

namespace message_service::mongodb {

namespace {

// The document of a node that ended badly is deleted when the node can no longer count as alive.
constexpr std::chrono::hours kForgetAfter{24};

constexpr std::chrono::milliseconds kPatience{3000};

constexpr std::int64_t kNodesMax = 1000;

// Matches documents by the age of their last sign of life, by the servers' clock.
void older_than(Writer& filter, std::chrono::milliseconds age, bool older) {
  filter.document("$expr", [&](Writer& expression) {
    expression.array(older ? "$lt" : "$gte", [&](Writer& sides) {
      sides.text("0", "$seenAt");
      sides.document("1", [&](Writer& then) {
        then.array("$subtract", [&](Writer& parts) { parts.text("0", "$$NOW").number("1", age.count()); });
      });
    });
  });
}

template <class Filter>
base::Result<void> delete_nodes(const Pool::Client& client, const Pool& pool, const Options& options, Filter filter) {
  const Document command([&](Writer& out) { write_delete(out, collection::nodes, filter); });
  auto failures = run_write(client, pool, command.get(), options.write_timeout, "forget a node");
  if (!failures) return failures.error();
  return {};
}

base::Result<NodeCard> read_node(Reader& reader) {
  NodeCard node{.id = reader.text("_id"),
                .name = reader.text("name"),
                .program = reader.text("program"),
                .roles = reader.text("roles"),
                .reads = static_cast<int>(reader.number("reads")),
                .waits = {}};
  reader.texts("waits", [&](std::string text) { node.waits.push_back(std::move(text)); });
  if (!reader.ok()) return reader.error();
  return node;
}

}  // namespace

base::Result<std::vector<NodeCard>> nodes_there(const Pool::Client& client, const Pool& pool, const Options& options) {
  std::vector<NodeCard> nodes;
  const Document filter([](Writer& out) { older_than(out, kNodeGoneAfter, false); });
  auto found = find(client, pool, collection::nodes, filter.get(), {.timeout = options.read_timeout},
                    [&](Found row) -> base::Result<Next> {
                      Reader reader(row.document, collection::nodes);
                      auto node = read_node(reader);
                      if (!node) return node.error();
                      nodes.push_back(std::move(*node));
                      return Next::more;
                    });
  if (!found) return found.error();
  return nodes;
}

base::Result<std::unique_ptr<MongoVersionRegister>> MongoVersionRegister::open(Options options) {
  options.connection_gauges.reset();
  options.connections_max = 2;
  options.socket_timeout = kPatience;
  options.server_selection_timeout = kPatience;
  options.write_timeout = kPatience;
  auto pool = Pool::open(options);
  if (!pool) return pool.error();
  return std::unique_ptr<MongoVersionRegister>(new MongoVersionRegister(std::move(*pool), options));
}

base::Result<void> MongoVersionRegister::write(const Pool::Client& client, const NodeCard& node) {
  const Document command([&](Writer& out) {
    out.text("update", collection::nodes);
    out.array("updates", [&](Writer& list) {
      list.document("0", [&](Writer& one) {
        one.document("q", [&](Writer& query) { query.text("_id", node.id); });
        one.document("u", [&](Writer& change) {
          change.document("$set", [&](Writer& set) {
            set.text("name", node.name).text("program", node.program).text("roles", node.roles);
            set.small_number("reads", node.reads);
            set.array("waits", [&](Writer& waits) {
              for (std::size_t i = 0; i < node.waits.size(); ++i) waits.text(IndexName(i), node.waits[i]);
            });
          });
          change.document("$currentDate", [](Writer& now) { now.boolean("seenAt", true); });
        });
        one.boolean("upsert", true);
      });
    });
  });
  auto failures = run_write(client, *pool_, command.get(), options_.write_timeout, "say that this node is there");
  if (!failures) return failures.error();
  if (!failures->empty()) return unavailable("say that this node is there", failures->front().text);
  return {};
}

base::Result<Format> MongoVersionRegister::arrive(const Pool::Client& client, const NodeCard& node) {
  if (auto written = write(client, node); !written) return written.error();
  const auto long_gone = [](Writer& filter) { older_than(filter, kForgetAfter, true); };
  if (auto gone = delete_nodes(client, *pool_, options_, long_gone); !gone) return gone.error();
  return format_.count_arrival(client);
}

base::Result<int> MongoVersionRegister::allowed() {
  auto client = pool_->take();
  if (!client) return client.error();
  const auto format = format_.read_or_make(*client);
  if (!format) return format.error();
  return format->records;
}

base::Result<int> MongoVersionRegister::sign_of_life(const NodeCard& node) {
  const std::scoped_lock lock(mutex_);
  // The first time the driver is still looking for the servers.
  if (std::exchange(has_tried_, true) && !pool_->has_primary()) {
    return unavailable("say that this node is there", "MongoDB takes no writes now");
  }
  auto client = pool_->take();
  if (!client) return client.error();
  const base::SteadyTime now = base::SteadyClock::now();
  if (now >= there_until_) {
    const auto format = arrive(*client, node);
    if (!format) return format.error();
    there_until_ = now + kNodeGoneAfter;
    return format->records;
  }
  if (auto written = write(*client, node); !written) return written.error();
  there_until_ = now + kNodeGoneAfter;
  const auto format = format_.look(*client);
  if (!format) return format.error();
  return *format ? (*format)->records : 1;
}

void MongoVersionRegister::leave(const std::string& node_id) {
  const std::scoped_lock lock(mutex_);
  if (base::SteadyClock::now() >= there_until_ || !pool_->has_primary())
    return;  // MongoDB is away: the stop need not wait for it
  auto client = pool_->take();
  if (!client) return;
  there_until_ = {};
  // A document that stays is out of date soon.
  (void)delete_nodes(*client, *pool_, options_, [&](Writer& filter) { filter.text("_id", node_id); });
}

base::Result<std::vector<SeenNode>> MongoVersionRegister::nodes() {
  if (!pool_->has_primary()) return unavailable("list the nodes", "MongoDB cannot be reached now");
  auto client = pool_->take();
  if (!client) return client.error();
  const Document filter([](Writer& out) { older_than(out, kForgetAfter, false); });
  const Document fields([](Writer& out) {
    for (const char* name : {"name", "program", "roles", "reads", "waits"}) out.small_number(name, 1);
    out.document("silentFor", [](Writer& age) {
      age.array("$subtract", [](Writer& parts) { parts.text("0", "$$NOW").text("1", "$seenAt"); });
    });
  });
  std::vector<SeenNode> nodes;
  auto found =
      find(*client, *pool_, collection::nodes, filter.get(),
           {.projection = fields.get(), .limit = kNodesMax, .timeout = options_.read_timeout},
           [&](Found row) -> base::Result<Next> {
             Reader reader(row.document, collection::nodes);
             auto card = read_node(reader);
             if (!card) return card.error();
             const std::int64_t silent_for = reader.number("silentFor");
             if (!reader.ok()) return reader.error();
             nodes.push_back({std::move(*card), std::chrono::milliseconds(std::max(silent_for, std::int64_t{0}))});
             return Next::more;
           });
  if (!found) return found.error();
  return nodes;
}

base::Result<VersionRegister::Allowance> MongoVersionRegister::allow(int version) {
  auto client = pool_->take();
  if (!client) return client.error();
  const auto seen = format_.read_or_make(*client);
  if (!seen) return seen.error();
  if (seen->records >= version) return Allowance{.version = seen->records, .held_back_by = {}};
  const auto nodes = nodes_there(*client, *pool_, options_);
  if (!nodes) return nodes.error();
  for (const NodeCard& node : *nodes) {
    if (node.reads >= version) continue;
    return Allowance{.version = seen->records,
                     .held_back_by = "the node " + node.name + " (" + node.roles + ", message-service " + node.program +
                                     ") reads up to version " + std::to_string(node.reads)};
  }
  const auto raised = format_.raise_records(*client, *seen, version);
  if (!raised) return raised.error();
  if (*raised) return Allowance{.version = (*raised)->records, .held_back_by = {}};
  return Allowance{.version = seen->records, .held_back_by = "a node has just come, and is looked at again"};
}

}  // namespace message_service::mongodb
