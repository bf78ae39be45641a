#include "net/tls_server.h"

#include <gtest/gtest.h>

#include <boost/asio/ssl/context.hpp>

#include "net/http_raw_client.h"
#include "net/http_server.h"

namespace belay::net {
namespace {

// The handshakes themselves are in http_server_test.cpp. The system's OpenSSL settings may refuse old
// versions too, which would hide it if ours did not.
TEST(TlsServer, takes_nothing_older_than_tls_1_2_whatever_the_system_allows) {
  const TempDir dir;
  make_certificate(dir.file("cert.pem"), dir.file("key.pem"));
  const auto context = make_tls_server({dir.file("cert.pem"), dir.file("key.pem")});
  ASSERT_TRUE(context) << context.error();
  SSL_CTX* native = (*context)->native_handle();
  EXPECT_EQ(SSL_CTX_get_min_proto_version(native), TLS1_2_VERSION);
  EXPECT_NE(SSL_CTX_get_options(native) & SSL_OP_NO_RENEGOTIATION, 0u);
}

}  // namespace
}  // namespace belay::net
