// Whether a request comes from a page that this server has served, by what browsers say of it. Pure.
#pragma once
#include "net/http_server.h"

namespace belay::api {

// False when Origin names another host than the request's own Host header does, or Sec-Fetch-Site another
// site or origin. True when neither header is there: then it is no browser, and nobody is led astray.
// Schemes are not compared: a proxy before the server may have taken TLS off.
bool from_own_pages(const net::HttpRequest& request);

}  // namespace belay::api
