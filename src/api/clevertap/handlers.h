// The handlers of CleverTap's API, one file an endpoint; the table that names them is routes.cpp.
// Each runs on its route's lane and answers once. Wire facts: contract/clevertap.md, by section.
#pragma once
#include <vector>

#include "api/route.h"

namespace belay::api::clevertap {

void upload(Call call, Answer answer);           // 5.1
void create_campaign(Call call, Answer answer);  // 3.1
void estimate_campaign(Call call, Answer answer);
void stop_campaign(Call call, Answer answer);    // 1
void list_campaigns(Call call, Answer answer);   // 4.1
void campaign_result(Call call, Answer answer);  // 4.2
void message_reports(Call call, Answer answer);  // 4.3
void send_push(Call call, Answer answer);        // 3.7
std::vector<Route> send_routes();                // 3.7: the other modes
void connect(Call call, Answer answer);          // 2.2
void read_profile(Call call, Answer answer);     // 5.2
void delete_profiles(Call call, Answer answer);  // 5.3
void demerge_profiles(Call call, Answer answer);
void subscribe(Call call, Answer answer);
void disassociate(Call call, Answer answer);
void list_segments(Call call, Answer answer);    // 5.3
void get_segment(Call call, Answer answer);      // 5.3

void external_trigger(Call call, Answer answer);   // 4.5, one campaign
void external_triggers(Call call, Answer answer);  // 4.5, several
void make_trigger(Call call, Answer answer);       // POST /api/v1/triggers

std::vector<Route> count_routes();   // 5.2: counts, top, trends, now
std::vector<Route> export_routes();  // 5.2: events.json, profiles.json

}  // namespace belay::api::clevertap
