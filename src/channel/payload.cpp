#include "channel/payload.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/json.h"
#include "campaign/schedule.h"

namespace belay::channel {
namespace {

Seconds life_left(const Ttl& ttl, WallTime now) {
  if (ttl.lasting) return std::min(*ttl.lasting, max_ttl);
  const auto left = std::chrono::floor<Seconds>(ttl.until.value_or(now) - now);
  return std::clamp(left, Seconds{0}, max_ttl);
}

void append_number(std::string& out, std::int64_t n) {
  fmt::format_to(std::back_inserter(out), "{}", n);
}

void fill(Hole hole, const Recipient& who, content::Properties& profile, WallTime now, const Ttl& ttl,
          std::string& out) {
  switch (hole) {
    case Hole::token:
      return append_json_escaped(out, who.token);
    case Hole::identity:
      return append_json_escaped(out, who.identity);
    case Hole::object_id:
      return append_json_escaped(out, who.object_id);
    case Hole::email: {
      const auto email = profile.find("Email");
      if (email.kind == content::RawValue::Kind::text) out += email.json;  // escaped already
      return;
    }
    case Hole::profile:
      out += who.properties.empty() ? std::string_view("{}") : who.properties;
      return;
    case Hole::seconds_to_live:
      return append_number(out, life_left(ttl, now).count());
    case Hole::expiry:
      return append_number(out, to_epoch_seconds(now + life_left(ttl, now)));
  }
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string out = "\"";
  append_json_escaped(out, text);
  return out + "\"";
}

bool Payload::render(const Recipient& who, WallTime now, const Ttl& ttl, std::string& out) const {
  const std::size_t before = out.size();
  content::Properties profile(who.properties);
  for (const auto& piece : pieces_) {
    if (const auto* json = std::get_if<std::string>(&piece)) {
      out += *json;
    } else if (const auto* hole = std::get_if<Hole>(&piece)) {
      fill(*hole, who, profile, now, ttl, out);
    } else if (!std::get<content::Template>(piece).render(profile, out, content::Escape::json, content::max_rendered,
                                                             now)) {
      out.resize(before);
      return false;
    }
  }
  return true;
}

void PayloadBuilder::constant(std::string_view json) {
  auto& pieces = payload_.pieces_;
  if (pieces.empty() || !std::holds_alternative<std::string>(pieces.back()))
    pieces.emplace_back(std::string());
  std::get<std::string>(pieces.back()) += json;
}

void PayloadBuilder::open(std::string_view key) {
  levels_.push_back({std::string(key), false, false});
}

void PayloadBuilder::close() {
  CHECK(levels_.size() > 1);
  if (levels_.back().written) constant("}");
  levels_.pop_back();
}

// Opens what was waiting for its first member, then writes the member's key.
void PayloadBuilder::key(std::string_view name) {
  if (!std::exchange(begun_, true)) constant("{");
  Level* parent = nullptr;
  for (Level& level : levels_) {
    if (!level.written) {
      if (std::exchange(parent->members, true)) constant(",");
      constant(json_text(level.key) + ":{");
      level.written = true;
    }
    parent = &level;
  }
  if (std::exchange(parent->members, true)) constant(",");
  constant(json_text(name) + ":");
}

void PayloadBuilder::raw(std::string_view name, std::string_view json) {
  key(name);
  constant(json);
}

void PayloadBuilder::text(std::string_view name, std::string_view text) {
  raw(name, json_text(text));
}

void PayloadBuilder::hole(std::string_view name, Hole hole, std::string_view before, std::string_view after) {
  key(name);
  constant(before);
  payload_.pieces_.emplace_back(hole);
  if (!after.empty()) constant(after);
}

Result<void, Error> PayloadBuilder::templated(std::string_view name, std::string_view text,
                                              std::string_view what) {
  auto compiled = content::Template::parse(text);
  if (!compiled) {
    const auto code = compiled.error().code == content::Code::unsupported ? Code::unsupported : Code::invalid;
    return fail(code, fmt::format("{}: {}", what, compiled.error().text));
  }
  if (compiled->constant()) {
    if (text.size() > content::max_rendered)
      return fail(Code::invalid, fmt::format("{} is longer than {} bytes", what, content::max_rendered));
    this->text(name, text);
    return {};
  }
  key(name);
  constant("\"");
  payload_.pieces_.emplace_back(std::move(*compiled));
  constant("\"");
  return {};
}

Payload PayloadBuilder::finish() {
  CHECK(levels_.size() == 1);
  constant(begun_ ? "}" : "{}");
  return std::move(payload_);
}

}  // namespace belay::channel
