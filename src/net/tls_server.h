// The TLS settings of a listener: TLS 1.2 and newer, ALPN "http/1.1", certificate and key from files.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"

namespace boost::asio::ssl {
class context;
}

namespace belay::net {

struct TlsFiles;

// Reads the files (blocks). The error is a sentence that names the file.
Result<std::shared_ptr<boost::asio::ssl::context>, std::string> make_tls_server(const TlsFiles& files);

}  // namespace belay::net
