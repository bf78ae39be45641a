// The Store port. A Store is one data folder (or one database); work goes through sessions, of which
// each belongs to one thread at a time. Everything here blocks on the medium and must not be called
// on a sender loop.
//
// Durability: when a call that writes returns success, its effect survives a crash and a power loss,
// as one transaction. When it returns an error, nothing of it happened, with one exception that
// callers must live with: Code::io may mean "not known".
//
// Priority: commits of a ControlSession opened with Lane::brake go ahead of every other writer that
// is waiting, and no other writer holds the store for more than a few milliseconds at a time.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "campaign/audit.h"
#include "campaign/campaign.h"
#include "campaign/course.h"
#include "campaign/engagement.h"
#include "campaign/outcome.h"
#include "campaign/stop.h"
#include "campaign/tally.h"
#include "store/audience_set.h"
#include "store/campaign_list.h"
#include "store/errors.h"

namespace belay::store {

// ---- accounts and providers -------------------------------------------------------------------

struct Account {
  AccountId id;
  std::string key;        // "TEST-123-4567"
  std::string time_zone;  // IANA name
  std::string region;
};

struct Passcode {
  AccountId account;
  std::string hash;    // keyed_hash of the passcode; the key is not in the store
  std::string prefix;  // first characters, so that people can tell them apart: "QWE…"
  WallTime created{};
};

struct Provider {
  ProviderId id;
  AccountId account;
  std::string nick_name;
  Channel channel = Channel::push;
  std::string kind;  // "fcm", "webhook"
  std::string url;
  std::string service_account;  // path of a file; "" for none
  std::string ca_file;
  std::string http_version;  // "", "1.1", "2"
  std::uint32_t max_per_second = 0;
};

// ---- campaigns --------------------------------------------------------------------------------

struct CampaignFilter {
  AccountId account;  // none: every account (operator)
  std::optional<State> state;
  std::string label;                            // "" any
  CampaignId series;                            // only its runs; none: any
  bool runs = true;                             // false: no run of a series, only what somebody made
  std::optional<WallTime> due_from, due_until;  // inclusive
  std::optional<CampaignId> before;             // paging: ids below this one
  std::uint32_t limit = 100;                    // newest (highest id) first
};

// A campaign moved by the scheduler or the runner. Conditional: fails with Code::fenced unless the
// campaign is in `from` with that epoch, and with Code::latched when `to` starts it (planning) under a latch.
struct Transition {
  CampaignId campaign;
  State from, to;
  Epoch epoch;
  WallTime at;
  std::string reason;
};

// ---- series -------------------------------------------------------------------------------------

// A series whose next occurrence has come due.
struct Firing {
  CampaignId series;
  Epoch epoch;
  std::int64_t occurrence = 0;  // its next one, as it was seen: Code::fenced if another was quicker
  WallTime now{};
};

// ---- stop ---------------------------------------------------------------------------------------

// Evidence the loops gave with their answers: entries the journal may not have yet.
struct StopEvidence {
  CampaignId campaign;
  RunId run;          // none: not planned, Code::conflict if it has been meanwhile
  std::string block;  // packed entries, may be ""
  Receipt receipt;    // as answered
};

struct StopWrite {
  Scope scope;
  std::string actor, reason;
  WallTime at{};
  bool latch = false;
  // Campaigns to stop: every one of them that is not final becomes stopped with epoch + 1. Of final
  // ones only the receipt is kept. Campaigns of the scope that came into being since the caller
  // looked must be stopped as well: see ControlSession::stop.
  std::vector<StopEvidence> campaigns;
};

// ---- pause ----------------------------------------------------------------------------------------

// Like a stop of one campaign that can be taken back. Who was admitted and is not in the evidence (nor in
// the journal) has not left.
struct PauseWrite {
  CampaignId campaign;
  Epoch epoch;        // the campaign's when the loops were asked
  RunId run;          // none: not planned
  std::string block;  // packed entries, may be ""
  HandOverSpan span;
  std::uint64_t attempts = 0;
  std::string actor, reason;
  WallTime at{};
  bool with_series = false;  // a run that is paused because its series is: resumed with it
};

// What becomes of a campaign that is resumed before its audience was frozen, and whose time has passed.
enum class PastDue : std::uint8_t {
  grace,  // as the schedule does: it starts within its grace, else it is missed
  send,   // it starts now
  miss,   // it is missed
};

struct ResumeWrite {
  CampaignId campaign;
  Epoch epoch;        // Code::fenced unless it is paused in this epoch
  RunId run;          // none: not planned
  std::string block;  // what the pause left open: see RunAccount::unsent
  PastDue past_due = PastDue::grace;
  std::string actor;
  WallTime at{};
};

struct AuditFilter {
  AccountId account;           // none: every account, and what is the operator's
  std::string subject;         // "campaign-1457432766"; "" any
  std::int64_t after = 0;      // ids above this one
  std::uint32_t limit = 1000;  // in their order
  bool newest_first = false;   // then `after` is an upper bound: ids below it; 0: none
};

struct StoredDraft {
  AccountId account;
  std::string id;    // chosen by the client
  std::string body;  // JSON text
  WallTime changed{};
};

class NoticeSession;  // store/notices.h
class UserSession;    // store/users.h
class IndexSession;   // store/index.h

class ControlSession {
 public:
  virtual ~ControlSession() = default;

