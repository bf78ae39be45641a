// verdicts FILE...: what the strict parser makes of each file, a line each: "accepted", a tab and the value
// written again, or "refused", a tab and why.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json.h"

int main(int count, char** files) {
  for (int i = 1; i < count; ++i) {
    std::ifstream file(files[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) return 1;
    const auto value = belay::parse_json(text);
    std::printf("%s\t%s\n", value ? "accepted" : "refused",
                value ? belay::to_text(*value).c_str() : value.error().c_str());
  }
}
