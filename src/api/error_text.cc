#include "api/error_text.h"

#include "logging/rare_line.h"

namespace message_service::api {

std::string text_for_clients(const base::Error& error) {
  if (error.code != base::ErrorCode::unavailable) return error.text;
  static logging::RareLine line(logging::Level::warning);
  line.write("A request is answered 503: " + error.text);
  return "the store cannot be asked now; try again later";
}

}  // namespace message_service::api