  // Who acts from now on, and when: for the audit trail, in calls that do not say it themselves. At first it
  // is "belay", at the time of what is done.
  virtual void as(std::string actor, WallTime at) = 0;
  // The audit trail. Every act below that changes something leaves its rows in its own transaction.
  virtual Result<std::vector<AuditEntry>> audit(const AuditFilter& filter) = 0;

  virtual Result<Account> put_account(const Account& account) = 0;  // by key: creates or updates; id assigned
  virtual Result<std::vector<Account>> accounts() = 0;
  // Code::conflict while it has unfinished campaigns. Its profiles go, bit by bit, in tidy_up(); its
  // campaigns, stops and journal stay: what was sent must stay provable.
  virtual Result<void> remove_account(AccountId id) = 0;
  virtual Result<void> put_passcode(const Passcode& passcode) = 0;  // same hash again: no change
  virtual Result<std::vector<Passcode>> passcodes(AccountId account) = 0;
  virtual Result<void> remove_passcode(AccountId account, std::string_view hash) = 0;
  virtual Result<Provider> put_provider(const Provider& provider) = 0;     // by account + nick_name
  virtual Result<std::vector<Provider>> providers(AccountId account) = 0;  // none: all accounts
  virtual Result<Provider> provider(ProviderId id) = 0;
  // Code::conflict while unfinished campaigns go through it.
  virtual Result<void> remove_provider(AccountId account, std::string_view nick_name) = 0;

  // One that is derived: Code::conflict unless its parent (not_found in that account) is over and settled, or
  // when a campaign continues the same people of it already.
  // Creates the campaign in state scheduled. Its id becomes the first free one at or above
  // `campaign.id` (the epoch second; contract 3.2); unique over all accounts. Code::latched names the latch.
  virtual Result<Campaign> create(const Campaign& campaign) = 0;
  virtual Result<Campaign> campaign(AccountId account, CampaignId id) = 0;  // account none: operator
  virtual Result<std::vector<Campaign>> campaigns(const CampaignFilter& filter) = 0;
  // A page of a list, made for many campaigns and for being asked often.
  virtual Result<CampaignPage> search(const CampaignSearch& search) = 0;
  // Those of `ids` that the account has (none: operator), in that order: as a list shows them, and what of
  // them changes.
  virtual Result<std::vector<ListedCampaign>> listed(AccountId account, std::span<const CampaignId> ids) = 0;
  virtual Result<std::vector<CampaignFacts>> facts(AccountId account, std::span<const CampaignId> ids) = 0;
  // Numbers that were folded from a journal that nothing is added to any more, so that no list folds it
  // again. Only of campaigns that are completed or paused, in that epoch; others are left out.
  virtual Result<void> keep_numbers(std::span<const std::pair<Epoch, Receipt>> numbers) = 0;
  // Campaigns in scheduled with due <= now, oldest due first; and the next due time after that.
  virtual Result<std::vector<Campaign>> due(WallTime now, std::uint32_t limit) = 0;
  virtual Result<std::optional<WallTime>> next_due() = 0;
  // Code::conflict for a move that move_table does not know, and for one to stopped: that takes a stop.
  virtual Result<void> move(const Transition& transition) = 0;

