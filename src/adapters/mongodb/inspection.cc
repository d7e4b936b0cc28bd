#include "adapters/mongodb/inspection.h"

#include <memory>

#include "adapters/mongodb/collections.h"
#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/handles.h"
#include "adapters/mongodb/server_facts.h"
#include "adapters/mongodb/version_register.h"

namespace message_service::mongodb {

namespace {

constexpr std::chrono::milliseconds kSkewMax{1000};
constexpr std::chrono::milliseconds kMajorityWait{2000};

bool is_sequence_index(const bson_t* index) {
  bson_iter_t at;
  bson_iter_t key;
  if (!bson_iter_init_find(&at, index, "key") || !bson_iter_recurse(&at, &key)) return false;
  return bson_iter_next(&key) && bson_iter_key(&key) == std::string_view("conversationId") && bson_iter_next(&key) &&
         bson_iter_key(&key) == std::string_view("sequence");
}

bool has_sequence_index(const Pool::Client& client, const Pool& pool) {
  const Collection messages(mongoc_client_get_collection(client.get(), pool.database(), collection::messages.data()));
  const Cursor indexes(mongoc_collection_find_indexes_with_opts(messages.get(), nullptr));
  const bson_t* index = nullptr;
  while (mongoc_cursor_next(indexes.get(), &index)) {
    if (is_sequence_index(index)) return true;
  }
  return false;
}

// A write that matches nothing still waits until the majority has all earlier writes.
base::Result<void> ask_majority(const Pool::Client& client, const Pool& pool) {
  const Document command([](Writer& out) {
    out.text("update", collection::log_epochs);
    out.array("updates", [](Writer& list) {
      list.document("0", [](Writer& update) {
        update.document("q", [](Writer& query) { query.small_number("_id", -1); });
        update.document("u", [](Writer& change) {
          change.document("$set", [](Writer& nothing) { nothing.small_number("never", 1); });
        });
      });
    });
  });
  auto failures = run_write(client, pool, command.get(), kMajorityWait, "reach a majority of its members");
  if (!failures) return failures.error();
  return {};
}

base::Result<void> look_at_versions(const Pool::Client& client, Pool& pool, const Options& options, Inspection& seen) {
  const auto format = FormatDocument(pool, options).look(client);
  if (!format) return format.error();
  if (!*format) return {};
  seen.format = (*format)->format;
  seen.records_allowed = (*format)->records;
  if (auto known = check(**format, pool.database(), options.reads_records); !known) return known;
  auto nodes = nodes_there(client, pool, options);
  if (!nodes) return nodes.error();
  seen.nodes = std::move(*nodes);
  return {};
}

}  // namespace

base::Result<Inspection> inspect(const Options& options) {
  auto pool = Pool::open(options);
  if (!pool) return pool.error();
  auto client = (*pool)->take();
  if (!client) return client.error();
  auto facts = ask_primary(*client, **pool);
  if (!facts) return facts.error();

  Inspection seen{.version = facts->version, .replica_set = facts->replica_set, .members = facts->members};
  seen.clock_skew = std::chrono::milliseconds(facts->clock_skew_ms);
  if (auto usable = check(*facts); !usable) {
    seen.problems.push_back(usable.error().text);
    return seen;
  }
  if (auto fit = check_collections(*client, **pool); !fit) seen.problems.push_back(fit.error().text);
  seen.foreign_rules = foreign_rules(*client, **pool);
  if (auto looked = look_at_versions(*client, **pool, options, seen); !looked) {
    seen.problems.push_back(looked.error().text);
  }
  seen.sequence_index = has_sequence_index(*client, **pool);
  if (auto reached = ask_majority(*client, **pool); !reached) seen.problems.push_back(reached.error().text);
  if (facts->members > 1 && !facts->follows_primary) seen.problems.push_back(names_one_member(*facts));
  if (std::chrono::abs(seen.clock_skew) > kSkewMax) {
    seen.problems.push_back("the clocks of MongoDB and of this machine differ by " +
                            std::to_string(seen.clock_skew.count()) + " ms");
  }
  return seen;
}

}  // namespace message_service::mongodb
