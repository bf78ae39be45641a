// The native API's handlers. Each runs on its route's lane; see route.h.
#pragma once
#include "api/native/run_reading.h"
#include "api/route.h"

namespace belay::api {

struct Watching;  // watching.h

// campaign_list.cpp
void list_campaigns(Call call, Answer answer);
// campaigns.cpp
void show_campaign(Call call, Answer answer);
// recipients.cpp; `slots` bounds how many exports hold a run's account in memory at once
void list_recipients(Call call, Answer answer, const std::shared_ptr<ExportSlots>& slots);
// events.cpp
void watch_campaign(Call call, Answer answer);
// watch_campaigns.cpp; `watching` bounds how many streams there are at once
void watch_campaigns(Call call, Answer answer, const Watching& watching);
// course.cpp, timeline.cpp
void show_course(Call call, Answer answer);
void show_timeline(Call call, Answer answer);
// error_groups.cpp; `slots` as for recipients
void list_errors(Call call, Answer answer, const std::shared_ptr<ExportSlots>& slots);
// drafts.cpp
void list_drafts(Call call, Answer answer);
void show_draft(Call call, Answer answer);
void put_draft(Call call, Answer answer);
void remove_draft(Call call, Answer answer);
// settings.cpp
void show_settings(Call call, Answer answer);
void put_settings(Call call, Answer answer);
// audiences.cpp
void list_properties(Call call, Answer answer);
void estimate_audience(Call call, Answer answer);
void explain_audience(Call call, Answer answer);
// schedule_preview.cpp
void preview_schedule(Call call, Answer answer);
// segments.cpp
void list_segments(Call call, Answer answer);
void add_segment(Call call, Answer answer);
void show_segment(Call call, Answer answer);
void put_segment(Call call, Answer answer);
void remove_segment(Call call, Answer answer);
// render_content.cpp
void render_content(Call call, Answer answer);
// pauses.cpp
void pause_campaign(Call call, Answer answer);
void resume_campaign(Call call, Answer answer);
// follow_ups.cpp
void continue_campaign(Call call, Answer answer);
void correct_campaign(Call call, Answer answer);
// stops.cpp
void create_stop(Call call, Answer answer);
void list_stops(Call call, Answer answer);
void show_stop(Call call, Answer answer);
void list_latches(Call call, Answer answer);
void release_latch(Call call, Answer answer);
// stop_preview.cpp, stop_changes.cpp
void preview_stop(Call call, Answer answer);
void give_stop_reason(Call call, Answer answer);

// webhooks.cpp
void add_webhook(Call call, Answer answer);
void list_webhooks(Call call, Answer answer);
void remove_webhook(Call call, Answer answer);
void list_deliveries(Call call, Answer answer);
void resend_delivery(Call call, Answer answer);
// audit.cpp
void list_audit(Call call, Answer answer);
void show_audit_head(Call call, Answer answer);
void verify_audit(Call call, Answer answer);

// admin_accounts.cpp
void list_accounts(Call call, Answer answer);
void put_account(Call call, Answer answer);
void remove_account(Call call, Answer answer);
void list_passcodes(Call call, Answer answer);
void add_passcode(Call call, Answer answer);
void remove_passcode(Call call, Answer answer);
void show_guardrails(Call call, Answer answer);
void put_guardrails(Call call, Answer answer);
void show_reach_rules(Call call, Answer answer);
void put_reach_rules(Call call, Answer answer);
// admin_providers.cpp
void list_providers(Call call, Answer answer);
void put_provider(Call call, Answer answer);
void remove_provider(Call call, Answer answer);
// provider_trial.cpp; `slots` bounds how many wait for a provider at once
void test_provider(Call call, Answer answer, const std::shared_ptr<ExportSlots>& slots);

}  // namespace belay::api