  // One transaction: the run of a series' newest occurrence that is due, as a campaign of its own (scheduled,
  // due when the occurrence was), and the series moved on to its next one, or completed after its last.
  // Occurrences between those are left out and recorded: there is never a burst of late runs. Gives back the
  // run. Code::fenced unless the series is scheduled, in that epoch, with that occurrence next.
  virtual Result<Campaign> fire(const Firing& firing) = 0;
  // Runs of a series that were paused with it and are still.
  virtual Result<std::vector<Campaign>> paused_with(CampaignId series) = 0;
  // Runs of a series that are not final.
  virtual Result<std::vector<Campaign>> unfinished_runs(CampaignId series) = 0;

  // One transaction: state paused, epoch + 1, the evidence. Of a paused campaign only the evidence is
  // written. Code::fenced if it has another epoch, or has been planned since; Code::conflict if it is final.
  Result<Campaign> pause(const PauseWrite& write) {
    TRY_ASSIGN(auto all, pause_all({&write, 1}));
    return std::move(all.front());
  }
  // The same for several at once: all or none. Code::fenced also if a series is among them, and not every run
  // of it that could still send.
  virtual Result<std::vector<Campaign>> pause_all(std::span<const PauseWrite> writes) = 0;
  // To running where its audience is frozen, else to scheduled or missed; epoch + 1. Code::latched under a
  // latch, Code::conflict when its time to live is over. A series is never missed: `past_due` is about the
  // newest of the occurrences that passed meanwhile (send: due now), the others are left out.
  virtual Result<Campaign> resume(const ResumeWrite& write) = 0;

  // Campaigns of the scope that are not final, by id.
  virtual Result<std::vector<Campaign>> in_scope(const Scope& scope) = 0;
  // One transaction: the stop record with its receipts, the campaigns' states and epochs, the
  // evidence blocks, the latch. If a campaign of the scope has appeared that `write` does not name,
  // nothing is written and Code::conflict is returned: look again. (For a scope of one campaign that
  // is final already, or a repeat, see stop_of first.)
  virtual Result<StopRecord> stop(const StopWrite& write) = 0;
  // account none: operator. Of a stop that covered several accounts an account sees its own receipts.
  virtual Result<StopRecord> stop(AccountId account, StopId id) = 0;
  virtual Result<std::optional<StopId>> stop_of(
      CampaignId campaign) = 0;  // the stop that ended it (or was first asked of it)
  virtual Result<std::vector<StopRecord>> stops(AccountId account, std::optional<StopId> before,
                                                std::uint32_t limit) = 0;
  // Says afterwards why a stop was: in its record, and with the campaigns that it ended. Numbers stay.
  // Code::not_found as for stop(); Code::conflict for an account that asks for the operator's.
  virtual Result<StopRecord> give_reason(AccountId account, StopId id, std::string_view reason) = 0;
  // Replaces one campaign's numbers in its stop, when verdicts have come in. Code::conflict if
  // handed_over or the audience differ from what was answered, if the tally does not balance, and
  // for other numbers once it is settled.
  virtual Result<void> settle(StopId stop, const Receipt& receipt) = 0;
  virtual Result<std::vector<StopId>> unsettled() = 0;
  // Latency is known only after the commit that it times; recorded without haste.
  virtual Result<void> record_latency(StopId stop, Micros latency) = 0;

  virtual Result<std::vector<Latch>> latches(AccountId account) = 0;  // none: all
  // Code::not_found if not there (or another's). In the same transaction what came due in its scope while it
  // stood, and has not been missed, becomes paused: releasing sends nothing by itself.
  virtual Result<void> release(AccountId account, LatchId latch, WallTime now) = 0;

