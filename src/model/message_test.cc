#include "model/message.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace message_service {
namespace {

Draft good_draft() {
  Draft draft;
  draft.conversation_id = "conv-123";
  draft.sender_id = "parent-001";
  draft.sender_type = "Parent";
  draft.content = "Hello teacher!";
  return draft;
}

std::vector<std::string> wrong_fields(Draft draft) {
  std::vector<std::string> fields;
  for (const FieldError& error : admit(std::move(draft), Limits{}, 0).errors) fields.push_back(error.field);
  return fields;
}

TEST(Admit, GivesAnIdAndATimeToAGoodDraft) {
  const base::Timestamp now = 1769509800000;
  const Admission admission = admit(good_draft(), Limits{}, now);
  ASSERT_TRUE(admission.admitted);
  const Message& message = admission.admitted->message();
  EXPECT_EQ(uuid_v7_time(message.temporary_message_id), now);
  EXPECT_EQ(message.requested_at, now);
  EXPECT_EQ(message.correlation_id(), message.temporary_message_id);
  EXPECT_FALSE(admission.admitted->key_from_client());
}

TEST(Admit, NamesAllThatIsWrongAtOnce) {
  Draft draft;
  draft.conversation_id = std::string(129, 'x');
  draft.sender_id = "bell\x07";
  draft.sender_type = "Parrot";
  EXPECT_EQ(wrong_fields(draft), (std::vector<std::string>{"conversationId", "senderId", "senderType", "content"}));
}

TEST(Admit, DoesNotCallAFieldOfAWrongTypeMissing) {
  Draft draft = good_draft();
  draft.content.reset();
  draft.errors.push_back({"content", "must be a string"});
  EXPECT_EQ(wrong_fields(draft), std::vector<std::string>{"content"});
}

TEST(Admit, HoldsContentToItsLimitExactly) {
  Draft draft = good_draft();
  draft.content = std::string(Limits{}.content_bytes_max, 'x');
  EXPECT_TRUE(wrong_fields(draft).empty());
  draft.content->push_back('x');
  EXPECT_EQ(wrong_fields(draft), std::vector<std::string>{"content"});
  draft.content = "";
  EXPECT_EQ(wrong_fields(draft), std::vector<std::string>{"content"});
}

TEST(Admit, TakesTheKeyFromHeaderOrFieldAndRefusesTwoDifferent) {
  Draft draft = good_draft();
  draft.idempotency_key = "key-1";
  EXPECT_EQ(admit(Draft(draft), Limits{}, 0).admitted->message().temporary_message_id, "key-1");
  draft.temporary_message_id = "key-1";
  EXPECT_TRUE(admit(Draft(draft), Limits{}, 0).admitted->key_from_client());
  draft.temporary_message_id = "key-2";
  EXPECT_EQ(wrong_fields(draft), std::vector<std::string>{"temporaryMessageId"});
}

TEST(MessageId, IsAFunctionOfItsKeyAlone) {
  const std::string uuid = make_uuid_v7(1769509800000);
  EXPECT_EQ(derive_message_id("conv-1", uuid), derive_message_id("conv-1", uuid));
  EXPECT_NE(derive_message_id("conv-1", uuid), derive_message_id("conv-2", uuid));
  EXPECT_NE(derive_message_id("ab", "c"), derive_message_id("a", "bc"));
}

TEST(MessageId, CarriesTheSecondsOfAUuidV7) {
  const ObjectIdBytes id = derive_message_id("conv-1", make_uuid_v7(1769509800123));
  EXPECT_EQ(base::to_hex(id).substr(0, 8), "697893a8");  // 1769509800 in hexadecimal
  EXPECT_EQ(parse_object_id(base::to_hex(id)), id);
  EXPECT_FALSE(parse_object_id("697893a8"));
  EXPECT_FALSE(parse_object_id("zz7893a80000000000000000"));
}

}  // namespace
}  // namespace message_service
