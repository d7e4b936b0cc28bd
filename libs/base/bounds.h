// The least and the largest value that a configuration may give to an option. The bounds of a part stand beside the
// default, in the part's Options; whoever reads a configuration checks them. Literal type.
#pragma once

namespace base {

template <class Value>
struct Bounds {
  Value least;
  Value most;
};

template <class Value>
Bounds(Value, Value) -> Bounds<Value>;

}  // namespace base