  // An account's guardrails; none are an empty value.
  virtual Result<void> put_guardrails(AccountId account, const Guardrails& rules) = 0;
  virtual Result<Guardrails> guardrails(AccountId account) = 0;
  // What an account has set for who gets its messages; nothing is an empty value.
  virtual Result<void> put_reach_rules(AccountId account, const ReachRules& rules) = 0;
  virtual Result<ReachRules> reach_rules(AccountId account) = 0;
  // The canary of a campaign has its verdicts, in this epoch of it. The first epoch stays.
  virtual Result<void> reach_canary(CampaignId campaign, Epoch epoch) = 0;
  virtual Result<std::optional<Epoch>> canary_reached(CampaignId campaign) = 0;
  // Recipients that admissions of that day were counted for; campaign none: the whole account.
  virtual Result<std::uint32_t> admitted_on(AccountId account, CampaignId campaign, std::int64_t day) = 0;

  // Drafts of campaigns, as a client keeps them: any JSON. Code::conflict for one more than `most` of an
  // account.
  virtual Result<void> put_draft(const StoredDraft& draft, std::uint32_t most) = 0;  // creates or replaces
  virtual Result<std::vector<StoredDraft>> drafts(AccountId account) = 0;            // last changed first
  virtual Result<StoredDraft> draft(AccountId account, std::string_view id) = 0;
  virtual Result<void> remove_draft(AccountId account, std::string_view id) = 0;

  // Idempotency keys: remembers `reply` for (account, key) unless one is there already; gives back what is
  // remembered. `fingerprint` identifies the request: Code::conflict if the key was used for another one.
  // Kept for at least a day.
  virtual Result<std::optional<std::string>> replay(AccountId account, std::string_view key,
                                                    std::string_view fingerprint) = 0;
  virtual Result<void> remember(AccountId account, std::string_view key, std::string_view fingerprint,
                                std::string_view reply, WallTime at) = 0;
};

// ---- journal: runs, slices, admissions, outcomes --------------------------------------------------

struct Slice {
  SliceNo no;
  Ordinal begin = 0, end = 0;
  Ordinal cursor = 0;  // [begin, cursor) has been admitted
  Departure departs;   // not before that, or never; at the epoch: with the run
  std::string zone;    // where its recipients are; "": nobody asked
};

// Recipients of one zone who depart together. An audience is cut into them before it is cut into slices.
struct Wave {
  std::uint32_t recipients = 0;
  Departure departs;
  std::string zone;
};

struct Run {
  RunId id;
  CampaignId campaign;
  AccountId account;
  RecipientKind kind = RecipientKind::address;
  std::uint32_t audience = 0;
  WallTime planned{};
  std::vector<Slice> slices;
};

// Moves one slice's cursor from `from` to `to`: from then on those recipients may be sent to.
struct Admission {
  RunId run;
  CampaignId campaign;
  Epoch epoch;  // refused (fenced) unless it is the campaign's present epoch and the campaign is running
  SliceNo slice;
  Ordinal from = 0, to = 0;
  std::int64_t day = 0;  // the local day (yyyymmdd) they are counted on, or 0; see admitted_on()
  std::string block;     // entries that are written if it is not refused: nothing leaves for these recipients
};

// Permission for further attempts, fenced in the same way. `block` holds Entry::readmitted.
struct Readmission {
  RunId run;
  CampaignId campaign;
  Epoch epoch;
  std::string block;
};

struct Block {
  RunId run;
  std::string packed;
};

// Numbers of a run as of this commit, for quick answers after a restart.
struct Progress {
  RunId run;
  HandOverSpan span;
  std::uint64_t attempts = 0;
};

// A point of the run's course (campaign/course.h).
struct CourseWrite {
  RunId run;
  CourseSlot slot;
  bool thin = false;  // the slots have become wider
  CoursePoint point;
};

struct GroupCommit {
  WallTime at{};  // kept with each of its blocks
  std::vector<Admission> admissions;
  std::vector<Readmission> readmissions;
  std::vector<Block> blocks;  // never fenced: what happened, happened
  std::vector<Progress> progress;
  std::vector<CourseWrite> course;
};

struct GroupResult {
  std::vector<bool> admitted;    // by index of admissions; false: fenced
  std::vector<bool> readmitted;  // by index of readmissions
};

class JournalSession {
 public:
  virtual ~JournalSession() = default;

