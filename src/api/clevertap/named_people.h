// "to" of the requests that name people one by one: /1/send/….json and external triggers. Each spells the kinds of
// names in its own way (contract 3.7, 4.5).
#pragma once
#include <span>

#include "api/clevertap/draft.h"

namespace belay::api::clevertap {

struct NameKey {
  std::string_view key;
  std::vector<std::string> audience::IdList::*ids;
};

// The keys in words, for refusals.
struct NameWords {
  std::string_view wanted;  // "to is required: an object with …"
  std::string_view known;   // "… are" known
};

// At most 1000 people, at least one. Pure.
Checked<audience::IdList> read_named_people(const json::object& request, std::span<const NameKey> keys,
                                            const NameWords& words);

}  // namespace belay::api::clevertap
