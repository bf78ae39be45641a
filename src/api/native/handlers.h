// The native API's handlers. Each runs on its route's lane; see route.h.
#pragma once
#include "api/native/run_reading.h"
#include "api/route.h"

namespace belay::api {

// campaigns.cpp
void list_campaigns(Call call, Answer answer);
void show_campaign(Call call, Answer answer);
// recipients.cpp; `slots` bounds how many exports hold a run's account in memory at once
void list_recipients(Call call, Answer answer, const std::shared_ptr<ExportSlots>& slots);
// events.cpp
void watch_campaign(Call call, Answer answer);
// stops.cpp
void create_stop(Call call, Answer answer);
void list_stops(Call call, Answer answer);
void show_stop(Call call, Answer answer);
void list_latches(Call call, Answer answer);
void release_latch(Call call, Answer answer);

// admin_accounts.cpp
void list_accounts(Call call, Answer answer);
void put_account(Call call, Answer answer);
void remove_account(Call call, Answer answer);
void list_passcodes(Call call, Answer answer);
void add_passcode(Call call, Answer answer);
void remove_passcode(Call call, Answer answer);
// admin_providers.cpp
void list_providers(Call call, Answer answer);
void put_provider(Call call, Answer answer);
void remove_provider(Call call, Answer answer);

}  // namespace belay::api
