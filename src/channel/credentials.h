// Access tokens for a provider that wants OAuth 2 (FCM): RFC 7523 JWT bearer grant, signed with the
// service account's key, exchanged at its token_uri. Facts: developers.google.com/identity/protocols/
// oauth2/service-account ("Using OAuth 2.0 for Server to Server Applications"), HTTP/REST part.
//
// One object a provider, shared by its campaigns and safe from any thread. Nothing here blocks except
// the exchange itself, which runs on the worker that the creator names (an executor that may wait).
// One exchange at a time, however many ask. After a failed one the next waits 1 s, 2 s, … at most 60 s.
// The private key and the tokens never show up in errors or logs.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/executor.h"
#include "base/result.h"
#include "base/secret.h"

namespace belay::net {
class OutboundGuard;
}

namespace belay::channel {

struct ServiceAccount {
  std::string client_email, private_key_id, token_uri, project_id;
  Secret private_key;  // PEM
};

// Reads and checks a service account file; the error names the file and the key that is wrong.
Result<ServiceAccount, std::string> read_service_account(const std::string& path);

// The signed assertion (RFC 7523 section 3) for `now`; an error if the key can't sign.
Result<std::string, std::string> sign_assertion(const ServiceAccount& account, std::string_view scope,
                                                WallTime now);

class AccessTokens {
 public:
  virtual ~AccessTokens() = default;

  virtual const std::string& project_id() const = 0;

  // The authorization header's value ("Bearer …"), or null while there is none: hold back hand-overs
  // then, on_change() tells when to look again. Starts a refresh when less than 5 minutes are left.
  virtual std::shared_ptr<const std::string> header_value() = 0;

  // The provider answered 401 to `used`: if it is still the current one it is dropped and a refresh starts.
  virtual void refused(const std::shared_ptr<const std::string>& used) = 0;

  // `done` runs on the worker once, when the exchange that is under way (or starts now) has ended, well or
  // not.
  virtual void on_change(std::function<void()> done) = 0;

  // Why there is no token, for people; "" while all is well.
  virtual std::string last_error() const = 0;
};

// For receivers of one's own that check nothing: always "Bearer local", project "local".
// There is never anything to wait for: on_change() calls back before it returns.
std::shared_ptr<AccessTokens> local_tokens();

// `clock` and `worker` must outlive every copy of the result. `ca_file`: trusted for token_uri, "" the
// system's. `guard`: where token_uri may lead; null: anywhere.
Result<std::shared_ptr<AccessTokens>, std::string> service_account_tokens(
    const std::string& path, const Clock& clock, Executor& worker, const std::string& ca_file,
    std::shared_ptr<const net::OutboundGuard> guard = nullptr);

}  // namespace belay::channel
