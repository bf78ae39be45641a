#include "audience/query.h"

#include "audience/node.h"

namespace belay::audience {

std::size_t IdList::size() const {
  return identity.size() + object_id.size() + email.size() + fb_id.size() + gp_id.size();
}

Query Query::property_is_any_of(std::string name, const std::vector<std::string>& values) {
  FieldTest test;
  test.name = std::move(name);
  for (const std::string& value : values) test.add(value, std::nullopt, std::nullopt, true);
  Query query;
  query.root_ = std::make_shared<const Node>(Node{std::move(test)});
  return query;
}

bool Query::everybody() const {
  return !root_ && !ids_;
}

bool Query::matches(content::Properties& profile) const {
  if (root_) return root_->holds(profile);
  return !ids_;
}

bool Query::matches(std::string_view properties_json) const {
  content::Properties profile(properties_json);
  return matches(profile);
}

}  // namespace belay::audience
