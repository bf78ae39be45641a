// What a benchmark can't go on without: the value, or the end of the program with the store's own words.
#pragma once
#include <cstdlib>
#include <iostream>

#include "store/errors.h"

namespace belay::store {

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::cerr << result.error().text << '\n';
    std::exit(2);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace belay::store
