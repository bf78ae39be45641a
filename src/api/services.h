// What the API's handlers work with. Made by app/; one for the life of the server. The command line
// makes one too when no server is running: then `engine` is null, calls run where they are made, and
// only what the store alone can answer is answered.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/compatibility.h"
#include "api/conversion_book.h"
#include "api/event_types.h"
#include "api/sessions.h"
#include "api/upload_limits.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/secret.h"
#include "dispatch/engine.h"
#include "store/notices.h"
#include "store/store.h"
#include "store/users.h"

namespace belay::api {

// A thread that may wait for the store, with sessions of its own. A handler is given its worker and
// uses those sessions only there.
struct Worker {
  Executor* executor = nullptr;
  std::unique_ptr<store::ControlSession> control;
  std::unique_ptr<store::JournalSession> journal;
  std::unique_ptr<store::ProfileSession> profiles;
  std::unique_ptr<store::NoticeSession> notices;
  std::unique_ptr<store::UserSession> users;
};

// `belay adopt`: a copied data folder is declared to be the one that counts.
enum class AdoptCode { original_runs, store };
struct Adoption {
  std::string held;                 // why it was held; "": it was not, and nothing has changed
  std::vector<CampaignId> stopped;  // what the original may have sent since
};
using AdoptResult = Result<Adoption, ErrorOf<AdoptCode>>;

class Dashboard;  // api/dashboard/dashboard.h

struct Services {
  const Clock& clock;
  Random& random;
  store::Store& store;
  dispatch::Engine* engine = nullptr;
  Secret hash_key;               // for passcodes
  std::vector<Worker*> uploads;  // bulk writes; work is spread over them
  std::vector<Worker*> reads;    // everything else that reads or writes little
  Worker* brake = nullptr;       // stops and what decides about them: nothing else runs here
  Worker* passwords = nullptr;   // hashing; null: with the reads
  SessionLimits sessions;
  Compatibility compatibility;
  UploadLimits upload_limits;
  std::shared_ptr<EventTypes> event_types = std::make_shared<EventTypes>();
  std::shared_ptr<ConversionBook> conversions = std::make_shared<ConversionBook>();
  std::string demo_account;                    // who may sign in to it with one click; "": nobody
  const Dashboard* dashboard = nullptr;        // the pages; null: there are none
  std::string version;
  bool test_clock = false;                         // started with --test-clock
  std::function<void(Micros)> advance_test_clock;  // only then
  std::shared_ptr<const net::OutboundGuard> outbound;  // what provider URLs are held against; null: nothing
  Seconds past_due_grace{3600};                    // of campaigns that name none
  // Set by app/; each may be called from any thread and does not block. Empty: nothing to do or show.
  std::function<void()> credentials_changed;  // leads to Api::forget_credentials, which waits for the store
  std::function<std::string()> metrics;       // GET /metrics, Prometheus text
  std::function<std::string()> held;          // why nothing is sent until somebody adopts the folder, or ""
  std::function<AdoptResult(bool resume, const std::string& actor)> adopt;  // waits for the store
  std::function<std::string()> not_ready;  // GET /readyz: why not yet, or "" when ready
};

}  // namespace belay::api
