#include "api/clevertap/named_people.h"

#include <algorithm>
#include <iterator>

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_people = 1000, most_id_bytes = 512;

std::unexpected<Refusal> refuse(std::string text) {
  return std::unexpected(Refusal{std::move(text)});
}

}  // namespace

Checked<audience::IdList> read_named_people(const json::object& request, std::span<const NameKey> keys,
                                            const NameWords& words) {
  const json::value* to = member(request, "to");
  if (!to || !to->is_object()) return refuse(fmt::format("to is required: an object with {}", words.wanted));
  audience::IdList people;
  for (const auto& [key, value] : to->get_object()) {
    const std::string_view name(key.data(), key.size());
    const auto row = std::ranges::find(keys, name, &NameKey::key);
    if (row == keys.end()) return refuse(fmt::format("to.{} is not known: {} are", name, words.known));
    auto ids = texts(to->get_object(), name, most_people, most_id_bytes);
    if (!ids) return refuse("to." + ids.error());
    auto& into = people.*(row->ids);
    into.insert(into.end(), std::make_move_iterator(ids->begin()), std::make_move_iterator(ids->end()));
  }
  if (people.size() == 0) return refuse("to names nobody");
  if (people.size() > most_people)
    return refuse(fmt::format("to must not name more than {} people, and names {}", most_people, people.size()));
  return people;
}

}  // namespace belay::api::clevertap
