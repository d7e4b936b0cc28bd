#include "logging/line.h"

#include <array>
#include <charconv>

#include "base/hex.h"
#include "base/utf8.h"

namespace logging {

namespace {

constexpr std::size_t value_bytes_max = 4096;

constexpr std::array<std::string_view, 6> short_names{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", ""};
constexpr std::array<std::string_view, 6> long_names{"Trace", "Debug", "Information", "Warning", "Error", ""};

bool is_ascii_control(unsigned char c) { return c < 0x20 || c == 0x7F; }

// Cuts at the beginning of a character.
std::string_view shorten(std::string_view text) {
  if (text.size() <= value_bytes_max) return text;
  std::size_t end = value_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

void append_unicode_escape(std::string& out, unsigned char c) {
  out += "\\u00";
  base::append_hex(out, c);
}

// Escapes the bytes that JSON and a terminal must not see raw.
void append_escaped(std::string& out, std::string_view whole, bool escape_quotes) {
  const std::string_view text = shorten(whole);
  const bool valid = base::is_valid_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_ascii_control(c)) {
      append_unicode_escape(out, c);
    } else if (escape_quotes && (c == '"' || c == '\\')) {
      out += '\\';
      out += text[i];
    } else if (c >= 0x80 && !valid) {
      out += "\xEF\xBF\xBD";
    } else if (c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) {  // a C1 control: valid, so one follows
      append_unicode_escape(out, static_cast<unsigned char>(text[++i]));
    } else {
      out += text[i];
    }
  }
  if (text.size() < whole.size()) out += "…";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, true);
  out += '"';
}

void append_number(std::string& out, std::int64_t number) { out += std::to_string(number); }

void append_number(std::string& out, double number) {
  if (!(number - number == 0)) {  // JSON has no word for infinity or not-a-number
    out += "null";
    return;
  }
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

void append_number(std::string& out, bool value) { out += value ? "true" : "false"; }

bool is_empty(const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

template <class AppendText>
void append_value(std::string& out, const Field& field, AppendText append_text) {
  std::visit(
      [&](auto value) {
        if constexpr (std::same_as<decltype(value), std::string_view>) {
          append_text(out, value);
        } else {
          append_number(out, value);
        }
      },
      field.value);
}

void append_bare_or_quoted(std::string& out, std::string_view text) {
  if (text.find_first_of(" \"=") == std::string_view::npos) {
    append_escaped(out, text, false);
  } else {
    append_quoted(out, text);
  }
}

}  // namespace

std::string text_line(base::Timestamp time, Level level, std::string_view text, Fields fields) {
  std::string out = base::format_timestamp(time);
  out += ' ';
  out += short_names[static_cast<std::size_t>(level)];
  out += ' ';
  append_escaped(out, text, false);
  for (const Field& field : fields) {
    if (is_empty(field) || field.key == correlation_id || field.key == trace_id) continue;
    out += ' ';
    out += field.key;
    out += '=';
    append_value(out, field, append_bare_or_quoted);
  }
  out += '\n';
  return out;
}

std::string json_line(base::Timestamp time, Level level, std::string_view text, Fields fields) {
  std::string out = R"({"time":")" + base::format_timestamp(time) + R"(","level":")";
  out += long_names[static_cast<std::size_t>(level)];
  out += R"(","message":)";
  append_quoted(out, text);
  for (const Field& field : fields) {
    if (is_empty(field)) continue;
    out += ',';
    append_quoted(out, field.key);
    out += ':';
    append_value(out, field, append_quoted);
  }
  out += "}\n";
  return out;
}

}  // namespace logging
