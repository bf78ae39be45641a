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

bool Query::asks_events() const {
  bool any = false;
  if (root_) each_of<EventTest>(*root_, [&](const EventTest&) { any = true; });
  return any;
}

bool Query::asks_devices() const {
  bool any = false;
  if (root_) each_of<DeviceTest>(*root_, [&](const DeviceTest&) { any = true; });
  return any;
}

bool Query::matches(const Person& person) const {
  if (root_) return root_->holds(person);
  return !ids_;
}

bool Query::matches(content::Properties& profile) const {
  return matches(Person{profile, ProfileId{}});
}

bool Query::matches(std::string_view properties_json) const {
  content::Properties profile(properties_json);
  return matches(profile);
}

}  // namespace belay::audience
