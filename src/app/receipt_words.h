// A receipt for people, from the JSON that the API gives. Pure.
#pragma once
#include <string>

#include "base/json.h"

namespace belay::app {

// What a stop just did, in two or three lines. `repeated`: it had been done before.
std::string stop_in_words(const json::object& receipt, bool repeated);
// What it would do.
std::string preview_in_words(const json::object& receipt);
// The whole receipt, a line each number.
std::string receipt_in_words(const json::object& receipt);
std::string scope_in_words(const json::object& receipt);  // `campaign 1457432766`, `label "diwali"`

}  // namespace belay::app
