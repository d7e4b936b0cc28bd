// Makes a hub method from a C++ function, see Hub::on(). The type of a parameter decides its value:
//
//   Context            the caller
//   StreamWriter<T>    sends the items of a streaming method to the caller
//   StreamReader<T>    the next stream that the client uploads
//   anything else      the next argument, converted (convert.h)
//
// The function returns nothing, a value, a Result of either, or an Awaitable of these.
#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "signalr/hub/convert.h"
#include "signalr/hub/failure_text.h"
#include "signalr/hub/method.h"
#include "signalr/hub/method_call.h"
#include "signalr/hub/streams.h"

namespace signalr::detail {

// The source of the next parameters.
struct Binding {
  std::shared_ptr<MethodCall> call;
  std::size_t next_argument = 0;
  std::size_t next_upload = 0;
  bool fits = true;
};

// Says what a parameter of type T needs from the wire, and makes its value.
template <class T>
struct Parameter {
  static constexpr std::size_t arguments = 1, uploads = 0;
  static constexpr bool is_streaming = false;
  static T make(Binding& binding) {
    T value{};
    binding.fits = from_value(binding.call->arguments()[binding.next_argument++], value) && binding.fits;
    return value;
  }
};

template <>
struct Parameter<Context> {
  static constexpr std::size_t arguments = 0, uploads = 0;
  static constexpr bool is_streaming = false;
  static Context make(Binding& binding) { return binding.call->context(); }
};

template <class T>
struct Parameter<StreamWriter<T>> {
  static constexpr std::size_t arguments = 0, uploads = 0;
  static constexpr bool is_streaming = true;
  static StreamWriter<T> make(Binding& binding) { return StreamWriter<T>(binding.call); }
};

template <class T>
struct Parameter<StreamReader<T>> {
  static constexpr std::size_t arguments = 0, uploads = 1;
  static constexpr bool is_streaming = false;
  static StreamReader<T> make(Binding& binding) {
    return StreamReader<T>(binding.call->uploads()[binding.next_upload++]);
  }
};

template <class T>
struct Unwrapped {
  using Type = T;
  static constexpr bool is_awaitable = false;
};
template <class T>
struct Unwrapped<runtime::Awaitable<T>> {
  using Type = T;
  static constexpr bool is_awaitable = true;
};

template <class T>
MethodResult to_result(const T& value) {
  return Outcome(to_value(value));
}
template <class T>
MethodResult to_result(const base::Result<T>& result) {
  if (!result) return Outcome(Failure{result.error().text});
  if constexpr (std::is_void_v<T>) {
    return Outcome(NoResult());
  } else {
    return to_result(*result);
  }
}
inline MethodResult to_result(Outcome outcome) { return outcome; }
inline MethodResult to_result(MethodResult result) { return result; }

// Calls the function and makes a MethodResult from its result, of whatever type. The objects that `arguments` refer to
// outlive the call.
template <class Function, class Arguments>
runtime::Awaitable<MethodResult> invoke(const Function& function, Arguments& arguments) {
  using Returned = decltype(std::apply(function, arguments));
  using Plain = typename Unwrapped<Returned>::Type;
  if constexpr (std::is_void_v<Returned>) {
    std::apply(function, arguments);
    co_return Outcome(NoResult());
  } else if constexpr (!Unwrapped<Returned>::is_awaitable) {
    co_return to_result(std::apply(function, arguments));
  } else if constexpr (std::is_void_v<Plain>) {
    co_await std::apply(function, arguments);
    co_return Outcome(NoResult());
  } else {
    co_return to_result(co_await std::apply(function, arguments));
  }
}

template <class Function, class... Parameters>
runtime::Awaitable<MethodResult> run(const Function& function, std::shared_ptr<MethodCall> call) {
  constexpr std::size_t expected = (0 + ... + Parameter<Parameters>::arguments);
  const std::size_t provided = call->arguments().size();
  if (provided != expected) co_return BindingError{failure_text::wrong_argument_count(provided, expected)};
  Binding binding{.call = std::move(call)};
  std::tuple<Parameters...> arguments{Parameter<Parameters>::make(binding)...};  // braces: evaluated from left to right
  if (!binding.fits) co_return BindingError{failure_text::wrong_argument_types()};
  MethodResult result = co_await detail::invoke(function, arguments);
  co_return result;
}

template <class Function, class Signature>
struct Bound;

// The function stays in place as long as the method exists.
template <class Function, class Returned, class... Parameters>
struct Bound<Function, Returned(Parameters...)> {
  static Method method(Function function) {
    return {.run =
                [function = std::move(function)](std::shared_ptr<MethodCall> call) {
                  return detail::run<Function, std::remove_cvref_t<Parameters>...>(function, std::move(call));
                },
            .uploads = (0 + ... + Parameter<std::remove_cvref_t<Parameters>>::uploads),
            .is_streaming = (Parameter<std::remove_cvref_t<Parameters>>::is_streaming || ...)};
  }
};

// The signature of a lambda, a function or a member function.
template <class F>
struct SignatureOf : SignatureOf<decltype(&F::operator())> {};
template <class R, class... P>
struct SignatureOf<R (*)(P...)> {
  using Type = R(P...);
};
template <class C, class R, class... P>
struct SignatureOf<R (C::*)(P...)> {
  using Type = R(P...);
};
template <class C, class R, class... P>
struct SignatureOf<R (C::*)(P...) const> {
  using Type = R(P...);
};

template <class Function>
Method bind(Function function) {
  return Bound<Function, typename SignatureOf<Function>::Type>::method(std::move(function));
}

// A member function, called on an object that outlives the hub.
template <class Object, class Class, class Returned, class... Parameters>
auto bind_member(Object& object, Returned (Class::*member)(Parameters...)) {
  const auto call = [&object, member](std::remove_cvref_t<Parameters>&... arguments) {
    return (object.*member)(arguments...);
  };
  return Bound<decltype(call), Returned(Parameters...)>::method(call);
}
template <class Object, class Class, class Returned, class... Parameters>
auto bind_member(Object& object, Returned (Class::*member)(Parameters...) const) {
  const auto call = [&object, member](std::remove_cvref_t<Parameters>&... arguments) {
    return (object.*member)(arguments...);
  };
  return Bound<decltype(call), Returned(Parameters...)>::method(call);
}

}  // namespace signalr::detail
