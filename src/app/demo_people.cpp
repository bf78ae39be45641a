#include "app/demo_people.h"

#include <array>

namespace belay::app {
namespace {

constexpr std::uint32_t batch = 5'000;

constexpr std::array<std::string_view, 40> names{
    "Aarav", "Aditi",  "Akash",   "Amrita", "Ananya", "Arjun", "Bhavna",  "Chetan", "Deepa",   "Dev",
    "Divya", "Farhan", "Gauri",   "Harish", "Isha",   "Jaya",  "Kabir",   "Kavya",  "Lakshmi", "Manish",
    "Meera", "Mohan",  "Nandini", "Neha",   "Nikhil", "Pooja", "Prakash", "Priya",  "Rahul",   "Riya",
    "Rohan", "Sanjay", "Shreya",  "Sunita", "Tanvi",  "Tara",  "Varun",   "Vikram", "Yash",    "Zoya"};
constexpr std::array<std::string_view, 12> cities{"Mumbai",  "Delhi",   "Bengaluru", "Hyderabad",
                                                  "Chennai", "Kolkata", "Pune",      "Jaipur",
                                                  "Lucknow", "Surat",   "Kochi",     "Indore"};
constexpr std::array<std::string_view, 4> plans{"free", "free", "silver", "gold"};

// Spreads neighbouring numbers (SplitMix64's last step), so that people look unlike each other.
std::uint64_t mixed(std::uint64_t n) {
  n = (n + 1) * 0x9e3779b97f4a7c15ull;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ull;
  n = (n ^ (n >> 27)) * 0x94d049bb133111ebull;
  return n ^ (n >> 31);
}

struct Person {
  std::string identity, object_id, token, name, city, plan, email;
  std::array<std::pair<std::string_view, std::string_view>, 4> properties;

  explicit Person(std::uint32_t n) {
    const std::uint64_t bits = mixed(n);
    const std::string_view first = names[bits % names.size()];
    identity = fmt::format("demo-{:06}", n);
    object_id = fmt::format("device-{:06}", n);
    token = fmt::format("demo:{:016x}{:016x}", bits, mixed(bits));
    // Every hundredth has told nobody a name: the template's default is for them.
    name = n % 100 == 0 ? "null" : fmt::format("\"{}\"", first);
    city = fmt::format("\"{}\"", cities[(bits >> 8) % cities.size()]);
    plan = fmt::format("\"{}\"", plans[(bits >> 16) % plans.size()]);
    email = fmt::format("\"{}.{:06}@example.com\"", first, n);
    properties = {{{"Name", name}, {"City", city}, {"Plan", plan}, {"Email", email}}};
  }
};

}  // namespace

store::Result<void> write_demo_people(store::ProfileSession& profiles, AccountId account, std::uint32_t count,
                                      WallTime now, const std::function<void(std::uint32_t)>& progress) {
  for (std::uint32_t from = 0; from < count; from += batch) {
    const std::uint32_t to = std::min(count, from + batch);
    std::vector<std::unique_ptr<Person>> people;  // the records are views into them
    std::vector<store::UploadRecord> records;
    records.reserve(2 * batch);
    for (std::uint32_t n = from; n < to; ++n) {
      const Person& p = *people.emplace_back(std::make_unique<Person>(n + 1));
      records.push_back(
          store::ProfileWrite{{store::IdentityKind::identity, p.identity}, p.object_id, p.properties, now});
      records.push_back(store::AddressWrite{p.object_id, Platform::android, p.token, ""});
    }
    TRY(profiles.apply(account, records));
    progress(to);
  }
  return {};
}

}  // namespace belay::app
