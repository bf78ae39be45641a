#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace belay::net {
namespace {

constexpr std::string_view alpn_h2("\x02h2", 3);
constexpr std::string_view alpn_http1("\x08http/1.1", 9);
constexpr std::string_view alpn_both("\x02h2\x08http/1.1", 12);

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, bytes(alpn_both), alpn_both.size(), in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// What both sides want of every connection. Reading ahead takes as many records as the socket has in
// one system call; a moving write buffer and partial writes are what Wire's accounting stands on.
void set_common(SSL_CTX& context) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(&context, 1);
  SSL_CTX_set_default_read_buffer_len(&context, 32 * 1024);
}

bool is_address(const std::string& host) {
  in6_addr scratch;
  return inet_pton(AF_INET, host.c_str(), &scratch) == 1 || inet_pton(AF_INET6, host.c_str(), &scratch) == 1;
}

bool set_expected_peer(SSL& session, const std::string& host) {
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&session), host.c_str()) == 1;
  SSL_set_hostflags(&session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(&session, host.c_str()) == 1 && SSL_set_tlsext_host_name(&session, host.c_str()) == 1;
}

}  // namespace

void TlsContextFree::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void TlsSessionFree::operator()(ssl_st* session) const {
  SSL_free(session);
}

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "TLS failed without a reason";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

Result<TlsContext, std::string> make_client_tls(const std::string& ca_file, bool verify_peer) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return std::unexpected(take_tls_error());
  set_common(*context);
  const bool trusted = ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                           : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) == 1;
  if (!trusted) return std::unexpected("can't read the authorities in " + ca_file + ": " + take_tls_error());
  SSL_CTX_set_verify(context.get(), verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return context;
}

Result<TlsContext, std::string> make_server_tls(const std::string& certificate_chain,
                                                const std::string& private_key) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return std::unexpected(take_tls_error());
  set_common(*context);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_chain.c_str()) != 1)
    return std::unexpected("can't use the certificate " + certificate_chain + ": " + take_tls_error());
  if (SSL_CTX_use_PrivateKey_file(context.get(), private_key.c_str(), SSL_FILETYPE_PEM) != 1)
    return std::unexpected("can't use the private key " + private_key + ": " + take_tls_error());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return context;
}

Result<TlsSession, std::string> make_client_session(ssl_ctx_st& context, const Endpoint& endpoint) {
  ERR_clear_error();
  TlsSession session(SSL_new(&context));
  if (!session || !set_expected_peer(*session, endpoint.host)) return std::unexpected(take_tls_error());
  std::string_view offer = alpn_both;
  if (endpoint.version == HttpVersion::http1) offer = alpn_http1;
  if (endpoint.version == HttpVersion::http2) offer = alpn_h2;
  if (SSL_set_alpn_protos(session.get(), bytes(offer), static_cast<unsigned>(offer.size())) != 0)
    return std::unexpected(take_tls_error());
  SSL_set_connect_state(session.get());
  return session;
}

Result<TlsSession, std::string> make_server_session(ssl_ctx_st& context) {
  TlsSession session(SSL_new(&context));
  if (!session) return std::unexpected(take_tls_error());
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace belay::net
