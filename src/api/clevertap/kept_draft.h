// The answer to "draft": true. Blocks on the store.
#pragma once
#include "api/clevertap/draft.h"
#include "api/route.h"

namespace belay::api::clevertap {

// Keeps the request of a definition that has been checked; the answer names the draft.
net::HttpReply keep_draft(Call& call, json::object request, const Definition& definition);

}  // namespace belay::api::clevertap
