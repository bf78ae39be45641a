#include "sink/ledger.h"

#include "base/json.h"

namespace belay::sink {
namespace {

constexpr std::uint32_t nobody = ~std::uint32_t{0};
constexpr std::size_t block_bytes = 1024 * 1024;

// Keys end to end in blocks that never move.
class KeyStore {
 public:
  std::string_view add(std::string_view key) {
    if (key.size() > block_bytes / 4) key = key.substr(0, block_bytes / 4);  // no real key is as long
    if (blocks_.empty() || used_ + key.size() > block_bytes) {
      blocks_.push_back(std::make_unique<char[]>(block_bytes));
      used_ = 0;
    }
    char* place = blocks_.back().get() + used_;
    std::memcpy(place, key.data(), key.size());
    used_ += key.size();
    return {place, key.size()};
  }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t used_ = 0;
};

struct Recipient {
  const char* key;
  std::uint32_t key_size;
  std::uint32_t messages;
  std::uint32_t hash;
  std::uint32_t first_order;
  std::string_view name() const { return {key, key_size}; }
};

struct Stamp {
  std::int64_t wall_us;
  std::int64_t steady_us;
  std::uint32_t recipient;
  std::uint32_t status;
};

std::uint32_t hash_of(std::string_view key) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>{}(key));
}

void append_csv(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(text);
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

struct Ledger::Campaign {
  CampaignCount count;
  std::map<int, std::uint64_t> by_status;
  std::vector<Recipient> recipients;  // in the order of their first message
  std::vector<std::uint32_t> table =
      std::vector<std::uint32_t>(1024, nobody);  // open addressing, at most half full
  std::vector<Stamp> stamps;
  KeyStore keys;

  // The slot of `key`, or the empty one where it belongs.
  std::size_t slot_of(std::string_view key, std::uint32_t hash) const {
    std::size_t slot = hash & (table.size() - 1);
    while (table[slot] != nobody) {
      const Recipient& there = recipients[table[slot]];
      if (there.hash == hash && there.name() == key) break;
      slot = (slot + 1) & (table.size() - 1);
    }
    return slot;
  }

  void grow() {
    std::vector<std::uint32_t> larger(table.size() * 2, nobody);
    for (std::uint32_t i = 0; i < recipients.size(); ++i) {
      std::size_t slot = recipients[i].hash & (larger.size() - 1);
      while (larger[slot] != nobody) slot = (slot + 1) & (larger.size() - 1);
      larger[slot] = i;
    }
    table.swap(larger);
  }
};

Ledger::Ledger(std::size_t max_recipients, std::size_t max_arrivals)
    : max_recipients_(max_recipients), max_arrivals_(max_arrivals) {}

Ledger::~Ledger() = default;

Ledger::Campaign& Ledger::campaign_of(std::string_view id) {
  auto found = campaigns_.find(id);
  if (found == campaigns_.end())
    found = campaigns_.emplace(std::string(id), std::make_unique<Campaign>()).first;
  return *found->second;
}

const Ledger::Campaign* Ledger::find(std::string_view id) const {
  const auto found = campaigns_.find(id);
  return found == campaigns_.end() ? nullptr : found->second.get();
}

void Ledger::record(std::string_view campaign_id, std::string_view recipient, int status, ArrivalTime at) {
  const std::uint32_t hash = hash_of(recipient);
  const std::int64_t wall = to_micros(at.wall);
  const std::lock_guard lock(mutex_);
  Campaign& campaign = campaign_of(campaign_id);
  CampaignCount& count = campaign.count;
  const auto order = static_cast<std::uint32_t>(count.messages);
  ++total_;
  if (count.messages++ == 0) count.first_at = wall;
  count.last_at = std::max(count.last_at, wall);
  ++campaign.by_status[status];
  const std::size_t slot = campaign.slot_of(recipient, hash);
  std::uint32_t index = campaign.table[slot];
  if (index != nobody) {
    ++campaign.recipients[index].messages;
    ++count.duplicates;
  } else if (named_ < max_recipients_) {
    ++named_;
    index = static_cast<std::uint32_t>(campaign.recipients.size());
    const std::string_view key = campaign.keys.add(recipient);
    campaign.recipients.push_back({key.data(), static_cast<std::uint32_t>(key.size()), 1, hash, order});
    campaign.table[slot] = index;
    ++count.recipients;
    if (campaign.recipients.size() * 2 > campaign.table.size()) campaign.grow();
  } else {
    ++count.unnamed;
  }
  if (timed_ >= max_arrivals_) return;
  ++timed_;
  campaign.stamps.push_back(
      {wall, at.steady.time_since_epoch().count(), index, static_cast<std::uint32_t>(status)});
}

void Ledger::count_incomplete(std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  incomplete_ += n;
}

void Ledger::count_malformed() {
  const std::lock_guard lock(mutex_);
  ++malformed_;
}

Counts Ledger::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts{total_, incomplete_, malformed_, {}};
  for (const auto& [id, campaign] : campaigns_) {
    CampaignCount& count = counts.by_campaign[id];
    count = campaign->count;
    count.by_status = campaign->by_status;
  }
  return counts;
}

