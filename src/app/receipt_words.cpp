#include "app/receipt_words.h"

#include "app/asking.h"
#include "app/words.h"

namespace belay::app {
namespace {

std::string number_in_words(const json::object& o, std::string_view key) {
  return thousands(number_at(o, key));
}

bool truth_at(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  return v != nullptr && v->is_bool() && v->as_bool();
}

// The entries to speak of: the campaigns, or the receipt itself where it is of one.
std::vector<const json::object*> campaigns_of(const json::object& receipt) {
  std::vector<const json::object*> out;
  const json::value* list = receipt.if_contains("campaigns");
  if (list == nullptr) return {&receipt};
  if (list->is_array())
    for (const json::value& v : list->as_array())
      if (v.is_object()) out.push_back(&v.as_object());
  return out;
}

std::string skipped_in_words(const json::object& o) {
  const json::value* skipped = o.if_contains("skipped");
  if (skipped == nullptr || !skipped->is_object()) return "0";
  std::int64_t total = 0;
  std::string parts;
  for (const auto& pair : skipped->as_object()) {
    const std::int64_t n = pair.value().is_int64() ? pair.value().as_int64() : 0;
    total += n;
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", std::string_view(pair.key()), thousands(n));
  }
  return parts.empty() ? "0" : fmt::format("{}   ({})", thousands(total), parts);
}

std::string hand_over_in_words(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  if (v == nullptr || !v->is_object()) return "none";
  return fmt::format("{}, recipient {}", text_at(v->as_object(), "time"),
                     thousands(number_at(v->as_object(), "recipient")));
}

std::string name_in_words(const json::object& c) {
  return fmt::format("{} \"{}\"", number_at(c, "campaign"), text_at(c, "campaign_name"));
}

bool was_final(const json::object& c) {
  const std::string found = text_at(c, "found_in");
  return found == "completed" || found == "missed" || found == "stopped";
}

// One campaign's line under the sum.
std::string campaign_line(const json::object& c) {
  if (was_final(c))
    return fmt::format("  {}: was {} before; nothing changed\n", name_in_words(c), text_at(c, "found_in"));
  if (!truth_at(c, "planned"))
    return fmt::format("  {}: nobody had been sent to, and nobody will be\n", name_in_words(c));
  std::string line = fmt::format("  {}: of {} recipients {} handed over", name_in_words(c),
                                 number_in_words(c, "audience"), number_in_words(c, "handed_over"));
  if (!truth_at(c, "settled"))
    line += fmt::format("; {} still await the provider's verdict", number_in_words(c, "in_flight"));
  return line + "\n";
}

std::string numbers_block(const json::object& o) {
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    out += fmt::format("  {:<14} {}\n", name, value);
  };
  line("audience", number_in_words(o, "audience"));
  line("handed over", number_in_words(o, "handed_over"));
  line("accepted", number_in_words(o, "accepted"));
  line("failed", number_in_words(o, "failed"));
  line("skipped", skipped_in_words(o));
  line("withheld", number_in_words(o, "withheld"));
  line("in doubt", number_in_words(o, "in_doubt"));
  line("in flight", number_in_words(o, "in_flight"));
  line("settled", truth_at(o, "settled") ? "yes" : "not yet: verdicts are awaited");
  line("attempts", number_in_words(o, "attempts"));
  line("first", hand_over_in_words(o, "first_hand_over"));
  line("last", hand_over_in_words(o, "last_hand_over"));
  const json::value* loops = o.if_contains("loops");
  if (loops != nullptr && loops->is_array())
    for (const json::value& l : loops->as_array())
      line(fmt::format("sender loop {}", number_at(l.as_object(), "loop")),
           fmt::format(
               "{} handed over, {} in flight, {} dropped", number_in_words(l.as_object(), "handed_over"),
               number_in_words(l.as_object(), "in_flight"), number_in_words(l.as_object(), "dropped")));
  return out;
}

std::string audit_line(const json::object& receipt) {
  const json::value* row = receipt.if_contains("audit");
  if (row == nullptr || !row->is_object()) return "";
  return fmt::format("  {:<14} row {}: {}\n", "audit trail", number_at(row->as_object(), "id"),
                     text_at(row->as_object(), "hash"));
}

std::string latch_line(const json::object& receipt) {
  const std::string latch = text_at(receipt, "latch");
  if (latch.empty()) return "";
  return fmt::format("Nothing of this scope starts until the latch is released: belay latch release {}\n",
                     latch);
}

}  // namespace

