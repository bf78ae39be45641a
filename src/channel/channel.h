// What a provider is told and what its answers mean: one Sender per running campaign, compiled when
// the campaign starts. No sockets here: dispatch puts render()'s body, path() and headers() into a
// net::Request and gives the answer to judge().
//
// A Sender is immutable: every function is safe from many loops at once, never blocks and takes no lock.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/outcome.h"
#include "channel/credentials.h"
#include "net/endpoint.h"
#include "net/link.h"
#include "store/store.h"

namespace belay::channel {

enum class Code {
  invalid,      // the definition's content or the provider's settings can't work; the text says what
  unsupported,  // documented, and not there yet
};
using Error = ErrorOf<Code>;

// Who a message is for. Views live as long as the call.
struct Recipient {
  RecipientId id;
  Ordinal ordinal = 0;
  Platform platform = Platform::android;
  std::string_view token;  // push: the address; elsewhere only for a Sender that tells_tokens()
  std::string_view identity, object_id;
  std::string_view properties;  // JSON object text
};

enum class VerdictKind : std::uint8_t {
  accepted,
  failed,        // for good; reason says why
  address_dead,  // for good, and the token is to be marked dead
  later,         // this message may be tried again
  throttled,     // the same, and the whole provider is to slow down
  unauthorized,  // our credentials have run out: credentials()->refused(), then try again
};

struct Verdict {
  VerdictKind kind = VerdictKind::accepted;
  Reason reason = Reason::none;       // failed: rejected, unauthorized; address_dead: unregistered;
                                      // later: temporary; throttled: throttled; unauthorized: unauthorized
  std::optional<Micros> retry_after;  // not before this has passed; none: the caller's own back-off
  std::string detail;                 // the provider's words, for logs; "" when accepted
};

struct Patience {
  Micros answer_within{};
  std::uint8_t attempts = 1;  // hand-overs per recipient at most
};

class Sender {
 public:
  virtual ~Sender() = default;

  // Appends the request body. `now` is when it will be handed over (time to live counts from it).
  // False: can't be rendered for this person (Reason::content_error); `body` is as it was then.
  [[nodiscard]] virtual bool render(const Recipient& who, WallTime now, std::string& body) const = 0;

  // Its messages to people name a token of theirs, which has to be looked up for them.
  virtual bool tells_tokens() const { return false; }
  virtual std::string_view path() const = 0;                     // with the endpoint's base_path in front
  virtual std::span<const net::HeaderView> headers() const = 0;  // without authorization
  virtual const net::Endpoint& endpoint() const = 0;
  virtual Patience patience() const = 0;
  virtual Verdict judge(int status, std::string_view body, std::string_view retry_after,
                        WallTime now) const = 0;

  // What this provider's requests must be authorized with, or null if they need nothing. Ask its
  // header_value() for the "authorization" header before each batch of hand-overs.
  virtual const std::shared_ptr<AccessTokens>& credentials() const = 0;
};

// The provider's endpoint: its URL, or the real one of its kind when it has none.
Result<net::Endpoint, Error> endpoint_of(const store::Provider& provider);

// `credentials` belong to the provider and are shared by its campaigns; null where its kind needs none.
Result<std::shared_ptr<const Sender>, Error> make_sender(const Definition& definition, CampaignId campaign,
                                                         const store::Provider& provider,
                                                         std::shared_ptr<AccessTokens> credentials);

// Says what is wrong with a definition's content (templates, keys the provider would refuse) before
// anything is stored. Needs no provider.
Result<void, Error> validate_content(const Definition& definition);

// "Retry-After": seconds or an HTTP date (RFC 9110 section 10.2.3). Nothing if absent or not understood.
std::optional<Micros> parse_retry_after(std::string_view text, WallTime now);

}  // namespace belay::channel
