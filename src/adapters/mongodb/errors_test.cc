#include "adapters/mongodb/errors.h"

#include <gtest/gtest.h>

#include <thread>

#include "adapters/mongodb/patience.h"

namespace message_service::mongodb {
namespace {

TEST(MongoDbErrorTable, TellsWhatPassesFromWhatIsForEver) {
  EXPECT_EQ(outlook_of(10107), Outlook::passing) << "NotWritablePrimary";
  EXPECT_EQ(outlook_of(14031), Outlook::passing) << "OutOfDiskSpace";
  EXPECT_EQ(outlook_of(13), Outlook::setup) << "Unauthorized";
  EXPECT_EQ(outlook_of(166), Outlook::setup) << "CommandNotSupportedOnView";
  EXPECT_EQ(outlook_of(121), Outlook::document) << "DocumentValidationFailure";
  EXPECT_EQ(outlook_of(10334), Outlook::document) << "BSONObjectTooLarge";
  EXPECT_EQ(outlook_of(17262), Outlook::document) << "an index of words does not know the language";
  EXPECT_EQ(outlook_of(4242424), Outlook::unknown);
  EXPECT_EQ(outlook_of(0), Outlook::unknown);
}

TEST(MongoDbErrorTable, PatienceEndsForADocumentThatMeetsAStrangeErrorForLong) {
  Patience patience(std::chrono::milliseconds(20));
  const ObjectIdBytes one{1}, other{2};
  EXPECT_FALSE(patience.ends(one));
  std::this_thread::sleep_for(std::chrono::milliseconds(25));
  EXPECT_FALSE(patience.ends(other));
  EXPECT_TRUE(patience.ends(one));
  EXPECT_FALSE(patience.ends(one)) << "it begins anew";
  Patience none(std::chrono::milliseconds(0));
  EXPECT_TRUE(none.ends(one));
}

}  // namespace
}  // namespace message_service::mongodb
