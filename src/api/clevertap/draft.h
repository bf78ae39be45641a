// POST /1/targets/create.json as values: everything that the request says, checked, before anything is
// looked up or stored. Pure. What is documented, would change who gets a message or when, and is not
// there yet is refused by name; keys that nobody documents are left alone (contract 3.1).
#pragma once
#include <functional>
#include <string>

#include "api/clevertap/body.h"
#include "audience/query.h"
#include "campaign/campaign.h"
#include "campaign/schedule.h"
#include "store/segments.h"

namespace belay::api::clevertap {

struct Refusal {
  std::string text;
  int code = 400;  // the application code where one is recorded; the HTTP status is 400
};
template <class T>
using Checked = Result<T, Refusal>;

struct Draft {
  Definition definition;
  audience::Query query;
  Schedule schedule;
  std::string provider_nick_name;  // "" for the only one there is
  bool estimate_only = false, skip_estimate = false;
  bool only_kept = false;  // "draft": true
};

// The where of a saved segment, as JSON text; a refusal where there is none of that id.
using SegmentLookup = std::function<Checked<std::string>(SegmentId)>;

// Without `segments` no request can name one.
Checked<Draft> read_draft(const json::object& request, const TimeZone& zone, WallTime now,
                          const SegmentLookup& segments = {});

// "content" of a push, with title, body and platform_specific also at the top level as old clients
// send them (contract 3.1, 3.4). Shared with send/push.json.
Checked<PushContent> read_push_content(const json::object& request);

// The content of a request for definition.channel, into the definition. Shared with corrections.
Checked<void> read_content(const json::object& request, Definition& definition);

inline constexpr std::size_t most_name_bytes = 512, most_nick_name_bytes = 120, most_text_bytes = 4096;

}  // namespace belay::api::clevertap
