#include "sim/history.h"

#include <charconv>

namespace belay::sim::seen {
namespace {

std::string text(const Tally& t) {
  return fmt::format(
      "audience={} handed={} accepted={} failed={} skipped={} withheld={} doubt={} flight={} "
      "pending={} attempts={}",
      t.audience, t.handed_over, t.accepted, t.failed, t.skipped_total(), t.withheld, t.in_doubt, t.in_flight,
      t.pending, t.attempts);
}

std::string text(const StopRecord& r) {
  std::string out = fmt::format("stop-{} latch={}", r.id, r.latch);
  for (const Receipt& x : r.receipts)
    out += fmt::format(" | {} {} {}{}", x.campaign_name, name_of(x.found_in), text(x.tally),
                       x.settled ? " settled" : "");
  return out;
}

std::string scope_text(const Scope& s, CampaignNo c) {
  static constexpr std::string_view kinds[] = {"campaign", "label", "channel", "provider", "account", "all"};
  return fmt::format("{} c{} {}", kinds[static_cast<std::size_t>(s.kind)], c, s.name);
}

struct Lines {
  std::string operator()(const HandedOver& e) const {
    return fmt::format("node {} hands over c{} ({}) to p{}", e.node, e.campaign, e.id, e.person);
  }
  std::string operator()(const Verdict& e) const {
    static constexpr std::string_view words[] = {"accepted", "again", "failed"};
    return fmt::format("node {} hears {} of c{} p{}", e.node, words[static_cast<std::size_t>(e.word)],
                       e.campaign, e.person);
  }
  std::string operator()(const Create& e) const {
    return fmt::format("create c{} due {} grace {}{} {}{}{}", e.campaign, to_micros(e.due), e.grace.count(),
                       e.recurrence ? " " + in_words(*e.recurrence) : "", in_words(e.timing),
                       e.respects_caps ? "" : " whatever the caps",
                       e.continues > 0 ? fmt::format(" continues c{}", e.continues) : "");
  }
  std::string operator()(const Created& e) const { return fmt::format("created c{} = {}", e.campaign, e.id); }
  std::string operator()(const Refused& e) const {
    return fmt::format("create of c{} refused, code {}", e.campaign, static_cast<int>(e.why));
  }
  std::string operator()(const StopAsked& e) const {
    return fmt::format("question {} to node {}: stop {}{}", e.question, e.node,
                       scope_text(e.scope, e.campaign), e.latch ? " with latch" : "");
  }
  std::string operator()(const StopAnswered& e) const {
    std::string out = fmt::format("answer {} of node {}: {}", e.question, e.node, text(e.record));
    for (const auto& [campaign, admitted] : e.admitted)
      out += fmt::format(" admitted c{}={}", campaign, admitted);
    return out;
  }
  std::string operator()(const StopFailed& e) const {
    return fmt::format("answer {}: failed, code {}", e.question, static_cast<int>(e.why));
  }
  std::string operator()(const PauseAsked& e) const {
    return fmt::format("question {} to node {}: {} c{}", e.question, e.node, e.resume ? "resume" : "pause",
                       e.campaign);
  }
  std::string operator()(const PauseAnswered& e) const {
    return fmt::format("answer {}: c{} is paused {}", e.question, e.campaign, text(e.tally));
  }
  std::string operator()(const Resumed& e) const {
    return fmt::format("answer {}: c{} is {}", e.question, e.campaign, name_of(e.state));
  }
  std::string operator()(const PauseFailed& e) const {
    return fmt::format("answer {}: failed, code {}", e.question, static_cast<int>(e.why));
  }
  std::string operator()(const ReleaseAsked& e) const {
    return fmt::format("latch-{} is to be released", e.latch);
  }
  std::string operator()(const CapsAsked&) const { return "caps are to be set"; }
  std::string operator()(const CapsSet& e) const {
    std::string out = "caps are set";
    for (const FrequencyCap& cap : e.caps)
      out += fmt::format(" {} in {} days{}", cap.messages, cap.days(), cap.channel ? " of one channel" : "");
    return out;
  }
  std::string operator()(const Started& e) const { return fmt::format("node {} starts", e.node); }
  std::string operator()(const Owned& e) const {
    return fmt::format("node {} owns, term {}", e.node, e.term);
  }
  std::string operator()(const Died& e) const { return fmt::format("node {} dies: {}", e.node, e.how); }
  std::string operator()(const PowerLost&) const { return "power lost"; }
  std::string operator()(const Paused& e) const {
    return fmt::format("node {} does not run for {} us", e.node, e.length.count());
  }
  std::string operator()(const ClockStepped& e) const {
    return fmt::format("clock of node {} is set by {} us", e.node, e.by.count());
  }
  std::string operator()(const DiskTrouble& e) const { return "disk: " + e.what; }
  std::string operator()(const Healed&) const { return "nothing breaks any more"; }
  std::string operator()(const Read& e) const {
    return fmt::format("node {} says c{} is {}: {}", e.node, e.campaign, name_of(e.state), text(e.tally));
  }
  std::string operator()(const Final& e) const {
    std::string out = fmt::format("in the end c{} ({}, due {}) is {} admitted={}: {} |", e.campaign, e.id,
                                  to_micros(e.due), name_of(e.state), e.admitted, text(e.tally));
    for (std::size_t o = 0; o < e.people.size(); ++o)
      out += fmt::format(" p{}={}/{}", e.who[o], name_of(e.people[o].standing), e.people[o].attempts);
    return out;
  }
  std::string operator()(const FinalStop& e) const { return "in the end " + text(e.record); }
  std::string operator()(const Stuck& e) const { return "stuck: " + e.what; }
};

}  // namespace

CampaignNo number_in(std::string_view name) {
  CampaignNo no = -1;
  if (name.starts_with('c')) std::from_chars(name.data() + 1, name.data() + name.size(), no);
  return no;
}

CampaignNo number_of(const Campaign& c) {
  const CampaignNo no = number_in(c.definition.name);
  return c.series ? no * 1000 + static_cast<CampaignNo>(c.occurrence) : no;
}

std::string to_text(const Entry& e) {
  return fmt::format("{:>12} {}", e.at.count(), std::visit(Lines{}, e.event));
}

std::uint64_t hash_of(const History& history) {
  std::uint64_t h = 0xcbf29ce484222325u;  // FNV-1a
  for (const Entry& e : history.entries)
    for (const char c : to_text(e)) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

}  // namespace belay::sim::seen
