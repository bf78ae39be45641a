// Certificates for machines of one's own: a private authority and, signed by it, one certificate for
// the CleverTap region hosts (contract 2.1), localhost and 127.0.0.1. EC P-256 keys. With them the
// vendor's samples run unchanged against this server. Blocks on the disk.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_server.h"

namespace belay::app {

struct CertsRequest {
  std::string folder;              // created (0700) where missing
  std::vector<std::string> hosts;  // beside the usual ones: names or IP addresses
  bool force = false;              // replace an authority that is there
};

struct CertsMade {
  std::string ca, certificate, key;  // PEM files
  std::vector<std::string> hosts;    // the certificate is good for
  bool new_authority = false;
};

// Makes the authority where there is none (or `force`), and in any case a fresh certificate.
Result<CertsMade, std::string> make_certs(const CertsRequest& request, WallTime now);

// Where make_certs() puts what a TLS listener needs.
net::TlsFiles made_by_certs(const std::string& folder);

}  // namespace belay::app
