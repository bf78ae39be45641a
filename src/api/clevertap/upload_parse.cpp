#include "api/clevertap/upload_parse.h"

#include <simdjson.h>

namespace belay::api::clevertap {
namespace {

namespace od = simdjson::ondemand;
using simdjson::error_code;
using Kind = UploadValue::Kind;

constexpr int deepest = 64;

#define TRY_JSON(expression) \
  if (const error_code tried_ = (expression)) return tried_

std::string_view trimmed(std::string_view text) {
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

// One pass over the body; what it finds goes into pieces and properties.
class Reader {
 public:
  Reader(od::document& document, std::vector<UploadPiece>& pieces, std::vector<UploadProperty>& properties)
      : document_(document), pieces_(pieces), properties_(properties) {}

  error_code read_body();
  bool has_records = false, too_many = false, twice = false;

 private:
  error_code read_records(od::value value);
  error_code read_piece(od::value value, UploadPiece& piece);
  error_code read_member(std::string_view key, od::value value, UploadPiece& piece);
  error_code read_data(od::value value, UploadPiece& piece);
  error_code read_value(od::value value, UploadValue& out, int depth);
  error_code read_list(od::value value, UploadValue& out, int depth);
  error_code read_object(od::value value, UploadValue& out, int depth);
  error_code end_of(const char* begin, std::string_view& json);

  od::document& document_;
  std::vector<UploadPiece>& pieces_;
  std::vector<UploadProperty>& properties_;
};

// The text of a list or object that has just been read: up to the token behind it.
error_code Reader::end_of(const char* begin, std::string_view& json) {
  const char* next = nullptr;
  TRY_JSON(document_.current_location().get(next));
  json = trimmed({begin, static_cast<std::size_t>(next - begin)});
  return simdjson::SUCCESS;
}

error_code Reader::read_list(od::value value, UploadValue& out, int depth) {
  const char* begin = value.raw_json_token().data();
  out.kind = Kind::list;
  od::array list;
  TRY_JSON(value.get_array().get(list));
  for (auto element : list) {
    od::value held;
    UploadValue inner;
    TRY_JSON(element.get(held));
    TRY_JSON(read_value(held, inner, depth + 1));
    out.nested |= inner.kind == Kind::list || inner.kind == Kind::object;
  }
  return end_of(begin, out.json);
}

error_code Reader::read_object(od::value value, UploadValue& out, int depth) {
  const char* begin = value.raw_json_token().data();
  out.kind = Kind::object;
  od::object object;
  TRY_JSON(value.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    UploadValue inner;
    TRY_JSON(field.unescaped_key().get(key));
    TRY_JSON(read_value(field.value(), inner, depth + 1));
    out.nested |= inner.kind == Kind::list || inner.kind == Kind::object;
  }
  return end_of(begin, out.json);
}

error_code Reader::read_value(od::value value, UploadValue& out, int depth) {
  if (depth > deepest) return simdjson::DEPTH_ERROR;
  od::json_type type;
  TRY_JSON(value.type().get(type));
  if (type == od::json_type::array) return read_list(value, out, depth);
  if (type == od::json_type::object) return read_object(value, out, depth);
  out.json = trimmed(value.raw_json_token());
  if (type == od::json_type::string) {
    out.kind = Kind::text;
    return value.get_string().get(out.text);
  }
  if (type == od::json_type::number) {
    od::number checked;
    double beyond_64_bits = 0;  // a whole number of many digits is still a number, as parse_json has it
    out.kind = Kind::number;
    return value.get_number().get(checked) ? value.get_double().get(beyond_64_bits) : simdjson::SUCCESS;
  }
  // Whatever else begins with t, f or n is no JSON.
  bool checked = false;
  if (type == od::json_type::boolean) {
    out.kind = Kind::boolean;
    return value.get_bool().get(checked) ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
  }
  out.kind = Kind::null;
  return value.is_null().get(checked) || !checked ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
}

error_code Reader::read_data(od::value value, UploadPiece& piece) {
  piece.data = {};
  piece.property_count = 0;
  od::json_type type;
  TRY_JSON(value.type().get(type));
  if (type != od::json_type::object) return read_value(value, piece.data, 3);
  const char* begin = value.raw_json_token().data();
  piece.data.kind = Kind::object;
  piece.first_property = static_cast<std::uint32_t>(properties_.size());
  od::object object;
  TRY_JSON(value.get_object().get(object));
  for (auto field : object) {
    UploadProperty property;
    TRY_JSON(field.unescaped_key().get(property.key));
    TRY_JSON(read_value(field.value(), property.value, 4));
    properties_.push_back(property);
  }
  piece.property_count = static_cast<std::uint32_t>(properties_.size()) - piece.first_property;
  return end_of(begin, piece.data.json);
}

error_code Reader::read_member(std::string_view key, od::value value, UploadPiece& piece) {
  struct Row {
    std::string_view key;
    UploadValue UploadPiece::*into;
  };
  static constexpr Row rows[] = {
      {"type", &UploadPiece::type},          {"identity", &UploadPiece::identity},
      {"objectId", &UploadPiece::object_id}, {"ts", &UploadPiece::ts},
      {"evtName", &UploadPiece::event_name}, {"FBID", &UploadPiece::fb_id},
      {"GPID", &UploadPiece::gp_id},         {"fbId", &UploadPiece::fb_id},
      {"gpId", &UploadPiece::gp_id},
  };
  if (key == "profileData" || key == "evtData" || key == "tokenData") return read_data(value, piece);
  const auto row = std::ranges::find(rows, key, &Row::key);
  UploadValue ignored;
  UploadValue& into = row == std::end(rows) ? ignored : piece.*(row->into);
  into = {};
  return read_value(value, into, 3);
}

error_code Reader::read_piece(od::value value, UploadPiece& piece) {
  od::json_type type;
  TRY_JSON(value.type().get(type));
  if (type != od::json_type::object) {
    UploadValue whole;
    TRY_JSON(read_value(value, whole, 2));
    piece.json = whole.json;
    return simdjson::SUCCESS;
  }
  const char* begin = value.raw_json_token().data();
  piece.is_object = true;
  od::object object;
  TRY_JSON(value.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    TRY_JSON(field.unescaped_key().get(key));
    TRY_JSON(read_member(key, field.value(), piece));
  }
  return end_of(begin, piece.json);
}

error_code Reader::read_records(od::value value) {
  od::array list;
  TRY_JSON(value.get_array().get(list));
  for (auto element : list) {
    od::value held;
    TRY_JSON(element.get(held));
    if (pieces_.size() == UploadBody::most_records) {
      too_many = true;
      UploadValue ignored;
      TRY_JSON(read_value(held, ignored, 2));
      continue;
    }
    TRY_JSON(read_piece(held, pieces_.emplace_back()));
  }
  return simdjson::SUCCESS;
}

error_code Reader::read_body() {
  od::object object;
  TRY_JSON(document_.get_object().get(object));
  for (auto field : object) {
    std::string_view key;
    TRY_JSON(field.unescaped_key().get(key));
    od::value value = field.value();
    od::json_type type;
    TRY_JSON(value.type().get(type));
    if (key == "d" && type == od::json_type::array) {
      twice |= has_records;
      has_records = true;
      TRY_JSON(read_records(value));
    } else {
      UploadValue ignored;
      TRY_JSON(read_value(value, ignored, 1));
    }
  }
  const bool at_end = document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
  return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

#undef TRY_JSON

std::string sentence(error_code error) {
  if (error == simdjson::EMPTY) return "Empty request body, a JSON object is required";
  if (error == simdjson::INCORRECT_TYPE)
    return "The request body must be a JSON object with a list of records, \"d\"";
  if (error == simdjson::DEPTH_ERROR) return "JSON payload is nested too deep";
  if (error == simdjson::UTF8_ERROR) return "Invalid JSON payload: it is not UTF-8";
  if (error == simdjson::NUMBER_ERROR) return "Invalid JSON payload: a number that is none, or is too large";
  return fmt::format("Invalid JSON payload: {}", simdjson::error_message(error));
}

}  // namespace

struct UploadBody::State {
  std::string body;
  od::parser parser;
  od::document document;
  std::vector<UploadPiece> pieces;
  std::vector<UploadProperty> properties;
};

UploadBody::UploadBody(std::unique_ptr<State> state) : state_(std::move(state)) {}
UploadBody::~UploadBody() = default;
UploadBody::UploadBody(UploadBody&&) noexcept = default;
UploadBody& UploadBody::operator=(UploadBody&&) noexcept = default;

Result<UploadBody, std::string> UploadBody::parse(std::string body) {
  auto state = std::make_unique<State>();
  state->body = std::move(body);
  state->body.reserve(state->body.size() + simdjson::SIMDJSON_PADDING);
  const simdjson::padded_string_view view(state->body.data(), state->body.size(), state->body.capacity());
  if (const error_code error = state->parser.iterate(view).get(state->document))
    return std::unexpected(sentence(error));
  Reader reader(state->document, state->pieces, state->properties);
  if (const error_code error = reader.read_body()) return std::unexpected(sentence(error));
  if (!reader.has_records) return std::unexpected(std::string("d is required: a list of records"));
  if (reader.twice) return std::unexpected(std::string("Duplicate key \"d\" in JSON payload"));
  if (reader.too_many)
    return std::unexpected(fmt::format("A request must not have more than {} records", most_records));
  return UploadBody(std::move(state));
}

const std::vector<UploadPiece>& UploadBody::pieces() const {
  return state_->pieces;
}

std::vector<UploadProperty>::const_iterator UploadBody::begin_of(const UploadPiece& piece) const {
  return state_->properties.begin() + piece.first_property;
}
std::vector<UploadProperty>::const_iterator UploadBody::end_of(const UploadPiece& piece) const {
  return begin_of(piece) + piece.property_count;
}

}  // namespace belay::api::clevertap
