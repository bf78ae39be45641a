// One function a provider kind; channel.cpp picks by name. Inside channel/ only.
#pragma once
#include <memory>

#include "channel/channel.h"

namespace belay::channel {

// FCM HTTP v1. Facts: firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
Result<std::shared_ptr<const Sender>, Error> make_fcm_sender(const Definition& definition,
                                                             CampaignId campaign, net::Endpoint endpoint,
                                                             std::shared_ptr<AccessTokens> credentials);
Result<void, Error> validate_fcm_content(const Definition& definition);

// CleverTap's outbound webhook (contract 4.6).
Result<std::shared_ptr<const Sender>, Error> make_webhook_sender(const Definition& definition,
                                                                 CampaignId campaign, net::Endpoint endpoint);
Result<void, Error> validate_webhook_content(const Definition& definition);

// At most 200 bytes of a provider's answer, on one line, for logs.
std::string excerpt(std::string_view text);

}  // namespace belay::channel
