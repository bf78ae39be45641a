// The key "past_due" of native requests. Pure.
#pragma once
#include "api/native/requests.h"

namespace belay::api {

inline Asked<store::PastDue> past_due_of(const json::object& body) {
  auto word = text_of(body, "past_due", 20);
  if (!word) return std::unexpected(std::move(word.error()));
  if (word->empty()) return store::PastDue::grace;
  if (*word == "send") return store::PastDue::send;
  if (*word == "miss") return store::PastDue::miss;
  return invalid("\"past_due\" is \"send\" or \"miss\"; without it the campaign's grace decides");
}

}  // namespace belay::api