  // Freezes the audience: run, bitmap, slices, and the campaign's move planning -> running, in one
  // transaction; Code::fenced if the campaign was stopped meanwhile. Doing it again after a crash is
  // safe: a campaign has one run (Code::conflict says it is there already). `waves`, in the order of
  // ordinals, make up the audience; none: it is one, which departs with the run.
  virtual Result<Run> freeze(const Campaign& campaign, RecipientKind kind, const AudienceSet& audience,
                             std::uint32_t slice_size, WallTime at, std::span<const Wave> waves = {}) = 0;
  virtual Result<std::optional<Run>> run_of(CampaignId campaign) = 0;
  virtual Result<AudienceSet> audience(RunId run) = 0;
  virtual Result<GroupResult> commit(const GroupCommit& group) = 0;  // all in one transaction, synced
  // Every block of the run, any order. `visit` gets each block's bytes, and when it was written: an outcome
  // in it came in a moment before. (1970: by a version that did not say.)
  virtual Result<void> blocks(RunId run,
                              const std::function<void(std::string_view packed, WallTime at)>& visit) = 0;
  virtual Result<Progress> progress(RunId run) = 0;
  virtual Result<std::vector<CoursePoint>> course(RunId run) = 0;  // by time
};

// ---- profiles, addresses, events ------------------------------------------------------------------

enum class IdentityKind : std::uint8_t { identity, object_id, fb_id, gp_id };

struct IdentityRef {
  IdentityKind kind = IdentityKind::identity;
  std::string_view value;
};

struct ProfileWrite {
  IdentityRef who;
  std::string_view object_id;  // additionally known as, or ""
  // Properties to set, value as JSON text; "null" removes. Views live until apply() returns.
  std::span<const std::pair<std::string_view, std::string_view>> set;
  WallTime at{};
};

struct AddressWrite {
  std::string_view object_id;  // the device; a profile is made if nobody owns it yet
  Platform platform = Platform::android;
  std::string_view token;
  std::string_view keys;  // web push keys as JSON text, or ""
};

struct EventWrite {
  IdentityRef who;
  std::string_view name;
  std::string_view properties;  // JSON text
  WallTime at{};
  // Of an event that tells of a message: kept for engaged() beside the event.
  struct Engaged {
    Engagement how = Engagement::viewed;
    MessageTag message;
  };
  std::optional<Engaged> engaged = std::nullopt;
};

using UploadRecord = std::variant<ProfileWrite, AddressWrite, EventWrite>;

struct Profile {
  ProfileId id;
  std::string identity;    // the first identity, or ""
  std::string object_id;   // the first device id, or ""
  std::string properties;  // JSON object text
};

struct Address {
  RecipientId id;
  ProfileId profile;
  Platform platform = Platform::android;
  std::string token;
  bool live = true;
};

// What planning looks at. Views are valid inside the visit only.
struct ScanRow {
  RecipientId recipient;
  ProfileId profile;
  Platform platform = Platform::android;  // addresses only
  std::string_view identity, object_id;
  std::string_view properties;  // JSON object text; empty unless asked for
};

struct ScanQuery {
  AccountId account;
  RecipientKind kind = RecipientKind::address;
  RecipientId after;             // start behind this one
  std::uint32_t limit = 10'000;  // rows visited at most, so that a stop can come in between
  bool with_properties = false;
};

// What hand-over needs. Views are valid inside the visit only.
struct RecipientRow {
  RecipientId id;
  ProfileId profile;
  bool found = false;  // false: deleted since
  bool live = true;    // false: the token is dead
  Platform platform = Platform::android;
  std::string_view token;
  std::string_view identity, object_id;
  std::string_view properties;
  // The same whichever device is read: the identity, else the profile's first object id, else "".
  std::string_view person;
};

class ProfileSession {
 public:
  virtual ~ProfileSession() = default;

