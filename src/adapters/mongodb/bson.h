// BSON documents written field by field and read with every type checked. Private to the adapter: exposes the driver.
#pragma once

#include <bson/bson.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace message_service::mongodb {

inline bson_oid_t to_oid(const ObjectIdBytes& id) {
  bson_oid_t oid;
  bson_oid_init_from_data(&oid, id.data());
  return oid;
}

// Appends to a document or to a part of one. Names are our own literals.
class Writer {
 public:
  explicit Writer(bson_t* out) : out_(out) {}

  Writer& text(std::string_view name, std::string_view value) {
    bson_append_utf8(out_, name.data(), static_cast<int>(name.size()), value.data(), static_cast<int>(value.size()));
    return *this;
  }
  Writer& number(std::string_view name, std::int64_t value) {
    bson_append_int64(out_, name.data(), static_cast<int>(name.size()), value);
    return *this;
  }
  // For MongoDB's own fields, most of which hold small numbers.
  Writer& small_number(std::string_view name, std::int32_t value) {
    bson_append_int32(out_, name.data(), static_cast<int>(name.size()), value);
    return *this;
  }
  Writer& boolean(std::string_view name, bool value) {
    bson_append_bool(out_, name.data(), static_cast<int>(name.size()), value);
    return *this;
  }
  Writer& date(std::string_view name, base::Timestamp value) {
    bson_append_date_time(out_, name.data(), static_cast<int>(name.size()), value);
    return *this;
  }
  Writer& object_id(std::string_view name, const ObjectIdBytes& value) {
    const bson_oid_t oid = to_oid(value);
    bson_append_oid(out_, name.data(), static_cast<int>(name.size()), &oid);
    return *this;
  }
  // Calls `fill` with the writer of the part.
  template <class Fill>
  Writer& document(std::string_view name, Fill fill) {
    bson_t part;
    bson_append_document_begin(out_, name.data(), static_cast<int>(name.size()), &part);
    Writer writer(&part);
    fill(writer);
    bson_append_document_end(out_, &part);
    return *this;
  }
  template <class Fill>
  Writer& array(std::string_view name, Fill fill) {
    bson_t part;
    bson_append_array_begin(out_, name.data(), static_cast<int>(name.size()), &part);
    Writer writer(&part);
    fill(writer);
    bson_append_array_end(out_, &part);
    return *this;
  }
  Writer& copy(std::string_view name, const bson_t* document) {
    bson_append_document(out_, name.data(), static_cast<int>(name.size()), document);
    return *this;
  }
  std::size_t bytes() const { return out_->len; }

 private:
  bson_t* out_;
};

// A document of our own.
class Document {
 public:
  Document() { bson_init(&bson_); }
  template <class Fill>
  requires std::invocable<Fill&, Writer&>
  explicit Document(Fill fill) : Document() {
    Writer writer(&bson_);
    fill(writer);
  }
  ~Document() { bson_destroy(&bson_); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  const bson_t* get() const { return &bson_; }
  bson_t* get() { return &bson_; }
  // For a driver call that makes its reply here, whether it succeeds or fails.
  bson_t* for_reply() {
    bson_destroy(&bson_);
    return &bson_;
  }

 private:
  bson_t bson_;
};

// The name of an array's item; MongoDB wants "0", "1", …
class IndexName {
 public:
  explicit IndexName(std::size_t index) {
    const char* text = nullptr;
    const std::size_t size = bson_uint32_to_string(static_cast<std::uint32_t>(index), &text, buffer_, sizeof buffer_);
    text_ = {text, size};
  }
  operator std::string_view() const { return text_; }

 private:
  char buffer_[16];
  std::string_view text_;
};

// Reads the fields of a stored document. A person who edits documents by hand may leave any type anywhere: the reader
// keeps the first wrong field as an error, and every later read gives an empty value.
class Reader {
 public:
  Reader(const bson_t* document, std::string_view collection) : document_(document), collection_(collection) {}

  std::string text(const char* name);
  // Empty when the field is missing or is no text: for a field that no reader depends on.
  std::string text_or_nothing(const char* name) const;
  std::int64_t number(const char* name);
  base::Timestamp date(const char* name);
  ObjectIdBytes object_id(const char* name);
  // Calls `each` with a reader of every document in the array.
  template <class Each>
  void documents(const char* name, Each each);
  // Calls `each` with a reader of the document, which may be missing.
  template <class Each>
  void document_or_nothing(const char* name, Each each);
  // Calls `each` with every whole number in the array.
  template <class Each>
  void numbers(const char* name, Each each);
  // Calls `each` with every text in the array.
  template <class Each>
  void texts(const char* name, Each each);

