#include "net/tls_server.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

#include "net/http_server.h"

namespace belay::net {
namespace {

namespace ssl = boost::asio::ssl;

// A client that offers protocols, but not ours, is refused (RFC 7301 section 3.2). One that offers
// none speaks HTTP/1.1 anyhow.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, chosen_size, ours, sizeof ours - 1, offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<std::shared_ptr<ssl::context>, std::string> make_tls_server(const TlsFiles& files) {
  boost::system::error_code error;
  const auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
  context->use_certificate_chain_file(files.certificate_chain, error);
  if (error) {
    return std::unexpected(
        fmt::format("Can't read the certificate chain {}: {}.", files.certificate_chain, error.message()));
  }
  context->use_private_key_file(files.private_key, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(native) != 1) {
    return std::unexpected(fmt::format("Can't use the private key {} with the certificate {}: {}.",
                                       files.private_key, files.certificate_chain,
                                       error ? error.message() : "they don't belong together"));
  }
  return context;
}

}  // namespace belay::net
