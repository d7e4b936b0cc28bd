#include "wire/revocation_json.h"

#include "wire/json_reader.h"

namespace message_service::wire {

base::Result<Revocation> read_revocation_request(std::string_view body, base::Timestamp now, FieldErrors& errors) {
  Document document;
  if (auto parsed = document.parse(body); !parsed) return parsed.error();
  Revocation revocation;
  revocation.subject = string_field(document.object(), "sub", errors).value_or("");
  revocation.issued_before = time_field(document.object(), "issuedBefore", errors).value_or(now);
  if (revocation.issued_before > now) errors.push_back({"issuedBefore", "must not be in the future"});
  return revocation;
}

}  // namespace message_service::wire
