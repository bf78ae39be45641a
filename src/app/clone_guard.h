// Sees to it that a copied data folder, or a restored backup, sends nothing until a person says that its
// original is gone (`belay adopt`). What a folder is told from its copy by: store/sqlite/home.h; on top of
// that, two servers of one store on one machine find each other by an abstract Unix socket.
//
// One object a process that has the folder's lock. Any thread; everything but held() waits for the disk.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "api/services.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/sqlite/home.h"

namespace belay::app {

class CloneGuard {
 public:
  // Looks, and changes nothing. The error is a sentence.
  static Result<std::unique_ptr<CloneGuard>, std::string> open(const std::string& folder, store::Store& store,
                                                               Random& random, const Clock& clock);
  ~CloneGuard();

  // Why nothing may be sent from here, as a sentence; "" when this folder is at home.
  std::string held() const;
  // A server begins here: keeps other servers of the same store on this machine off. May find one, and
  // is held() from then on.
  void begin();
  // Gives the folder a fresh mark, if it is at home: at start and end, and regularly. A failure is logged;
  // the mark before then still stands.
  void renew();
  api::AdoptResult adopt(bool resume, const std::string& actor);

 private:
  CloneGuard(std::unique_ptr<store::Home> home, store::Store& store, Random& random, const Clock& clock)
      : home_(std::move(home)), store_(store), random_(random), clock_(clock) {}
  Result<std::vector<CampaignId>, std::string> stop_what_the_original_may_have_sent(const std::string& actor);
  bool take_name(const std::string& store);

  std::unique_ptr<store::Home> home_;
  store::Store& store_;
  Random& random_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::string name_, held_;
  bool serving_ = false;
  int socket_ = -1;
};

}  // namespace belay::app
