// A page of an export as it is answered; the store is read for no more than the page. For a worker's thread.
#pragma once
#include "api/clevertap/exports.h"

namespace belay::api::clevertap {

// More bytes than this end a page early.
inline constexpr std::size_t most_page_bytes = 16u << 20;

net::HttpReply event_page(Call& call, const Home& home, const Exports::Place& place);
net::HttpReply profile_page(Call& call, const Exports::Place& place);

}  // namespace belay::api::clevertap
