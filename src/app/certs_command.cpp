#include <cstdio>
#include <filesystem>

#include "app/asking.h"
#include "app/certs.h"
#include "app/version.h"

namespace belay::app {
namespace {

constexpr const char* sample_host = "in1.api.clevertap.com";

std::string in_words(const CertsMade& made, bool usual_place) {
  std::string out = fmt::format("{} {}\nCertificate  {}\nKey          {}\nGood for     {}\n",
                                made.new_authority ? "Authority   " : "Authority    (as it was)", made.ca,
                                made.certificate, made.key, fmt::join(made.hosts, ", "));
  out += "\nServe with them:\n  belay serve --config belay.toml --tls-listen 127.0.0.1:8443\n";
  if (!usual_place)
    out += fmt::format("with, in belay.toml:\n  [tls]\n  certificate = \"{}\"\n  key = \"{}\"\n",
                       made.certificate, made.key);
  out += fmt::format(R"(
The vendor's samples then run as they are; with curl, for example:
  curl --cacert {0} --connect-to {1}:443:127.0.0.1:8443 \
    -X POST -d '{{ "id": 1457432766}}' "https://{1}/1/targets/stop.json" \
    -H "X-CleverTap-Account-Id: ACCOUNT_ID" -H "X-CleverTap-Passcode: PASSCODE" -H "Content-Type: application/json"
With --tls-listen 127.0.0.1:443, --resolve {1}:443:127.0.0.1 does the same.
Other clients: SSL_CERT_FILE={0} (Ruby, PHP), REQUESTS_CA_BUNDLE={0} (Python), NODE_EXTRA_CA_CERTS={0} (Node).
)",
                     made.ca, sample_host);
  return out;
}

}  // namespace

ExitCode certs_command(const CertsOptions& o) {
  constexpr std::string_view command = "belay certs";
  CertsRequest request{o.out, o.hosts, o.force};
  if (request.folder.empty()) {
    const auto folder = choose_folder(o.place.data, o.place.config);
    if (!folder) return complain(command, {ExitCode::usage, folder.error()});
    if (auto made = folder->create(); !made) return complain(command, {ExitCode::failed, made.error()});
    request.folder = folder->certs();
  }
  std::error_code error;
  request.folder = std::filesystem::absolute(request.folder, error).lexically_normal().string();
  const auto made = make_certs(request, RealClock().wall());
  if (!made) return complain(command, {ExitCode::failed, made.error()});
  if (o.place.json) {
    json::array hosts;
    for (const std::string& h : made->hosts) hosts.push_back(json::value(h));
    print_json(json::object{{"ca", made->ca},
                            {"certificate", made->certificate},
                            {"key", made->key},
                            {"hosts", std::move(hosts)},
                            {"new_authority", made->new_authority}});
  } else {
    fmt::print("{}", in_words(*made, o.out.empty()));
  }
  return ExitCode::ok;
}

ExitCode version_command(bool as_json) {
  if (as_json)
    print_json(json::object{{"version", version_text()}});
  else
    fmt::print("belay {}\n", version_text());
  return ExitCode::ok;
}

}  // namespace belay::app