std::uint64_t Ledger::arrived_after(std::string_view campaign_id, SteadyTime when) const {
  const std::lock_guard lock(mutex_);
  const Campaign* campaign = find(campaign_id);
  if (campaign == nullptr) return 0;
  const std::int64_t limit = when.time_since_epoch().count();
  return static_cast<std::uint64_t>(
      std::count_if(campaign->stamps.begin(), campaign->stamps.end(),
                    [&](const Stamp& stamp) { return stamp.steady_us > limit; }));
}

void Ledger::reset() {
  const std::lock_guard lock(mutex_);
  campaigns_.clear();
  total_ = incomplete_ = malformed_ = 0;
  named_ = timed_ = 0;
}

std::size_t Ledger::list_recipients(std::string_view campaign_id, Format format, std::size_t from,
                                    std::size_t enough, std::string& out) const {
  const std::lock_guard lock(mutex_);
  const Campaign* campaign = find(campaign_id);
  if (from == 0 && format == Format::csv) out += "recipient,messages,first_order,first_at_us\n";
  if (campaign == nullptr) return from;
  for (; from < campaign->recipients.size() && out.size() < enough; ++from) {
    const Recipient& recipient = campaign->recipients[from];
    const bool timed = recipient.first_order < campaign->stamps.size();
    const std::int64_t at = timed ? campaign->stamps[recipient.first_order].wall_us : 0;
    auto end = std::back_inserter(out);
    if (format == Format::csv) {
      append_csv(out, recipient.name());
      fmt::format_to(end, ",{},{},{}\n", recipient.messages, recipient.first_order, at);
    } else {
      out += "{\"recipient\":\"";
      append_json_escaped(out, recipient.name());
      fmt::format_to(end, "\",\"messages\":{},\"first_order\":{},\"first_at_us\":{}}}\n", recipient.messages,
                     recipient.first_order, at);
    }
  }
  return from;
}

std::size_t Ledger::list_arrivals(std::string_view campaign_id, Format format, std::size_t from,
                                  std::size_t enough, std::string& out) const {
  const std::lock_guard lock(mutex_);
  const Campaign* campaign = find(campaign_id);
  if (from == 0 && format == Format::csv) out += "order,recipient,at_us,steady_us,status\n";
  if (campaign == nullptr) return from;
  for (; from < campaign->stamps.size() && out.size() < enough; ++from) {
    const Stamp& stamp = campaign->stamps[from];
    const std::string_view name =
        stamp.recipient == nobody ? std::string_view{} : campaign->recipients[stamp.recipient].name();
    auto end = std::back_inserter(out);
    if (format == Format::csv) {
      fmt::format_to(end, "{},", from);
      append_csv(out, name);
      fmt::format_to(end, ",{},{},{}\n", stamp.wall_us, stamp.steady_us, stamp.status);
    } else {
      fmt::format_to(end, "{{\"order\":{},\"recipient\":\"", from);
      append_json_escaped(out, name);
      fmt::format_to(end, "\",\"at_us\":{},\"steady_us\":{},\"status\":{}}}\n", stamp.wall_us,
                     stamp.steady_us, stamp.status);
    }
  }
  return from;
}

std::vector<std::string> Ledger::recipients(std::string_view campaign_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  if (const Campaign* campaign = find(campaign_id))
    for (const Recipient& recipient : campaign->recipients) names.emplace_back(recipient.name());
  return names;
}

std::vector<Arrival> Ledger::arrivals(std::string_view campaign_id) const {
  const std::lock_guard lock(mutex_);
  std::vector<Arrival> arrivals;
  const Campaign* campaign = find(campaign_id);
  if (campaign == nullptr) return arrivals;
  for (const Stamp& stamp : campaign->stamps) {
    const std::string_view name =
        stamp.recipient == nobody ? std::string_view{} : campaign->recipients[stamp.recipient].name();
    arrivals.push_back({std::string(name),
                        arrivals.size(),
                        {wall_from_micros(stamp.wall_us), SteadyTime{Micros{stamp.steady_us}}},
                        static_cast<int>(stamp.status)});
  }
  return arrivals;
}

}  // namespace belay::sink
