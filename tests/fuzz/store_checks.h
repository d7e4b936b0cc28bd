// What must hold for any bytes at all that a reader of the stores meets: rows of RocksDB, frames of the log, files, and
// documents of MongoDB. Apart from checks.h for what they link.
#pragma once

#include <array>
#include <string_view>

#include "fuzz/checks.h"

namespace message_service::fuzz {

// A row of any table: refused as damage, or what is read of it can be written again.
void check_rows(std::string_view bytes);

// A segment of the log: of any bytes the frames that count are sound ones, and what a frame holds is read back as it
// was written, however it is cut or changed.
void check_log_frames(std::string_view bytes);

// A document of any collection, also where its BSON itself is damaged.
void check_documents(std::string_view bytes);

inline constexpr std::array kStoreTargets{Target{"rows", check_rows}, Target{"log_frames", check_log_frames},
                                          Target{"documents", check_documents}};

}  // namespace message_service::fuzz
