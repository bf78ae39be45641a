#include "app/certs.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <filesystem>

#include "app/data_folder.h"

namespace belay::app {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

struct Pair {
  Key key;
  Certificate certificate;
};

constexpr long authority_days = 3650, certificate_days = 825;

std::unexpected<std::string> openssl_failed(std::string_view what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return std::unexpected(fmt::format("{}: {}", what, text));
}

std::vector<std::string> usual_hosts() {
  std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1", "api.clevertap.com"};
  for (const char* region : {"eu1", "in1", "sg1", "us1", "aps3", "mec1", "sk1"})
    hosts.push_back(fmt::format("{}.api.clevertap.com", region));
  return hosts;
}

bool is_address(const std::string& host) {
  in6_addr bytes;
  return inet_pton(AF_INET, host.c_str(), &bytes) == 1 || inet_pton(AF_INET6, host.c_str(), &bytes) == 1;
}

bool is_host_name(const std::string& host) {
  return !host.empty() && host.size() < 254 &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*") ==
             std::string::npos;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string out;
  for (const std::string& host : hosts)
    out += fmt::format("{}{}:{}", out.empty() ? "" : ",", is_address(host) ? "IP" : "DNS", host);
  return out;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Everything but the extensions and the signature.
Certificate blank_certificate(EVP_PKEY* key, const std::string& name, long days, WallTime now) {
  Certificate c(X509_new());
  unsigned char serial[16];
  if (!c || RAND_bytes(serial, sizeof serial) != 1) return nullptr;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);  // positive, 16 bytes
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  const bool numbered =
      number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(c.get())) != nullptr;
  BN_free(number);
  time_t from = to_epoch_seconds(now) - 3600;  // machines whose clocks differ a little
  const bool dated =
      X509_time_adj_ex(X509_getm_notBefore(c.get()), 0, 0, &from) != nullptr &&
      X509_time_adj_ex(X509_getm_notAfter(c.get()), static_cast<int>(days), 0, &from) != nullptr;
  const bool named =
      X509_NAME_add_entry_by_txt(X509_get_subject_name(c.get()), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1;
  const bool whole =
      numbered && dated && named && X509_set_version(c.get(), 2) == 1 && X509_set_pubkey(c.get(), key) == 1;
  return whole ? std::move(c) : nullptr;
}

Result<Pair, std::string> make_authority(WallTime now) {
  Pair made{Key(EVP_EC_gen("P-256")), nullptr};
  if (!made.key) return openssl_failed("can't make a key");
  made.certificate = blank_certificate(made.key.get(), "Belay private authority", authority_days, now);
  X509* c = made.certificate.get();
  if (c == nullptr || X509_set_issuer_name(c, X509_get_subject_name(c)) != 1 ||
      !add_extension(c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(c, c, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(c, c, NID_subject_key_identifier, "hash") ||
      X509_sign(c, made.key.get(), EVP_sha256()) == 0)
    return openssl_failed("can't make the authority");
  return made;
}

Result<Pair, std::string> make_certificate(const Pair& authority, const std::vector<std::string>& hosts,
                                           WallTime now) {
  Pair made{Key(EVP_EC_gen("P-256")), nullptr};
  if (!made.key) return openssl_failed("can't make a key");
  made.certificate = blank_certificate(made.key.get(), "Belay", certificate_days, now);
  X509* c = made.certificate.get();
  X509* issuer = authority.certificate.get();
  if (c == nullptr || X509_set_issuer_name(c, X509_get_subject_name(issuer)) != 1 ||
      !add_extension(c, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(c, issuer, NID_key_usage, "critical,digitalSignature") ||
      !add_extension(c, issuer, NID_ext_key_usage, "serverAuth") ||
      !add_extension(c, issuer, NID_subject_alt_name, alternative_names(hosts)) ||
      !add_extension(c, issuer, NID_subject_key_identifier, "hash") ||
      !add_extension(c, issuer, NID_authority_key_identifier, "keyid") ||
      X509_sign(c, authority.key.get(), EVP_sha256()) == 0)
    return openssl_failed("can't make the certificate");
  return made;
}

template <class Write>
Result<void, std::string> write_pem(const std::string& path, unsigned mode, Write&& write) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (!out || !write(out.get())) return openssl_failed("can't write " + path);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return write_file(path, {data, static_cast<std::size_t>(size)}, mode);
}

Result<void, std::string> write_pair(const Pair& pair, const std::string& certificate,
                                     const std::string& key) {
  TRY(write_pem(key, 0600, [&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, pair.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  }));
  return write_pem(certificate, 0644,
                   [&](BIO* out) { return PEM_write_bio_X509(out, pair.certificate.get()) == 1; });
}

Result<Pair, std::string> read_pair(const std::string& certificate, const std::string& key) {
  const Bio c(BIO_new_file(certificate.c_str(), "r")), k(BIO_new_file(key.c_str(), "r"));
  Pair pair;
  if (c) pair.certificate.reset(PEM_read_bio_X509(c.get(), nullptr, nullptr, nullptr));
  if (k) pair.key.reset(PEM_read_bio_PrivateKey(k.get(), nullptr, nullptr, nullptr));
  if (!pair.certificate || !pair.key || X509_check_private_key(pair.certificate.get(), pair.key.get()) != 1)
    return std::unexpected(
        fmt::format("{} and {} are no authority and its key. --force makes a new one, which every client "
                    "must be told to trust",
                    certificate, key));
  return pair;
}

}  // namespace

net::TlsFiles made_by_certs(const std::string& folder) {
  return {folder + "/server.pem", folder + "/server.key"};
}

Result<CertsMade, std::string> make_certs(const CertsRequest& request, WallTime now) {
  CertsMade made{request.folder + "/ca.pem", request.folder + "/server.pem", request.folder + "/server.key",
                 usual_hosts(), false};
  for (const std::string& host : request.hosts) {
    if (!is_address(host) && !is_host_name(host))
      return std::unexpected(fmt::format("--host {}: not a host name or IP address", host));
    made.hosts.push_back(host);
  }
  std::error_code error;
  std::filesystem::create_directories(request.folder, error);
  if (error) return std::unexpected(fmt::format("can't make {}: {}", request.folder, error.message()));
  const std::string ca_key = request.folder + "/ca.key";
  const bool there = ::access(made.ca.c_str(), F_OK) == 0 || ::access(ca_key.c_str(), F_OK) == 0;
  Pair authority;
  if (there && !request.force) {
    TRY_ASSIGN(authority, read_pair(made.ca, ca_key));
  } else {
    TRY_ASSIGN(authority, make_authority(now));
    TRY(write_pair(authority, made.ca, ca_key));
    made.new_authority = true;
  }
  TRY_ASSIGN(const Pair server, make_certificate(authority, made.hosts, now));
  TRY(write_pair(server, made.certificate, made.key));
  return made;
}

}  // namespace belay::app
