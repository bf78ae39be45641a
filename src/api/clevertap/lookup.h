// What a request names and the store knows: the account with its clock, and the provider to use.
// Waits for the store; only on a worker.
#pragma once
#include <string_view>

#include "api/clevertap/draft.h"
#include "api/services.h"
#include "net/http_server.h"

namespace belay::api::clevertap {

// An error is a whole answer: which shape and status depends on what went wrong.
template <class T>
using Answered = Result<T, net::HttpReply>;

struct Home {
  store::Account account;
  TimeZone zone;
};

// The operator may leave the account out; endpoints that need one refuse that.
Answered<Home> home_of(Worker& worker, AccountId account);

// The one of that nick name, or, where none is named, the only one of the channel.
Answered<store::Provider> provider_for(Worker& worker, AccountId account, Channel channel,
                                       std::string_view nick_name);

net::HttpReply answer_to(const Refusal& refusal);

}  // namespace belay::api::clevertap
