// Private to the library: keys from JSON that is read already, so that no public header names Boost.JSON.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "jwt/key.h"
#include "jwt/key_material.h"

namespace jwt {

struct KeyMaker {
  static base::Result<Key> from_jwk(const boost::json::object& jwk);
  static base::Result<Key> from_material(std::string id, std::optional<Algorithm> algorithm,
                                         base::Result<KeyMaterial> material);
};

}  // namespace jwt
