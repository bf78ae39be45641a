#include "channel/channel.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "channel/providers.h"

namespace belay::channel {
namespace {

constexpr std::string_view fcm_url = "https://fcm.googleapis.com";

// Longer waits are as good as never; also keeps the sums far from overflow.
constexpr std::int64_t longest_wait_seconds = 7 * 24 * 3600;

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that may be sent (RFC 9110 section 5.6.7).
std::optional<WallTime> http_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto day_number = digits(text.substr(5, 2)), year_number = digits(text.substr(12, 4));
  const auto h = digits(text.substr(17, 2)), m = digits(text.substr(20, 2)), s = digits(text.substr(23, 2));
  const auto month_at = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (!day_number || !year_number || !h || !m || !s || month_at == months.end()) return std::nullopt;
  const year_month_day date{year{*year_number}, month{static_cast<unsigned>(month_at - months.begin()) + 1},
                            day{static_cast<unsigned>(*day_number)}};
  if (!date.ok()) return std::nullopt;
  const auto t = sys_days{date}.time_since_epoch() + hours{*h} + minutes{*m} + seconds{*s};
  return WallTime{duration_cast<Micros>(t)};
}

}  // namespace

std::optional<Micros> parse_retry_after(std::string_view text, WallTime now) {
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = longest_wait_seconds;
    std::from_chars(text.data(), text.data() + text.size(), seconds);  // out of range: leaves the longest
    return Micros{Seconds{std::min(seconds, longest_wait_seconds)}};
  }
  const auto until = http_date(text);
  if (!until) return std::nullopt;
  return std::clamp<Micros>(*until - now, Micros{0}, Seconds{longest_wait_seconds});
}

std::string excerpt(std::string_view text) {
  std::string line(text.substr(0, 200));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return line;
}

Result<net::Endpoint, Error> endpoint_of(const store::Provider& provider) {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::invalid, fmt::format("Provider \"{}\": {}", provider.nick_name, why));
  };
  if (provider.url.empty() && provider.kind != "fcm") return refuse("a URL is needed");
  auto endpoint = net::parse_url(provider.url.empty() ? fcm_url : std::string_view(provider.url));
  if (!endpoint) return refuse(endpoint.error());
  if (provider.http_version == "1.1") {
    endpoint->version = net::HttpVersion::http1;
  } else if (provider.http_version == "2" || (provider.http_version.empty() && provider.kind == "fcm")) {
    // FCM HTTP v1 is made for HTTP/2: many sends at once on one connection.
    endpoint->version = net::HttpVersion::http2;
  } else if (!provider.http_version.empty()) {
    return refuse(fmt::format("http_version \"{}\" is neither \"1.1\" nor \"2\"", provider.http_version));
  }
  endpoint->ca_file = provider.ca_file;
  return std::move(*endpoint);
}

Result<std::shared_ptr<const Sender>, Error> make_sender(const Definition& definition, CampaignId campaign,
                                                         const store::Provider& provider,
                                                         std::shared_ptr<AccessTokens> credentials) {
  TRY_ASSIGN(net::Endpoint endpoint, endpoint_of(provider));
  if (provider.channel != definition.channel)
    return fail(Code::invalid,
                fmt::format("Provider \"{}\" is for {}, the campaign for {}", provider.nick_name,
                            name_of(provider.channel), name_of(definition.channel)));
  if (provider.kind == "fcm" && definition.channel == Channel::push) {
    if (!credentials)
      return fail(Code::invalid, fmt::format("Provider \"{}\" has no credentials", provider.nick_name));
    return make_fcm_sender(definition, campaign, std::move(endpoint), std::move(credentials));
  }
  if (provider.kind == "webhook" && definition.channel == Channel::webhook)
    return make_webhook_sender(definition, campaign, std::move(endpoint));
  return fail(Code::unsupported, fmt::format("Provider \"{}\": kind \"{}\" can't serve {}",
                                             provider.nick_name, provider.kind, name_of(definition.channel)));
}

Result<void, Error> validate_content(const Definition& definition) {
  return definition.channel == Channel::push ? validate_fcm_content(definition)
                                             : validate_webhook_content(definition);
}

}  // namespace belay::channel
