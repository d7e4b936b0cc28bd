// A C library's object with an owner: Destroy is the library's function that destroys the object.
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
