#include "service/roles.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace message_service::service {
namespace {

using config::EventLog;
using config::MessageStore;

// The error text, or nothing.
std::string wrong_with(const char* roles, EventLog log, MessageStore store) {
  const auto checked = check_roles(parse_roles(roles).value(), {.event_log = log, .message_store = store});
  if (checked) return "";
  EXPECT_EQ(checked.error().code, base::ErrorCode::invalid);
  return checked.error().text;
}

TEST(Roles, OnKafkaAndMongoDbEveryOneMayBeAlone) {
  for (const char* roles :
       {"api", "persister", "hub", "api,persister", "api,hub", "persister,hub", "hub,persister,api"}) {
    EXPECT_EQ(wrong_with(roles, EventLog::kafka, MessageStore::mongodb), "") << roles;
  }
}

TEST(Roles, AnEmbeddedLogNeedsWhoStoresAndWhoReadsTheEvents) {
  for (const MessageStore store : {MessageStore::embedded, MessageStore::mongodb}) {
    for (const char* roles : {"api", "hub", "api,hub"}) {
      EXPECT_NE(wrong_with(roles, EventLog::embedded, store).find("the role persister is missing"), std::string::npos)
          << roles;
    }
    for (const char* roles : {"api", "persister", "api,persister"}) {
      EXPECT_NE(wrong_with(roles, EventLog::embedded, store).find("the role hub is missing"), std::string::npos)
          << roles;
    }
    for (const char* roles : {"persister,hub", "api,persister,hub"}) {
      EXPECT_EQ(wrong_with(roles, EventLog::embedded, store), "") << roles;
    }
  }
}

TEST(Roles, AnEmbeddedStoreNeedsWhoFillsItAndWhoReadsIt) {
  for (const char* roles : {"api", "hub", "api,hub"}) {
    EXPECT_NE(wrong_with(roles, EventLog::kafka, MessageStore::embedded).find("the role persister is missing"),
              std::string::npos)
        << roles;
  }
  EXPECT_NE(wrong_with("persister", EventLog::kafka, MessageStore::embedded).find("a role that reads is missing"),
            std::string::npos);
  for (const char* roles : {"api,persister", "persister,hub"}) {
    EXPECT_EQ(wrong_with(roles, EventLog::kafka, MessageStore::embedded), "") << roles;
  }
}

}  // namespace
}  // namespace message_service::service
