// TLS contexts (OpenSSL 3) for our own sockets, client and server side.
//
// A context is immutable once made and may be used by the sockets of one loop. Errors are sentences
// for people: a file that can't be read, a key that does not fit. TLS 1.2 is the least that is spoken.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "net/endpoint.h"

struct ssl_ctx_st;
struct ssl_st;

namespace belay::net {

struct TlsContextFree {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, TlsContextFree>;

struct TlsSessionFree {
  void operator()(ssl_st* session) const;
};
using TlsSession = std::unique_ptr<ssl_st, TlsSessionFree>;

// Trusts `ca_file` (PEM), or the system's authorities where it is "".
Result<TlsContext, std::string> make_client_tls(const std::string& ca_file, bool verify_peer);

// Answers ALPN with h2 where the client offers it, else http/1.1.
Result<TlsContext, std::string> make_server_tls(const std::string& certificate_chain,
                                                const std::string& private_key);

// A client session towards `endpoint`: server name, host name check, ALPN by endpoint.version.
Result<TlsSession, std::string> make_client_session(ssl_ctx_st& context, const Endpoint& endpoint);
Result<TlsSession, std::string> make_server_session(ssl_ctx_st& context);

// The oldest of OpenSSL's queued errors as a sentence; clears the queue.
std::string take_tls_error();

}  // namespace belay::net
