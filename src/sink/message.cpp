#include "sink/message.h"

#include <simdjson.h>

namespace belay::sink {
namespace json = simdjson::ondemand;

struct MessageReader::State {
  json::parser parser;
  std::string number;  // a targetId that is a number, as text

  bool open(std::string& body, json::document& document, json::object& root) {
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    if (parser.iterate(body.data(), body.size(), body.capacity()).get(document) != simdjson::SUCCESS)
      return false;
    return document.get_object().get(root) == simdjson::SUCCESS;
  }
};

MessageReader::MessageReader() : state_(std::make_unique<State>()) {}
MessageReader::~MessageReader() = default;

std::optional<Message> MessageReader::read_push(std::string& body) {
  json::document document;
  json::object root;
  json::object message;
  Message result;
  if (!state_->open(body, document, root)) return std::nullopt;
  if (root["message"].get_object().get(message) != simdjson::SUCCESS) return std::nullopt;
  if (message["token"].get_string().get(result.recipient) != simdjson::SUCCESS || result.recipient.empty())
    return std::nullopt;
  json::object data;
  const auto error = message["data"].get_object().get(data);
  if (error == simdjson::NO_SUCH_FIELD) return result;
  if (error != simdjson::SUCCESS) return std::nullopt;
  const auto missing = data["wzrk_id"].get_string().get(result.campaign);
  if (missing != simdjson::SUCCESS && missing != simdjson::NO_SUCH_FIELD) return std::nullopt;
  return result;
}

std::optional<Message> MessageReader::read_webhook(std::string& body) {
  json::document document;
  json::object root;
  Message result;
  if (!state_->open(body, document, root)) return std::nullopt;
  json::value target;
  if (root["targetId"].get(target) == simdjson::SUCCESS) {
    std::int64_t number = 0;
    if (target.get_int64().get(number) == simdjson::SUCCESS) {
      state_->number = std::to_string(number);
      result.campaign = state_->number;
    } else if (target.get_string().get(result.campaign) != simdjson::SUCCESS) {
      return std::nullopt;
    }
  }
  json::array profiles;
  if (root["profiles"].get_array().get(profiles) != simdjson::SUCCESS) return std::nullopt;
  for (auto element : profiles) {
    json::object profile;
    if (element.get_object().get(profile) != simdjson::SUCCESS) return std::nullopt;
    for (const std::string_view name : {"identity", "objectId", "push_token"})
      if (profile[name].get_string().get(result.recipient) == simdjson::SUCCESS && !result.recipient.empty())
        return result;
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace belay::sink
