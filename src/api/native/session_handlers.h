// Signing in, and who may. Each handler runs on its route's lane; see session_routes.cpp.
#pragma once
#include "api/native/requests.h"
#include "api/route.h"

namespace belay::api {

// session.cpp
void show_session(Call call, Answer answer);
void sign_in(Call call, Answer answer);
void sign_in_to_demo(Call call, Answer answer);
void redeem_link(Call call, Answer answer);
void change_own_password(Call call, Answer answer);
void sign_out(Call call, Answer answer);
void sign_out_everywhere(Call call, Answer answer);
// users.cpp
void list_users(Call call, Answer answer);
void add_user(Call call, Answer answer);
void change_user(Call call, Answer answer);
void remove_user(Call call, Answer answer);
void make_user_link(Call call, Answer answer);

// 1 to 64 letters, digits, '-', '_', '.', '@', '+'
bool is_user_name(std::string_view name);
std::unexpected<net::HttpReply> not_a_user_name();

// A password that somebody chooses, hashed. Takes long.
Asked<Secret> hashed_password(const Call& call, const std::string& password);
// After users or sessions changed in the store: from now on requests are judged by what is there.
net::HttpReply with_sessions_reloaded(const Call& call, net::HttpReply reply);

}  // namespace belay::api
