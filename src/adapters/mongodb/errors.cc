#include "adapters/mongodb/errors.h"

#include <algorithm>
#include <array>

namespace message_service::mongodb {

namespace {

struct Known {
  std::int32_t code;
  Outlook outlook;
};

}  // namespace

Outlook outlook_of(std::int32_t code) {
  using enum Outlook;
  // Ascending, so that it can be searched.
  static constexpr std::array kKnown{
      Known{1, passing},       // InternalError
      Known{2, document},      // BadValue
      Known{6, passing},       // HostUnreachable
      Known{7, passing},       // HostNotFound
      Known{11, setup},        // UserNotFound
      Known{13, setup},        // Unauthorized
      Known{14, document},     // TypeMismatch
      Known{15, document},     // Overflow: nested too deep
      Known{16, document},     // InvalidLength
      Known{18, setup},        // AuthenticationFailed
      Known{20, setup},        // IllegalOperation: such as a transaction on a standalone server
      Known{22, document},     // InvalidBSON
      Known{24, passing},      // LockTimeout
      Known{26, passing},      // NamespaceNotFound
      Known{31, setup},        // RoleNotFound
      Known{46, passing},      // LockBusy
      Known{50, passing},      // MaxTimeMSExpired
      Known{52, document},     // DollarPrefixedFieldName
      Known{53, document},     // InvalidIdField
      Known{55, document},     // InvalidDBRef
      Known{56, document},     // EmptyFieldName
      Known{57, document},     // DottedFieldName
      Known{59, setup},        // CommandNotFound
      Known{61, setup},        // ShardKeyNotFound: sharded by a field that our documents do not have
      Known{64, passing},      // WriteConcernTimeout
      Known{66, document},     // ImmutableField
      Known{67, setup},        // CannotCreateIndex
      Known{72, setup},        // InvalidOptions
      Known{73, setup},        // InvalidNamespace
      Known{79, setup},        // UnknownReplWriteConcern
      Known{85, setup},        // IndexOptionsConflict
      Known{86, setup},        // IndexKeySpecsConflict
      Known{89, passing},      // NetworkTimeout
      Known{91, passing},      // ShutdownInProgress
      Known{100, setup},       // UnsatisfiableWriteConcern
      Known{107, passing},     // LockFailed
      Known{112, passing},     // WriteConflict
      Known{115, setup},       // CommandNotSupported
      Known{116, document},    // DocTooLargeForCapped
      Known{117, passing},     // ConflictingOperationInProgress
      Known{121, document},    // DocumentValidationFailure
      Known{123, setup},       // NotAReplicaSet
      Known{133, passing},     // FailedToSatisfyReadPreference
      Known{134, passing},     // ReadConcernMajorityNotAvailableYet
      Known{146, passing},     // ExceededMemoryLimit
      Known{148, setup},       // ReadConcernMajorityNotEnabled
      Known{166, setup},       // CommandNotSupportedOnView
      Known{167, setup},       // OptionNotSupportedOnView
      Known{171, document},    // CannotIndexParallelArrays, of an index that somebody has added
      Known{189, passing},     // PrimarySteppedDown
      Known{197, setup},       // InvalidIndexSpecificationOption
      Known{201, document},    // CannotBuildIndexKeys
      Known{202, passing},     // NetworkInterfaceExceededTimeLimit
      Known{215, passing},     // DatabaseDropPending
      Known{216, passing},     // ElectionInProgress
      Known{238, setup},       // NotImplemented
      Known{242, setup},       // CannotCreateCollection
      Known{251, passing},     // NoSuchTransaction
      Known{262, passing},     // ExceededTimeLimit
      Known{263, setup},       // OperationNotSupportedInTransaction
      Known{264, passing},     // TooManyFilesOpen
      Known{276, passing},     // IndexBuildAborted
      Known{279, passing},     // ClientDisconnect
      Known{290, passing},     // TransactionExceededLifetimeLimitSeconds
      Known{322, setup},       // APIVersionError
      Known{323, setup},       // APIStrictError
      Known{324, setup},       // APIDeprecationError
      Known{355, passing},     // InterruptedDueToStorageChange
      Known{357, document},    // InvalidBSONType
      Known{365, passing},     // TemporarilyUnavailable
      Known{371, setup},       // UserWritesBlocked
      Known{378, document},    // NonConformantBSON
      Known{391, passing},     // ReauthenticationRequired
      Known{402, passing},     // ResourceExhausted
      Known{433, passing},     // AdmissionQueueOverflow
      Known{449, passing},     // RateLimitExceeded
      Known{8000, setup},      // a hosted cluster's own, such as its quota of disk
      Known{9001, passing},    // SocketException
      Known{10003, document},  // CannotGrowDocumentInCappedNamespace
      Known{10107, passing},   // NotWritablePrimary
      Known{10334, document},  // BSONObjectTooLarge
      Known{11600, passing},   // InterruptedAtShutdown
      Known{11602, passing},   // InterruptedDueToReplStateChange
      Known{13026, document},  // an index that somebody has added wants places on a flat map: no numbers
      Known{13027, document},  // the same: out of its bounds
      Known{13435, passing},   // NotPrimaryNoSecondaryOk
      Known{13436, passing},   // NotPrimaryOrSecondary
      Known{14031, passing},   // OutOfDiskSpace
      Known{16500, passing},   // from servers that speak MongoDB's protocol: too many requests
      Known{16554, document},  // a sum of something that is no number
      Known{16755, document},  // an index that somebody has added wants a place on earth
      Known{16766, document},  // the same: a hashed one cannot take a list
      Known{17261, document},  // the same: a text index wants the name of a language to be a text
      Known{17262, document},  // the same: a text index wants a language that it knows
      Known{17280, document},  // KeyTooLong
      Known{17419, document},  // larger than 16 MiB after an update
      Known{17420, document},  // the same, of a replacement
  };

  static_assert(std::ranges::is_sorted(kKnown, {}, &Known::code));
  const auto found = std::ranges::lower_bound(kKnown, code, {}, &Known::code);
  return found != kKnown.end() && found->code == code ? found->outlook : Outlook::unknown;
}

}  // namespace message_service::mongodb
