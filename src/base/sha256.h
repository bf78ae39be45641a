// SHA-256, a piece at a time. Not for passwords or keys: see secret.h.
#pragma once
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace belay {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  std::string hex();  // 64 digits; once, at the end

 private:
  evp_md_ctx_st* context_;
};

}  // namespace belay
