// What a received message is about: its campaign and its recipient. Bodies: FCM HTTP v1
// (projects.messages.send: message.token, message.data.wzrk_id) and the webhook payload of the
// campaign contract (targetId, profiles[0].identity, objectId or push_token). Not thread-safe: one reader a loop.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace belay::sink {

struct Message {
  std::string_view campaign;   // "" when the body names none
  std::string_view recipient;  // views into the reader: valid until its next call
};

class MessageReader {
 public:
  MessageReader();
  ~MessageReader();

  // nullopt: not JSON, or no recipient. `body` may grow its capacity, its text stays.
  std::optional<Message> read_push(std::string& body);
  std::optional<Message> read_webhook(std::string& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace belay::sink
