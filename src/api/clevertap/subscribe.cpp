// POST /1/subscribe and POST /1/disassociate: whether an address wants messages, and taking a phone number
// away from whoever has it. Records that are refused come back one by one, as from an upload.
#include <set>

#include "api/clevertap/body.h"
#include "api/clevertap/handlers.h"
#include "api/errors.h"
#include "content/properties.h"
#include "store/people.h"

namespace belay::api::clevertap {
namespace {

constexpr std::size_t most_records = 1000, most_value_bytes = 512;
constexpr std::pair<std::string_view, store::ContactKind> kinds[] = {
    {"phone", store::ContactKind::phone},
    {"email", store::ContactKind::email},
    {"whatsapp", store::ContactKind::whatsapp},
};

// What every record of "d" has in common with an answer.
class Batch {
 public:
  void took() { ++processed_; }
  void refuse(const json::value& record, std::size_t number, std::string_view why) {
    if (!unprocessed_.empty()) unprocessed_ += ',';
    unprocessed_ += R"({"status":"fail","code":400,"error":")";
    append_json_escaped(unprocessed_, why);
    unprocessed_ += fmt::format(R"(. Skipped record number : {}","record":{}}})", number, to_text(record));
  }
  net::HttpReply answer() const {
    const std::string_view status = unprocessed_.empty() ? "success" : processed_ == 0 ? "fail" : "partial";
    return json_reply(200, fmt::format(R"({{"status":"{}","processed":{},"unprocessed":[{}]}})", status,
                                       processed_, unprocessed_));
  }

 private:
  std::size_t processed_ = 0;
  std::string unprocessed_;
};

Read<json::array> records_of(const Call& call) {
  if (!call.account)
    return std::unexpected(std::string("Name the account in the header X-CleverTap-Account-Id"));
  TRY_ASSIGN(auto request, parse_object(call.request.body));
  const json::value* d = member(request, "d");
  if (!d || !d->is_array()) return std::unexpected(std::string("d is required: a list of records"));
  if (d->get_array().size() > most_records)
    return std::unexpected(fmt::format("A request must not have more than {} records", most_records));
  return d->get_array();
}

std::string value_of(const json::object& record) {
  const json::value* value = member(record, "value");
  if (!value) return "";
  if (value->is_int64()) return fmt::format("{}", value->get_int64());
  return value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<store::ContactKind> kind_of(const json::object& record) {
  const auto type = text(record, "type", 16);
  if (!type || !*type) return std::nullopt;
  const auto row = std::ranges::find_if(kinds, [&](const auto& kind) { return kind.first == **type; });
  return row == std::end(kinds) ? std::nullopt : std::optional(row->second);
}

struct Word {
  store::ContactKind kind;
  std::string value;
  bool wanted;
};

Read<Word> read_word(const json::value& value) {
  if (!value.is_object()) return std::unexpected(std::string("The record is no object"));
  const json::object& record = value.get_object();
  const auto kind = kind_of(record);
  if (!kind) return std::unexpected(std::string("type must be phone, email or whatsapp"));
  const std::string address = value_of(record);
  if (address.empty() || address.size() > most_value_bytes)
    return std::unexpected(fmt::format("value must be a text of at most {} bytes", most_value_bytes));
  const auto status = text(record, "status", 32);
  const std::string_view word = status && *status ? std::string_view(**status) : std::string_view{};
  if (word != "Unsubscribe" && word != "Resubscribe")
    return std::unexpected(std::string("status must be Unsubscribe or Resubscribe"));
  return Word{*kind, store::contact_value(*kind, address), word == "Resubscribe"};
}

net::HttpReply keep_words(Call& call) {
  const auto records = records_of(call);
  if (!records) return clevertap_fail(400, records.error());
  Batch batch;
  std::vector<Word> words;
  words.reserve(records->size());
  for (std::size_t i = 0; i < records->size(); ++i) {
    auto word = read_word((*records)[i]);
    if (!word) {
      batch.refuse((*records)[i], i + 1, word.error());
      continue;
    }
    batch.took();
    words.push_back(std::move(*word));
  }
  std::vector<store::Subscription> all;
  for (const Word& word : words) all.push_back({word.kind, word.value, word.wanted, call.services.clock.wall()});
  if (!all.empty())
    if (const auto kept = store::people_of(*call.worker.profiles).subscribe(call.account, all); !kept)
      return clevertap_from(kept.error());
  return batch.answer();
}

// Everybody is looked at once for all numbers, a chunk at a time.
store::Result<void> take_away(Call& call, const std::set<std::string, std::less<>>& phones) {
  store::ScanQuery scan{.account = call.account, .kind = RecipientKind::profile, .with_properties = true};
  while (true) {
    std::vector<store::Unset> found;
    const auto visit = [&](const store::ScanRow& row) {
      content::Properties properties(row.properties);
      const content::RawValue phone = properties.find("Phone");  // a text, or a number
      if (!phones.contains(phone.json)) return;
      const bool is_text = phone.kind == content::RawValue::Kind::text;
      found.push_back(
          {row.profile, "Phone", is_text ? fmt::format("\"{}\"", phone.json) : std::string(phone.json)});
    };
    TRY_ASSIGN(const auto last, call.worker.profiles->scan(scan, visit));
    if (!found.empty()) TRY(store::people_of(*call.worker.profiles).unset(call.account, found));
    if (!last) return {};
    scan.after = *last;
  }
}

net::HttpReply disassociate_all(Call& call) {
  const auto records = records_of(call);
  if (!records) return clevertap_fail(400, records.error());
  Batch batch;
  std::set<std::string, std::less<>> phones;
  for (std::size_t i = 0; i < records->size(); ++i) {
    const json::value& record = (*records)[i];
    const bool sound = record.is_object() && kind_of(record.get_object()) == store::ContactKind::phone;
    const std::string number =
        sound ? store::contact_value(store::ContactKind::phone, value_of(record.get_object())) : "";
    if (number.empty() || number.size() > most_value_bytes) {
      batch.refuse(record, i + 1, sound ? "value must be a phone number" : "type must be phone");
      continue;
    }
    batch.took();
    phones.insert("+" + number);
    phones.insert(number);
  }
  if (!phones.empty())
    if (const auto taken = take_away(call, phones); !taken) return clevertap_from(taken.error());
  return batch.answer();
}

}  // namespace

void subscribe(Call call, Answer answer) {
  answer.send(keep_words(call));
}

void disassociate(Call call, Answer answer) {
  answer.send(disassociate_all(call));
}

}  // namespace belay::api::clevertap
