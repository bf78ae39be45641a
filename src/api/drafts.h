// How much of drafts an account may keep: whoever writes one, a page or a program.
#pragma once
#include <cstddef>
#include <cstdint>

namespace belay::api {

inline constexpr std::size_t most_draft_bytes = 64 * 1024;
inline constexpr std::uint32_t most_drafts = 100;

}  // namespace belay::api
