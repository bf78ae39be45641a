#include "app/words.h"

#include <fmt/format.h>

namespace belay::app {
namespace {

// Bytes that begin a character: enough for names in Latin script and most others.
std::size_t width(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return n;
}

bool is_number(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789,.-") == std::string_view::npos;
}

}  // namespace

std::string thousands(std::int64_t n) {
  std::string digits = fmt::format("{}", n);
  const std::size_t first = n < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string in_words(Micros duration) {
  const auto us = duration.count();
  if (us < 1'000) return fmt::format("{} us", us);
  if (us < 10'000) return fmt::format("{:.1f} ms", static_cast<double>(us) / 1e3);
  if (us < 1'000'000) return fmt::format("{} ms", us / 1'000);
  return fmt::format("{:.1f} s", static_cast<double>(us) / 1e6);
}

std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", thousands(n), n == 1 ? one : many);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c == widths.size()) widths.push_back(0);
      widths[c] = std::max(widths[c], width(row[c]));
    }
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const std::string& cell = rows[r][c];
      const std::string blanks(widths[c] - width(cell), ' ');
      const bool right =
          r == 0 ? rows.size() > 1 && c < rows[1].size() && is_number(rows[1][c]) : is_number(cell);
      line += (c == 0 ? "" : "  ") + (right ? blanks + cell : cell + blanks);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace belay::app