  // One transaction; all or nothing. Order counts: later records see earlier ones.
  virtual Result<void> apply(AccountId account, std::span<const UploadRecord> records) = 0;

  virtual Result<std::optional<Profile>> find(AccountId account, IdentityRef who) = 0;
  virtual Result<std::vector<Address>> addresses_of(AccountId account, ProfileId profile) = 0;
  virtual Result<std::uint64_t> count(AccountId account,
                                      RecipientKind kind) = 0;  // live addresses, or profiles

  // Visits live addresses (or profiles) in ascending id. Returns the last id looked at (dead ones
  // count towards the limit, too), or nullopt when the end was reached. An address's identity is only
  // given with properties. Nothing is held between calls; `visit` must not call this session.
  virtual Result<std::optional<RecipientId>> scan(const ScanQuery& query,
                                                  const std::function<void(const ScanRow&)>& visit) = 0;

  // Visits exactly `ids` (ascending), in order, each once, found or not.
  virtual Result<void> read(AccountId account, RecipientKind kind, std::span<const RecipientId> ids,
                            const std::function<void(const RecipientRow&)>& visit) = 0;
  // The same of profiles, each with the token and platform of its newest live address, if it has one.
  virtual Result<void> read_with_tokens(AccountId account, std::span<const RecipientId> ids,
                                        const std::function<void(const RecipientRow&)>& visit) = 0;

  // Names of events that the account has had, at most `most`, in alphabetical order.
  virtual Result<std::vector<std::string>> event_names(AccountId account, std::uint32_t most) = 0;
  // Makes names known, in order, as long as the account has no more than `most` of them, in one transaction.
  // Returns those that are one too many. (apply() itself takes every name.)
  virtual Result<std::vector<std::string>> add_event_names(AccountId account, std::span<const std::string> names,
                                                           std::uint32_t most) = 0;

  virtual Result<void> mark_dead(AccountId account, std::span<const RecipientId> addresses) = 0;

  // Where an index of the profiles is kept; lives as long as this session. Null: the store keeps none.
  virtual IndexSession* index() { return nullptr; }
};

// ---- the store itself ------------------------------------------------------------------------------

// Who owns a store that several nodes can reach. Only the owner admits, records and stops.
struct Ownership {
  std::int64_t term = 0;  // counts owners; 0: there has been none
  std::int64_t beat = 0;  // counts the present owner's signs of life
  friend bool operator==(const Ownership&, const Ownership&) = default;
};

// No clock is in here: a standby takes over once it has seen the same (term, beat) for long enough by
// its own steady clock.
class OwnerSession {
 public:
  virtual ~OwnerSession() = default;
  virtual Result<Ownership> look() = 0;
  // Becomes the owner, provided that nothing has moved since `seen`; Code::fenced otherwise. From then on
  // every write of this Store object's sessions, and of its housekeeping, fails with Code::fenced, in its own
  // transaction, as soon as somebody else has claimed. (Profiles may be in a place of their own. If that
  // can't be written to at the moment of the claim, they are fenced by the new owner's first write to them.)
  virtual Result<Ownership> claim(const Ownership& seen) = 0;
  virtual Result<Ownership> renew() = 0;  // a sign of life; Code::fenced when it is over
};

enum class Lane { brake, ordinary };

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::unique_ptr<ControlSession>> control(Lane lane) = 0;
  virtual Result<std::unique_ptr<JournalSession>> journal() = 0;
  virtual Result<std::unique_ptr<ProfileSession>> profiles() = 0;
  virtual Result<std::unique_ptr<OwnerSession>> ownership() = 0;
  virtual Result<std::unique_ptr<NoticeSession>> notices() = 0;
  virtual Result<std::unique_ptr<UserSession>> users() = 0;
  // Housekeeping that may take its time; called every second or so from a thread of its own. Where several
  // nodes reach the store, Code::fenced where another is its owner: a standby tidies nothing up.
  virtual Result<void> tidy_up() = 0;
};

}  // namespace belay::store
