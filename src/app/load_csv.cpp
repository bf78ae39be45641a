#include "app/load_csv.h"

#include "base/json.h"

namespace belay::app {
namespace {

constexpr std::string_view record_columns[] = {"identity", "objectId", "FBID", "GPID"};

bool is_number(std::string_view cell) {
  if (cell.empty() || (cell[0] != '-' && (cell[0] < '0' || cell[0] > '9'))) return false;
  const auto value = parse_json(cell);
  if (!value || !value->is_number()) return false;
  // Digits beyond 64 bits are somebody's order number: as a number it would equal its neighbours.
  return !value->is_double() || cell.find_first_of(".eE") != cell.npos;
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

// As text, so that no digit of a number changes.
std::string member(std::string_view name, std::string_view cell, bool as_text) {
  std::string out;
  append_text(out, name);
  out += ':';
  if (!as_text && (cell == "true" || cell == "false" || is_number(cell)))
    out += cell;
  else
    append_text(out, cell);
  return out;
}

void add(std::string& members, const std::string& one) {
  if (!members.empty()) members += ',';
  members += one;
}

}  // namespace

Result<bool, std::string> CsvReader::read_cells() {
  cells_.clear();
  began_ = line_ + 1;
  std::string line, cell;
  bool quoted = false, was_quoted = false;
  std::size_t bytes = 0;
  while (std::getline(in_, line)) {
    ++line_;
    bytes += line.size();
    if (bytes > most_row_bytes)
      return std::unexpected(fmt::format("line {}: a row is longer than {} bytes", began_, most_row_bytes));
    if (!quoted && line.ends_with('\r')) line.pop_back();
    if (!quoted && cells_.empty() && line.empty()) {
      began_ = line_ + 1;
      continue;
    }
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
        cell += c;
        ++i;
      } else if (c == '"' && (quoted || (cell.empty() && !was_quoted))) {
        quoted = !quoted;
        was_quoted = true;
      } else if (c == ',' && !quoted) {
        cells_.push_back(std::exchange(cell, {}));
        was_quoted = false;
      } else if (!(quoted ? false : was_quoted && c == '\r')) {
        cell += c;
      }
    }
    if (quoted) {
      cell += '\n';
      continue;
    }
    cells_.push_back(std::move(cell));
    return true;
  }
  if (quoted) return std::unexpected(fmt::format("line {}: a quote does not end", began_));
  return false;
}

Result<void, std::string> CsvReader::read_names() {
  TRY_ASSIGN(const bool there, read_cells());
  if (!there) return std::unexpected(std::string("the file is empty: its first line names the columns"));
  names_ = cells_;
  if (names_.front().starts_with("\xef\xbb\xbf")) names_.front().erase(0, 3);  // a byte order mark
  for (std::size_t i = 0; i < names_.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (names_[i] == names_[j])
        return std::unexpected(fmt::format("line 1: the column \"{}\" is there twice", names_[i]));
  return {};
}

void CsvReader::make_record(Row& row) const {
  std::string members, data, event, token, token_type = "fcm";
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::string& name = names_[i];
    const std::string& cell = cells_[i];
    if (cell.empty()) continue;
    if (std::ranges::find(record_columns, std::string_view(name)) != std::end(record_columns))
      add(members, member(name, cell, true));
    else if (name == "ts")
      add(members, member(name, cell, false));
    else if (name == "evtName")
      event = cell;
    else if (name == "token")
      token = cell;
    else if (name == "token_type")
      token_type = cell;
    else
      add(data, member(name, cell, name == "Phone"));
  }
  if (!event.empty()) {
    add(members, member("type", "event", true));
    add(members, member("evtName", event, true));
    add(members, fmt::format("\"evtData\":{{{}}}", data));
  } else {
    add(members, member("type", "profile", true));
    add(members, fmt::format("\"profileData\":{{{}}}", data));
    if (!token.empty())
      add(members, fmt::format("\"tokens\":[{{{},{}}}]", member("id", token, true),
                               member("type", token_type, true)));
  }
  row.record = fmt::format("{{{}}}", members);
}

Result<std::optional<CsvReader::Row>, std::string> CsvReader::next() {
  if (names_.empty()) TRY(read_names());
  TRY_ASSIGN(const bool there, read_cells());
  if (!there) return std::nullopt;
  Row row{.line = began_};
  if (cells_.size() > names_.size())
    row.wrong = fmt::format("{} cells, and there are {} columns", cells_.size(), names_.size());
  else
    make_record(row);
  return row;
}

}  // namespace belay::app