std::string scope_in_words(const json::object& receipt) {
  const json::value* scope = receipt.if_contains("scope");
  if (scope == nullptr || !scope->is_object()) return "";
  std::string out;
  for (const auto& pair : scope->as_object()) {
    if (!out.empty()) out += " of ";
    if (pair.key() == "all")
      out += "everything";
    else if (pair.value().is_string())
      out +=
          fmt::format("{} \"{}\"", std::string_view(pair.key()), std::string_view(pair.value().as_string()));
    else
      out += fmt::format("{} {}", std::string_view(pair.key()), to_text(pair.value()));
  }
  return out;
}

std::string stop_in_words(const json::object& r, bool repeated) {
  const auto campaigns = campaigns_of(r);
  std::string out;
  if (campaigns.empty()) {
    out = fmt::format("Nothing was scheduled or running in the scope ({}).\n", scope_in_words(r));
  } else {
    const bool nothing_new =
        std::ranges::all_of(campaigns, [](const json::object* c) { return was_final(*c); });
    out = repeated      ? fmt::format("Was stopped before, at {}. ", text_at(r, "at"))
          : nothing_new ? std::string("Nothing was left to stop. ")
                        : fmt::format("Stopped in {}. ", in_words(Micros{number_at(r, "latency_us")}));
    out += fmt::format("{} handed over, {} withheld, {} in doubt.\n", number_in_words(r, "handed_over"),
                       number_in_words(r, "withheld"), number_in_words(r, "in_doubt"));
    for (const json::object* c : campaigns) out += campaign_line(*c);
  }
  out += latch_line(r);
  const std::string id = text_at(r, "id");
  out += fmt::format("Receipt {0}: belay receipt {0}\n", id);
  if (campaigns.size() == 1 && number_at(r, "withheld") > 0)
    out += fmt::format("Who was not reached: belay recipients {} --outcome withheld\n",
                       number_at(*campaigns.front(), "campaign"));
  return out;
}

std::string preview_in_words(const json::object& r) {
  const auto campaigns = campaigns_of(r);
  if (campaigns.empty())
    return fmt::format("Nothing has been stopped, and nothing is scheduled or running in the scope ({}).\n",
                       scope_in_words(r));
  std::string out = fmt::format(
      "Nothing has been stopped. A stop now would withhold {} of {} recipients in {}; {} have been handed "
      "over already.\n",
      number_in_words(r, "withheld"), number_in_words(r, "audience"),
      counted(static_cast<std::int64_t>(campaigns.size()), "campaign", "campaigns"),
      number_in_words(r, "handed_over"));
  for (const json::object* c : campaigns)
    out += fmt::format("  {}: {}, {} withheld, {} handed over\n", name_in_words(*c), text_at(*c, "found_in"),
                       number_in_words(*c, "withheld"), number_in_words(*c, "handed_over"));
  return out;
}

std::string receipt_in_words(const json::object& r) {
  const std::string reason = text_at(r, "reason");
  std::string out = fmt::format("Receipt {}: stop of {}\n  {:<14} {}\n  {:<14} {}{}\n  {:<14} {}\n",
                                text_at(r, "id"), scope_in_words(r), "asked for", text_at(r, "at"), "by",
                                text_at(r, "actor"), reason.empty() ? "" : ": " + reason, "answered in",
                                in_words(Micros{number_at(r, "latency_us")}));
  const auto campaigns = campaigns_of(r);
  const bool one = campaigns.size() == 1 && campaigns.front() == &r;
  if (one)
    out += fmt::format("  {:<14} {}, found {}\n", "campaign", name_in_words(r), text_at(r, "found_in"));
  out += numbers_block(r);
  if (!one)
    for (const json::object* c : campaigns)
      out += fmt::format("\nCampaign {}, found {}\n", name_in_words(*c), text_at(*c, "found_in")) +
             numbers_block(*c);
  return out + audit_line(r) + latch_line(r);
}

}  // namespace belay::app
