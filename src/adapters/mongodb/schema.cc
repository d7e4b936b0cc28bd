#include "adapters/mongodb/schema.h"

#include "adapters/mongodb/collections.h"
#include "adapters/mongodb/commands.h"
#include "adapters/mongodb/documents.h"
#include "adapters/mongodb/participants.h"
#include "adapters/mongodb/server_facts.h"
#include "logging/logging.h"

namespace message_service::mongodb {

namespace {

constexpr std::int32_t kSameKeysOtherName = 85;
constexpr std::int32_t kSameNameOtherKeys = 86;

}  // namespace

base::Result<void> Schema::make_indexes(const Pool::Client& client) {
  const Document command([](Writer& out) {
    out.text("createIndexes", collection::messages);
    out.array("indexes", [](Writer& list) {
      list.document("0", [](Writer& index) {
        index.text("name", kSequenceIndex);
        index.document("key", [](Writer& key) { key.small_number("conversationId", 1).small_number("sequence", 1); });
      });
      list.document("1", [](Writer& index) {
        index.text("name", kChangeIndex);
        // The person's id makes the keys others than those of the index above.
        index.document("key", [](Writer& key) {
          key.small_number("conversationId", 1).small_number("sequence", 1).small_number("participantChange.id", 1);
        });
        index.document("partialFilterExpression", [](Writer& only) {
          only.document("participantChange", [](Writer& test) { test.boolean("$exists", true); });
        });
      });
    });
  });
  const Document options([&](Writer& out) { write_concern(out, options_.write_timeout); });
  bson_error_t error{};
  const bool done = mongoc_client_write_command_with_opts(client.get(), pool_.database(), command.get(), options.get(),
                                                          nullptr, &error);
  const auto code = static_cast<std::int32_t>(error.code);
  if (done || code == kSameKeysOtherName) return {};
  if (code == kSameNameOtherKeys) {
    return base::Error{base::ErrorCode::invalid,
                       std::string("an index of messages is there with other keys: ") + error.message};
  }
  return pool_.failed("make the indexes of messages", error);
}

base::Result<void> Schema::prepare() {
  auto ready = make_all();
  if (ready || ready.error().code != base::ErrorCode::unavailable) return ready;
  // A fault that a person has to put right is better reported at the start than while messages wait.
  const std::string setup = pool_.setup_needed();
  if (!setup.empty()) return base::Error{base::ErrorCode::invalid, setup};
  return ready;
}

base::Result<void> Schema::make_all() {
  const std::scoped_lock lock(mutex_);
  auto client = pool_.take();
  if (!client) return client.error();
  auto facts = ask_primary(*client, pool_);
  if (!facts) return facts.error();
  if (auto checked = check(*facts); !checked) return checked;
  if (facts->members > 1 && !facts->follows_primary) {
    logging::warning(names_one_member(*facts));
  }
  const auto format = format_.read_or_make(*client);
  if (!format) return format.error();
  if (auto known = check(*format, pool_.database(), options_.reads_records); !known) return known;
  if (auto fit = check_collections(*client, pool_); !fit) return fit;
  if (auto made = make_indexes(*client); !made) return made;
  if (auto registered = epochs_.prepare(*client); !registered) return registered;
  prepared_.store(true, std::memory_order_release);
  return {};
}

base::Result<void> Schema::ensure() {
  if (prepared_.load(std::memory_order_acquire)) return {};
  return make_all();
}

}  // namespace message_service::mongodb