  // Calls `each` with the name and a reader of every document in the named document, which may be missing.
  template <class Each>
  void parts(const char* name, Each each);

  bool ok() const { return problem_.empty(); }
  // `corrupt`, with collection, field and document.
  base::Error error() const;
  void fail(std::string_view name, std::string_view what);

 private:
  bool find(const char* name, bson_iter_t& at);
  // The document at the iterator, where it lies.
  static bool view(const bson_iter_t& at, bson_t& document) {
    const std::uint8_t* bytes = nullptr;
    std::uint32_t size = 0;
    bson_iter_document(&at, &size, &bytes);
    return bson_init_static(&document, bytes, size);
  }
  // Shells write whole numbers as floating-point ones.
  static std::optional<std::int64_t> whole_number(const bson_iter_t& at);

  const bson_t* document_;
  std::string_view collection_;
  std::string problem_;  // with the first wrong field, as in "sentAt is not a date"
};

template <class Each>
void Reader::documents(const char* name, Each each) {
  bson_iter_t at;
  bson_iter_t item;
  if (!find(name, at)) return;
  if (!BSON_ITER_HOLDS_ARRAY(&at) || !bson_iter_recurse(&at, &item)) return fail(name, "is not a list");
  while (ok() && bson_iter_next(&item)) {
    if (!BSON_ITER_HOLDS_DOCUMENT(&item)) return fail(name, "holds something that is no document");
    bson_t part;
    if (!view(item, part)) return fail(name, "is damaged");
    Reader reader(&part, collection_);
    each(reader);
    if (!reader.ok()) fail(name, "holds one whose " + reader.problem_);
  }
}

template <class Each>
void Reader::document_or_nothing(const char* name, Each each) {
  bson_iter_t at;
  if (!bson_iter_init_find(&at, document_, name)) return;
  if (!BSON_ITER_HOLDS_DOCUMENT(&at)) return fail(name, "is not a document");
  bson_t part;
  if (!view(at, part)) return fail(name, "is damaged");
  Reader reader(&part, collection_);
  each(reader);
  if (!reader.ok()) fail(name, "has a field that is wrong: " + reader.problem_);
}

template <class Each>
void Reader::parts(const char* name, Each each) {
  bson_iter_t at;
  bson_iter_t item;
  if (!bson_iter_init_find(&at, document_, name)) return;
  if (!BSON_ITER_HOLDS_DOCUMENT(&at) || !bson_iter_recurse(&at, &item)) return fail(name, "is not a document");
  while (ok() && bson_iter_next(&item)) {
    if (!BSON_ITER_HOLDS_DOCUMENT(&item)) return fail(name, "holds something that is no document");
    bson_t part;
    if (!view(item, part)) return fail(name, "is damaged");
    Reader reader(&part, collection_);
    each(std::string_view(bson_iter_key(&item)), reader);
    if (!reader.ok()) fail(name, "holds one whose " + reader.problem_);
  }
}

template <class Each>
void Reader::numbers(const char* name, Each each) {
  bson_iter_t at;
  bson_iter_t item;
  if (!find(name, at)) return;
  if (!BSON_ITER_HOLDS_ARRAY(&at) || !bson_iter_recurse(&at, &item)) return fail(name, "is not a list");
  while (bson_iter_next(&item)) {
    const auto number = whole_number(item);
    if (!number) return fail(name, "holds something that is no whole number");
    each(*number);
  }
}

template <class Each>
void Reader::texts(const char* name, Each each) {
  bson_iter_t at;
  bson_iter_t item;
  if (!find(name, at)) return;
  if (!BSON_ITER_HOLDS_ARRAY(&at) || !bson_iter_recurse(&at, &item)) return fail(name, "is not a list");
  while (bson_iter_next(&item)) {
    if (!BSON_ITER_HOLDS_UTF8(&item)) return fail(name, "holds something that is no string");
    each(std::string(bson_iter_utf8(&item, nullptr)));
  }
}

}  // namespace message_service::mongodb
