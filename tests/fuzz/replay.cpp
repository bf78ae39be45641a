// fuzz_replay TARGET FOLDER: gives the target every file of its corpus. Ends well, or not at all.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

struct Target {
  std::string_view name;
  int (*run)(const std::uint8_t*, std::size_t);
};
#include "targets.inc"

namespace {

int replay(const Target& target, const std::filesystem::path& folder) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::printf("%s\n", entry.path().c_str());
    std::fflush(stdout);  // the last line names the input that broke it
    target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++inputs;
  }
  std::printf("%d inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  if (count == 3)
    for (const Target& target : targets)
      if (target.name == words[1]) return replay(target, words[2]);
  std::fprintf(stderr, "usage: fuzz_replay TARGET FOLDER\n");
  return 2;
}
