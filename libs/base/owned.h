// An object of a C library with an owner: Destroy is the function that its library has for that.
#pragma once

#include <memory>

namespace base {

template <auto Destroy>
struct Destroyer {
  template <class Object>
  void operator()(Object* object) const {
    Destroy(object);
  }
};

template <class Object, auto Destroy>
using Owned = std::unique_ptr<Object, Destroyer<Destroy>>;

}  // namespace base
