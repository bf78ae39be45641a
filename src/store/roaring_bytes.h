// Whether bytes are a well-formed 32-bit Roaring bitmap in the portable format, as described in
// https://github.com/RoaringBitmap/RoaringFormatSpec: every length inside the bytes, keys and values
// ascending, cardinalities true, nothing left over. Pure.
#pragma once
#include <string_view>

namespace belay::store {

bool is_roaring(std::string_view bytes);

}  // namespace belay::store
