// A person as the reading endpoints answer them (contract 5.2): what was uploaded, and their devices.
#pragma once
#include <string>
#include <string_view>

#include "api/services.h"
#include "store/people.h"

namespace belay::api::clevertap {

struct PersonRow {
  ProfileId id;
  std::string_view identity, object_id, properties;
};

std::string_view platform_word(Platform platform);  // "iOS", as the vendor spells it

// "email":…,"identity":…,"profileData":{…} as members of an object, what there is of them.
std::string person_members(const PersonRow& person);
// [{"platform":…,"push_token":…,"objectId":…}, …]
store::Result<std::string> platform_info(Worker& worker, AccountId account, ProfileId profile);

}  // namespace belay::api::clevertap
