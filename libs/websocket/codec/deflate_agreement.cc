#include "websocket/codec/deflate_agreement.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace websocket {

namespace {

constexpr std::string_view kName = "permessage-deflate";
constexpr std::string_view kSeparators = "()<>@,;:\\\"/[]?={} \t";  // RFC 2616, section 2.2

struct Parameter {
  std::string_view name;
  std::optional<std::string> value;
};

struct Offer {
  std::string_view name;
  std::vector<Parameter> parameters;
};

bool is_token_char(char c) { return c > ' ' && c < '\x7F' && kSeparators.find(c) == std::string_view::npos; }

// Parses the header's grammar (RFC 6455, section 9.1) from the left.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() {
    skip_space();
    return rest_.empty();
  }

  bool take(char c) {
    skip_space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Returns an empty token when there is none.
  std::string_view token() {
    skip_space();
    const auto end = std::ranges::find_if_not(rest_, is_token_char);
    const std::string_view token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(token.size());
    return token;
  }

  // Returns a token, which may be quoted. Empty when there is none.
  std::string value() {
    if (!take('"')) return std::string(token());
    std::string text;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty() || !is_token_char(rest_.front())) return {};
      text.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    return rest_.empty() || !take('"') ? std::string() : text;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

std::optional<Parameter> read_parameter(Scanner& scanner) {
  Parameter parameter{.name = scanner.token(), .value = std::nullopt};
  if (parameter.name.empty()) return std::nullopt;
  if (!scanner.take('=')) return parameter;
  parameter.value = scanner.value();
  if (parameter.value->empty()) return std::nullopt;
  return parameter;
}

std::optional<Offer> read_offer(Scanner& scanner) {
  Offer offer{.name = scanner.token(), .parameters = {}};
  if (offer.name.empty()) return std::nullopt;
  while (scanner.take(';')) {
    auto parameter = read_parameter(scanner);
    if (!parameter) return std::nullopt;
    offer.parameters.push_back(std::move(*parameter));
  }
  return offer;
}

// Appends the offers of one header line. Returns false when it is not well-formed; elements of the list may be empty.
bool read_offers(std::string_view line, std::vector<Offer>& offers) {
  Scanner scanner(line);
  while (!scanner.at_end()) {
    if (scanner.take(',')) continue;
    auto offer = read_offer(scanner);
    if (!offer || !(scanner.at_end() || scanner.take(','))) return false;
    offers.push_back(std::move(*offer));
  }
  return true;
}

// Reads a number from 8 to 15, without leading zeros.
std::optional<int> read_window_bits(const std::string& text) {
  if (text == "8" || text == "9") return text[0] - '0';
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') return 10 + text[1] - '0';
  return std::nullopt;
}

bool is_repeated(const std::vector<Parameter>& parameters, std::string_view name) {
  return std::ranges::count(parameters, name, &Parameter::name) > 1;
}

// Returns nothing when the offer must be declined (RFC 7692, section 7.1). The client's hints about its own compression
// change nothing for a server that inflates with the largest window and no context.
std::optional<DeflateAgreement> accept(const Offer& offer) {
  if (offer.name != kName) return std::nullopt;
  DeflateAgreement agreement;
  for (const auto& [name, value] : offer.parameters) {
    if (is_repeated(offer.parameters, name)) return std::nullopt;
    if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
      if (value) return std::nullopt;
    } else if (name == "client_max_window_bits") {
      if (value && !read_window_bits(*value)) return std::nullopt;
    } else if (name == "server_max_window_bits") {
      agreement.server_max_window_bits = read_window_bits(value.value_or(""));
      if (!agreement.server_max_window_bits) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return agreement;
}

}  // namespace

std::size_t DeflateAgreement::message_bytes_max() const {
  return window_bits() == kWindowBitsMax ? std::numeric_limits<std::size_t>::max() : std::size_t{1} << window_bits();
}

std::string DeflateAgreement::answer() const {
  std::string text(kName);
  text.append("; server_no_context_takeover; client_no_context_takeover");
  if (server_max_window_bits) {
    text.append("; server_max_window_bits=").append(std::to_string(*server_max_window_bits));
  }
  return text;
}

std::optional<DeflateAgreement> agree_on_deflate(std::span<const std::string_view> sec_websocket_extensions) {
  std::vector<Offer> offers;
  for (const std::string_view line : sec_websocket_extensions) {
    if (!read_offers(line, offers)) return std::nullopt;
  }
  for (const Offer& offer : offers) {
    if (auto agreement = accept(offer)) return agreement;
  }
  return std::nullopt;
}

}  // namespace websocket
