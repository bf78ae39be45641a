// How the command line says things to people. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace belay::app {

std::string thousands(std::int64_t n);  // 41278 -> "41,278"
std::string in_words(Micros duration);  // "3 ms", "2.4 s", "800 us"
std::string counted(std::int64_t n, std::string_view one,
                    std::string_view many);  // "1 campaign", "2 campaigns"

// Columns as wide as their widest cell, two blanks apart; the first row is the heading. Cells that
// hold a number are set to the right.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace belay::app
