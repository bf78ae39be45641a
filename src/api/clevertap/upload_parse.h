// An upload's JSON taken apart in one pass, without copying: every value keeps its own text, because
// that is what the store holds. The whole body is checked as it is read, so that no broken value
// can reach the store. Built on simdjson (On-Demand), for speed; duplicate keys: the last one counts.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace belay::api::clevertap {

struct UploadValue {
  enum class Kind : std::uint8_t { absent, null, boolean, number, text, list, object };
  Kind kind = Kind::absent;
  bool nested = false;    // list: an element is a list or an object; object: a value is
  std::string_view json;  // as it was sent
  std::string_view text;  // kind text: decoded
};

struct UploadProperty {
  std::string_view key;
  UploadValue value;
};

// One element of "d". `data` is profileData, evtData or tokenData, whichever it has.
struct UploadPiece {
  std::string_view json;
  bool is_object = false;
  UploadValue type, identity, object_id, fb_id, gp_id, ts, event_name;
  UploadValue data;
  std::uint32_t first_property = 0, property_count = 0;  // of `data`, in UploadBody::properties
};

// Views go into the body and into the parser's buffer; both live as long as this does.
class UploadBody {
 public:
  static constexpr std::size_t most_records = 1000;

  // The error is a sentence for the sender.
  static Result<UploadBody, std::string> parse(std::string body);
  ~UploadBody();
  UploadBody(UploadBody&&) noexcept;
  UploadBody& operator=(UploadBody&&) noexcept;

  const std::vector<UploadPiece>& pieces() const;
  // The properties of a piece's data.
  std::vector<UploadProperty>::const_iterator begin_of(const UploadPiece& piece) const;
  std::vector<UploadProperty>::const_iterator end_of(const UploadPiece& piece) const;

 private:
  struct State;
  explicit UploadBody(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace belay::api::clevertap
