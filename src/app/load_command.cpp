#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "app/asking.h"
#include "app/load_batches.h"
#include "app/load_csv.h"
#include "app/words.h"

namespace belay::app {
namespace {

constexpr std::string_view command = "belay load";
constexpr std::uint64_t most_complaints = 100;  // written out; all are counted

// "… Skipped record number : 12" -> 12, counted from 1.
std::size_t skipped_number(std::string_view error) {
  constexpr std::string_view mark = "Skipped record number : ";
  const std::size_t at = error.rfind(mark);
  std::size_t number = 0;
  if (at != std::string_view::npos)
    std::from_chars(error.data() + at + mark.size(), error.data() + error.size(), number);
  return number;
}

class Loading {
 public:
  // `errors`: where what is refused is written down; closed: nowhere.
  Loading(Asking& asking, std::string account, std::ofstream errors)
      : asking_(asking), account_(std::move(account)), errors_(std::move(errors)) {}

  // A Failure ends the load: the server is gone, or refuses the batch as a whole.
  Result<void, Failure> line(std::string_view text, std::uint64_t number) {
    lines_ = number;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) return {};
    auto batch = maker_.add(text, number);
    if (!batch) return refuse(number, batch.error(), text), Result<void, Failure>{};
    if (*batch) return upload(**batch);
    return {};
  }
  void wrong_row(std::uint64_t number, std::string_view why) {
    lines_ = number;
    refuse(number, why, "");
  }
  // Up to and with this line everything has been answered.
  std::uint64_t done_to() const { return done_to_; }
  Result<void, Failure> finish() {
    if (auto batch = maker_.rest()) return upload(*batch);
    return {};
  }

  void show_progress(bool last) {
    const SteadyTime now = clock_.steady();
    if (!tty_ || (!last && now - shown_ < Millis{200})) return;
    shown_ = now;
    fmt::print(stderr, "\r\033[K{} records, {} a second", thousands(static_cast<std::int64_t>(loaded_)),
               thousands(static_cast<std::int64_t>(rate())));
    if (last) std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
  }

  ExitCode summary(bool as_json) {
    const Micros took = std::chrono::duration_cast<Micros>(clock_.steady() - began_);
    if (as_json)
      print_json(json::object{
          {"lines", lines_}, {"loaded", loaded_}, {"refused", refused_}, {"took_us", took.count()}});
    else
      fmt::print("{} loaded, {} refused, from {} in {}\n",
                 counted(static_cast<std::int64_t>(loaded_), "record", "records"),
                 thousands(static_cast<std::int64_t>(refused_)),
                 counted(static_cast<std::int64_t>(lines_), "line", "lines"), in_words(took));
    return refused_ == 0 ? ExitCode::ok : ExitCode::failed;
  }

 private:
  Result<void, Failure> upload(const UploadBatch& batch) {
    ApiCall call{.method = "POST", .path = "/1/upload", .body = batch.body()};
    call.patience = Millis{120'000};
    call.headers.emplace_back("X-CleverTap-Account-Id", account_);
    TRY_ASSIGN(const json::value answer, asking_.ask(std::move(call)));
    loaded_ += static_cast<std::uint64_t>(number_at(answer.as_object(), "processed"));
    const json::value* unprocessed = answer.as_object().if_contains("unprocessed");
    if (unprocessed != nullptr && unprocessed->is_array())
      for (const json::value& v : unprocessed->as_array()) {
        const std::string error = text_at(v.as_object(), "error");
        const std::size_t number = skipped_number(error);
        const bool known = number >= 1 && number <= batch.lines.size();
        refuse(known ? batch.lines[number - 1] : batch.lines.front(), error,
               known ? std::string_view(batch.records[number - 1]) : std::string_view{});
      }
    done_to_ = batch.lines.back();
    show_progress(false);
    return {};
  }

  void refuse(std::uint64_t line, std::string_view why, std::string_view record) {
    if (errors_.is_open()) {
      const auto parsed = parse_json(record);
      errors_ << to_text(json::object{{"line", line},
                                      {"error", why},
                                      {"record", parsed ? *parsed : json::value(std::string(record))}})
              << '\n';
    }
    if (++refused_ > most_complaints) return;
    if (tty_) std::fputs("\r\033[K", stderr);
    fmt::print(stderr, "line {}: {}\n", line, why);
    if (refused_ == most_complaints) fmt::print(stderr, "further ones are only counted\n");
  }

  double rate() const {
    const double seconds = std::chrono::duration<double>(clock_.steady() - began_).count();
    return seconds > 0 ? static_cast<double>(loaded_) / seconds : 0;
  }

  Asking& asking_;
  const std::string account_;
  const RealClock clock_;
  const SteadyTime began_ = clock_.steady();
  SteadyTime shown_ = began_;
  const bool tty_ = ::isatty(STDERR_FILENO) == 1;
  BatchMaker maker_;
  std::ofstream errors_;
  std::uint64_t lines_ = 0, loaded_ = 0, refused_ = 0, done_to_ = 0;
};

Result<void, Failure> load_lines(Loading& loading, std::istream& in, std::uint64_t from) {
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number)
    if (number >= from) TRY(loading.line(line, number));
  return loading.finish();
}

Result<void, Failure> load_csv(Loading& loading, std::istream& in, std::uint64_t from) {
  CsvReader reader(in);
  while (true) {
    const auto row = reader.next();
    if (!row) {
      TRY(loading.finish());
      return std::unexpected(Failure{ExitCode::failed, row.error()});
    }
    if (!*row) return loading.finish();
    if ((*row)->line < from) continue;
    if ((*row)->wrong.empty()) {
      TRY(loading.line((*row)->record, (*row)->line));
    } else {
      loading.wrong_row((*row)->line, (*row)->wrong);
    }
  }
}

}  // namespace

ExitCode load_command(const LoadOptions& o) {
  std::ifstream file;
  if (o.file != "-") {
    file.open(o.file);
    if (!file)
      return complain(command,
                      {ExitCode::usage, fmt::format("{} can't be read: {}", o.file, std::strerror(errno))});
  }
  std::istream& in = o.file == "-" ? std::cin : file;
  auto asking = Asking::begin(o.place);
  if (!asking) return complain(command, asking.error());
  auto account = account_for(*asking, o.account);
  if (!account) return complain(command, account.error());

  std::ofstream errors;
  if (!o.errors.empty()) {
    errors.open(o.errors);
    if (!errors)
      return complain(command, {ExitCode::usage,
                                fmt::format("{} can't be written: {}", o.errors, std::strerror(errno))});
  }
  Loading loading(*asking, std::move(*account), std::move(errors));
  const bool csv = o.csv || o.file.ends_with(".csv");
  const auto going = csv ? load_csv(loading, in, o.from_line) : load_lines(loading, in, o.from_line);
  loading.show_progress(true);
  const ExitCode code = loading.summary(o.place.json);
  if (!going)
    return complain(command,
                    {going.error().code,
                     fmt::format("{}; what is counted above has been loaded: go on with --from-line {}",
                                 going.error().text, std::max(loading.done_to() + 1, o.from_line))});
  if (in.bad())
    return complain(command, {ExitCode::failed, fmt::format("{} could not be read to its end", o.file)});
  return code;
}

}  // namespace belay::app
