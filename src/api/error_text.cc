#include "api/error_text.h"

#include "logging/rare_line.h"

namespace message_service::api {

std::string text_for_clients(const base::Error& error) {
  static logging::RareLine unavailable(logging::Level::warning);
  static logging::RareLine corrupt(logging::Level::error);
  switch (error.code) {
    case base::ErrorCode::unavailable:
      unavailable.write("A request is answered 503: " + error.text);
      return "the store cannot be asked now; try again later";
    case base::ErrorCode::corrupt:
      corrupt.write("A request is answered 500: " + error.text);
      return "what is stored cannot be read; the service's log says why";
    default:
      return error.text;
  }
}

}  // namespace message_service::api
