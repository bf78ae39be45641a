// What can go wrong in a store. The text names the file or row and says what to do where it can.
#pragma once
#include "base/result.h"

namespace belay::store {

enum class Code {
  not_found,  // no such row, or one of another account: not told apart
  conflict,   // exists already, or the row is not in the state the caller took for granted
  fenced,     // the epoch or cursor has moved on: drop the work, do not retry
  latched,    // a latch forbids it
  full,       // no space left, or a quota
  io,         // the medium failed
  damaged,    // what is stored can't be understood
  busy,       // somebody else holds the data folder or the lock for too long
};

using Error = ErrorOf<Code>;
template <class T>
using Result = belay::Result<T, Error>;

}  // namespace belay::store
