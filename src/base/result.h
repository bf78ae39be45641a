// Errors are values. Each module has a closed enum of what can go wrong and returns
// Result<T, ThatEnum>; the one place that maps them to the wire is api/errors.h.
#pragma once
#include <expected>
#include <string>
#include <utility>

namespace belay {

template <class T, class E>
using Result = std::expected<T, E>;

// An error code with the sentence a person reads. The sentence says what is wrong and, where it
// can, what to do next; it never holds a secret.
template <class Code>
struct [[nodiscard]] ErrorOf {
  Code code;
  std::string text;
};

template <class Code>
std::unexpected<ErrorOf<Code>> fail(Code code, std::string text) {
  return std::unexpected(ErrorOf<Code>{code, std::move(text)});
}

}  // namespace belay

// Propagates an error, or gives the value a name:  TRY_ASSIGN(auto row, store.find(id));
#define BELAY_CONCAT_(a, b) a##b
#define BELAY_CONCAT(a, b) BELAY_CONCAT_(a, b)
#define TRY_ASSIGN(declaration, expression)                                    \
  auto BELAY_CONCAT(tried_, __LINE__) = (expression);                          \
  if (!BELAY_CONCAT(tried_, __LINE__))                                         \
    return std::unexpected(std::move(BELAY_CONCAT(tried_, __LINE__).error())); \
  declaration = std::move(*BELAY_CONCAT(tried_, __LINE__))
#define TRY(expression) \
  if (auto tried_ = (expression); !tried_) return std::unexpected(std::move(tried_.error()))
