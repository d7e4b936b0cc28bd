// What a route or a hub method may need of its caller. Each declares one of these where it is registered; the policy
// refuses the callers of a route that declares none.
#pragma once

#include <string_view>

namespace message_service::access {

inline constexpr std::string_view kOpen = "open";           // anybody
inline constexpr std::string_view kSignedIn = "signed-in";  // somebody, once sign-in is on; the handler asks for more
inline constexpr std::string_view kHub = "hub";             // the same; the token may stand in the query
inline constexpr std::string_view kHealth = "health";       // anybody
inline constexpr std::string_view kOperatorsPage = "operators-page";  // anybody: a page without data of its own
inline constexpr std::string_view kFigures = "figures";               // an operator once sign-in is on, else anybody
inline constexpr std::string_view kOperator = "operator";             // an operator, also without sign-in

// The addresses of Management:Urls. They serve health, figures, what operators do and their page, and nothing else; the
// figures are for everybody who reaches them.
inline constexpr std::string_view kManagementDoor = "management";

// The limits that a route may declare beside it.
inline constexpr std::string_view kReads = "reads";

}  // namespace message_service::access
