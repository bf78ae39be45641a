// A damaged database file: belay.db of a new store with bytes of the input written over it, at the places it
// names. Opened and read, or refused; never believed without looking.
#include <filesystem>
#include <fstream>

#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"
#include "store/store.h"

namespace {

using namespace belay::store;

// A new store's database, whole.
std::string new_database() {
  const TempFolder folder;
  (void)open_sqlite(folder.path());
  std::ifstream file(folder.path() + "/belay.db", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Runs of: place (two bytes, times 8), length (one byte), bytes.
std::string damaged(std::string database, std::string_view input) {
  while (input.size() > 3) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
    const std::size_t place = (byte(0) << 8 | byte(1)) * 8 % database.size();
    const std::size_t length = std::min<std::size_t>({byte(2), input.size() - 3, database.size() - place});
    database.replace(place, length, input.substr(3, length));
    input.remove_prefix(3 + length);
  }
  return database;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string whole = new_database();
  const TempFolder folder;
  std::ofstream(folder.path() + "/belay.db", std::ios::binary)
      << damaged(whole, {reinterpret_cast<const char*>(data), size});
  const auto store = open_sqlite(folder.path());
  if (!store) return 0;
  auto session = (*store)->control(Lane::ordinary);
  if (!session) return 0;
  (void)(*session)->accounts();
  (void)(*session)->campaigns({});
  (void)(*session)->due(belay::wall_from_micros(1), 10);
  (void)(*session)->unsettled();
  return 0;
}
