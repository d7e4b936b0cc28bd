// Declares which members of a struct go over the wire. Use it at namespace scope, beside the struct:
//
//   struct Person { std::string name; int age = 0; };
//   SIGNALR_FIELDS(Person, name, age)
//
// The names on the wire are the members' names; for other names, write the function by hand:
//
//   constexpr auto signalr_fields(std::type_identity<Person>) {
//     return std::tuple(signalr::field("Name", &Person::name), signalr::field("Age", &Person::age));
//   }
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>

namespace signalr {

template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
};

template <class Struct, class Member>
constexpr Field<Struct, Member> field(std::string_view name, Member Struct::*member) {
  return {name, member};
}

template <class T>
concept Described = requires {
  signalr_fields(std::type_identity<T>{});
};

}  // namespace signalr

// SIGNALR_EACH(type, a, b, c): SIGNALR_ONE(type, a), SIGNALR_ONE(type, b), … for up to 64 members. A macro cannot call
// itself, so each round of SIGNALR_SCAN expands the deferred call of the next step.
#define SIGNALR_SCAN(...) SIGNALR_SCAN_3(SIGNALR_SCAN_3(SIGNALR_SCAN_3(SIGNALR_SCAN_3(__VA_ARGS__))))
#define SIGNALR_SCAN_3(...) SIGNALR_SCAN_2(SIGNALR_SCAN_2(SIGNALR_SCAN_2(SIGNALR_SCAN_2(__VA_ARGS__))))
#define SIGNALR_SCAN_2(...) SIGNALR_SCAN_1(SIGNALR_SCAN_1(SIGNALR_SCAN_1(SIGNALR_SCAN_1(__VA_ARGS__))))
#define SIGNALR_SCAN_1(...) __VA_ARGS__
#define SIGNALR_PARENTHESES ()
#define SIGNALR_ONE(type, name) ::signalr::field(#name, &type::name)
#define SIGNALR_STEP(type, name, ...) \
  SIGNALR_ONE(type, name) __VA_OPT__(, SIGNALR_NEXT SIGNALR_PARENTHESES(type, __VA_ARGS__))
#define SIGNALR_NEXT() SIGNALR_STEP

#define SIGNALR_FIELDS(type, ...)                                     \
  constexpr auto signalr_fields(std::type_identity<type>) {           \
    return std::tuple(SIGNALR_SCAN(SIGNALR_STEP(type, __VA_ARGS__))); \
  }
