// CHECK(condition): our own bug, so the process ends at once with file and line. Stays on in
// release builds; a crash is safe because intents are durable before anything leaves. The world's
// faults (bad input, full disk, lost peer) are returned as values instead, never CHECKed.
#pragma once

namespace belay {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition)                             \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? void(0)                                     \
       : ::belay::check_failed(#condition, __FILE__, __LINE__))
