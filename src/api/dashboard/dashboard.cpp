#include "api/dashboard/dashboard.h"

#include <algorithm>

#include "api/dashboard/accept.h"

namespace belay::api {
namespace {

constexpr std::string_view how_to_build = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Belay</title>
<h1>Belay is running</h1>
<p>This program was built without its dashboard. To build it in, run <code>scripts/web.sh</code> (it needs
Node.js and npm) and then <code>scripts/build.sh release belay</code>, or <code>./run</code>, which does both.
<p>Everything else works without it: the API, <code>belay stop</code>, <code>belay campaigns</code>.
</html>
)";

// Everything a page may do is named; styles of a nonce are there for Mantine, which writes its theme's
// variables into <style> elements. `nonce` is empty for what has none.
std::string policy(std::string_view nonce) {
  return fmt::format(
      "default-src 'none'; script-src 'self'; style-src 'self'{}; img-src 'self' data:; font-src 'self'; "
      "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      nonce.empty() ? "" : fmt::format(" 'nonce-{}'", nonce));
}

void protect(net::HttpReply& reply, std::string_view nonce = "") {
  reply.headers.emplace_back("Content-Security-Policy", policy(nonce));
  reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
  reply.headers.emplace_back("X-Frame-Options", "DENY");
  reply.headers.emplace_back("Referrer-Policy", "no-referrer");
  reply.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  reply.headers.emplace_back("Permissions-Policy",
                             "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
}

std::string replaced(std::string_view text, std::string_view mark, std::string_view by) {
  std::string out;
  for (std::size_t at; (at = text.find(mark)) != text.npos; text.remove_prefix(at + mark.size())) {
    out += text.substr(0, at);
    out += by;
  }
  out += text;
  return out;
}

net::HttpReply reply_with(const DashboardFile& file, const net::HttpRequest& request) {
  const std::string_view accepted = request.header("Accept-Encoding");
  std::string_view body = file.plain, coding;
  if (!file.brotli.empty() && accepts(accepted, "br"))
    body = file.brotli, coding = "br";
  else if (!file.gzip.empty() && accepts(accepted, "gzip"))
    body = file.gzip, coding = "gzip";
  const std::string tag = fmt::format("\"{}{}{}\"", file.tag, coding.empty() ? "" : "-", coding);
  net::HttpReply reply;
  reply.content_type = file.type;
  reply.headers.emplace_back("ETag", tag);
  // What is under /assets has a name that changes with its content.
  reply.headers.emplace_back("Cache-Control", file.path.starts_with("/assets/")
                                                  ? "public, max-age=31536000, immutable"
                                                  : "no-cache");
  reply.headers.emplace_back("Vary", "Accept-Encoding");
  protect(reply);
  if (names_tag(request.header("If-None-Match"), tag)) {
    reply.status = 304;
    return reply;
  }
  if (!coding.empty()) reply.headers.emplace_back("Content-Encoding", coding);
  reply.body = body;
  return reply;
}

// What a browser opens as a page. Clients of the API ask for no HTML, and get their 404.
bool opens_a_page(const net::HttpRequest& request) {
  const std::string_view path = request.path;
  if (path == "/" || path == "/index.html") return true;
  for (const std::string_view taken : {"/api/", "/1/", "/2/", "/v1/"})
    if (path.starts_with(taken)) return false;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return last.find('.') == last.npos && request.header("Accept").find("text/html") != std::string_view::npos;
}

}  // namespace

const DashboardFile* Dashboard::file(std::string_view path) const {
  const auto found = std::ranges::find(files_, path, &DashboardFile::path);
  return found == files_.end() ? nullptr : &*found;
}

net::HttpReply Dashboard::index() const {
  net::HttpReply reply;
  reply.content_type = "text/html; charset=utf-8";
  reply.headers.emplace_back("Cache-Control", "no-cache");
  const DashboardFile* page = file("/index.html");
  const std::string nonce = page == nullptr ? "" : random_hex(random_, 16);
  protect(reply, nonce);
  reply.body = page == nullptr ? std::string(how_to_build) : replaced(page->plain, nonce_mark, nonce);
  return reply;
}

std::optional<net::HttpReply> Dashboard::answer(const net::HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (request.path != "/index.html")
    if (const DashboardFile* found = file(request.path)) return reply_with(*found, request);
  if (!opens_a_page(request)) return std::nullopt;
  if (request.path != "/" && file("/index.html") == nullptr) return std::nullopt;
  return index();
}

}  // namespace belay::api
