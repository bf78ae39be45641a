// A backup's archive: what goes in comes out, and whatever else somebody calls a backup is refused.
#include "store/sqlite/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "base/sha256.h"
#include "store/conformance_test.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/home.h"
#include "store/sqlite/open.h"
#include "store/sqlite/restore.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store {
namespace {

namespace fs = std::filesystem;

std::string hash_of(std::string_view text) {
  Sha256 hash;
  hash.add(text);
  return hash.hex();
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

struct Member {
  std::string name, text;
  unsigned type = AE_IFREG;
  std::string link = "";
};

// What anybody can make with any tar.
void make_tar(const std::string& path, const std::vector<Member>& members) {
  archive* a = archive_write_new();
  archive_write_set_format_pax(a);
  archive_write_open_filename(a, path.c_str());
  for (const Member& m : members) {
    archive_entry* e = archive_entry_new();
    archive_entry_set_pathname(e, m.name.c_str());
    archive_entry_set_filetype(e, m.type);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, static_cast<la_int64_t>(m.text.size()));
    if (m.type == AE_IFLNK) archive_entry_set_symlink(e, m.link.c_str());
    if (m.type == AE_IFREG && !m.link.empty()) archive_entry_set_hardlink(e, m.link.c_str());
    archive_write_header(a, e);
    archive_write_data(a, m.text.data(), m.text.size());
    archive_entry_free(e);
  }
  archive_write_close(a);
  archive_write_free(a);
}

class Archive : public testing::Test {
 protected:
  Archive() {
    fs::create_directory(from()), write(from() + "/belay.db", control),
        write(from() + "/profiles.db", profiles), write(from() + "/secret.key", "key\n");
  }
  std::string from() const { return folder.path() + "/from"; }
  std::string file(const char* name = "backup.tar") const { return folder.path() + "/" + name; }

  Manifest pack(const char* name = "backup.tar") {
    Manifest m{at(7), 2, {}};
    must(store::pack(from(), file(name), m));
    return m;
  }
  Result<Manifest> unpack(const char* name = "backup.tar") {
    fs::remove_all(into());
    fs::create_directory(into());
    return store::unpack(file(name), into());
  }
  std::string into() const { return folder.path() + "/into"; }
  // Why it is refused; "" if it is not.
  std::string refusal(const char* name = "backup.tar") {
    const auto done = unpack(name);
    return done ? "" : done.error().text;
  }
  json::object manifest() const {
    json::array files;
    for (const auto& [name, text] : {std::pair{"belay.db", &control}, {"profiles.db", &profiles}})
      files.push_back(json::object{{"name", name}, {"bytes", text->size()}, {"sha256", hash_of(*text)}});
    return {{"format", "belay-backup"},  {"version", 1},  {"made_us", 1}, {"made", "then"},
            {"unfinished_campaigns", 0}, {"files", files}};
  }
  std::string refusal(const std::vector<Member>& members) {
    make_tar(file(), members);
    return refusal();
  }
  Member said() const { return {"manifest.json", to_text(manifest())}; }

  TempFolder folder;
  const std::string control = std::string(1'200'000, 'c') + "end", profiles = std::string(3000, 'p');
};

TEST_F(Archive, gives_back_what_was_put_in) {
  for (const char* name : {"backup.tar", "backup.tar.zst"}) {
    const Manifest made = pack(name);
    EXPECT_EQ(made.files.size(), 3U);
    EXPECT_EQ(fs::status(file(name)).permissions(), fs::perms(0600));
    const Manifest read_back = must(unpack(name));
    EXPECT_EQ(read_back.made, at(7));
    EXPECT_EQ(read_back.unfinished, 2U);
    EXPECT_EQ(read_back.bytes(), control.size() + profiles.size() + 4);
    EXPECT_EQ(read(into() + "/belay.db"), control);
    EXPECT_EQ(read(into() + "/profiles.db"), profiles);
    EXPECT_EQ(read(into() + "/secret.key"), "key\n");
    EXPECT_EQ(fs::status(into() + "/secret.key").permissions(), fs::perms(0600));
  }
  EXPECT_LT(fs::file_size(file("backup.tar.zst")), fs::file_size(file()) / 10);
  EXPECT_EQ(store::pack(from(), file(), *std::make_unique<Manifest>()).error().code, Code::io)
      << "never over one";
}

TEST_F(Archive, may_lack_the_key_and_nothing_else) {
  fs::remove(from() + "/secret.key");
  pack();
  EXPECT_EQ(must(unpack()).files.size(), 2U);
  fs::remove(from() + "/profiles.db");
  Manifest m;
  EXPECT_FALSE(store::pack(from(), file("other.tar"), m));
}

TEST_F(Archive, that_is_cut_short_is_refused_wherever_it_is_cut) {
  for (const char* name : {"backup.tar", "backup.tar.zst"}) {
    pack(name);
    const std::string whole = read(file(name));
    // A tar ends with 1024 zeros, of which none is needed.
    const std::size_t end = whole.size() - (fs::path(name).extension() == ".tar" ? 1024 : 0);
    for (std::size_t i = 0; i < 40; ++i) {
      const std::size_t cut = i * (end - 1) / 40;
      write(file("cut.tar"), std::string_view(whole).substr(0, cut));
      EXPECT_NE(refusal("cut.tar"), "") << name << " at " << cut << " of " << whole.size();
    }
  }
}

TEST_F(Archive, with_a_changed_byte_is_refused_or_comes_out_right) {
  pack();
  const std::string whole = read(file());
  int refused = 0;
  for (std::size_t i = 0; i < 120; ++i) {
    std::string changed = whole;
    changed[(i * 8191 + i) % changed.size()] ^= 0x10;
    if (i < 60) changed[i * 37 % 4096] ^= 0x01;  // the manifest and its header
    write(file("changed.tar"), changed);
    if (refusal("changed.tar") != "") {
      ++refused;
      continue;
    }
    EXPECT_EQ(read(into() + "/belay.db"), control) << i;
    EXPECT_EQ(read(into() + "/profiles.db"), profiles) << i;
  }
  EXPECT_GT(refused, 100);
}

TEST_F(Archive, of_somebody_elses_making_is_refused) {
  const Member c{"belay.db", control}, p{"profiles.db", profiles};
  EXPECT_EQ(refusal({said(), c, p}), "") << "so it is not for another reason";
  const std::pair<std::vector<Member>, const char*> rows[] = {
      {{}, "does not begin with manifest.json"},
      {{c, p, said()}, "does not begin with manifest.json"},
      {{said(), c}, "is missing"},
      {{said(), c, c, p}, "belay.db is in it twice"},
      {{said(), c, p, {"evil", "x"}}, "not in its manifest"},
      {{said(), c, p, {"../belay.db", "x"}}, "not in its manifest"},
      {{said(), {"../../belay.db", control}, p}, "not in its manifest"},
      {{said(), {"/tmp/belay.db", control}, p}, "not in its manifest"},
      {{said(), {"./belay.db", control}, p}, "not in its manifest"},
      {{said(), {"secret.key", "x"}, c, p}, "not in its manifest"},
      {{said(), {"belay.db", "", AE_IFLNK, "/etc/passwd"}, p}, "not a plain file"},
      {{said(), {"belay.db", "", AE_IFREG, "profiles.db"}, p}, "not a plain file"},
      {{said(), {"belay.db", "", AE_IFDIR}, p}, "not a plain file"},
      {{said(), {"belay.db", "", AE_IFIFO}, p}, "not a plain file"},
      {{{"manifest.json", "", AE_IFLNK, "/etc/passwd"}, c, p}, "not a plain file"},
      {{said(), {"belay.db", control + "x"}, p}, "its manifest says"},
      {{said(), {"belay.db", std::string(control.size(), 'x')}, p}, "checksum"},
      {{{"manifest.json", std::string(70'000, ' ')}, c, p}, "manifest is too large"},
      {{{"manifest.json", "{"}, c, p}, "manifest can't be read"},
      {{{"manifest.json", "[]"}, c, p}, "manifest lacks something"},
      {{{"manifest.json", "{}"}, c, p}, "manifest lacks something"},
  };
  for (const auto& [members, why] : rows) {
    const std::string refused = refusal(members);
    EXPECT_NE(refused.find(why), std::string::npos) << "\"" << refused << "\" and not: " << why;
    EXPECT_NE(refused.find("backup.tar"), std::string::npos) << refused;
  }
  EXPECT_FALSE(fs::exists(folder.path() + "/belay.db"));
  write(file(), "no tar at all");
  EXPECT_NE(refusal(), "");
  write(file(), "");
  EXPECT_NE(refusal(), "");
  fs::remove(file());
  EXPECT_NE(refusal().find("No such file"), std::string::npos);
}

TEST_F(Archive, whose_manifest_promises_what_cannot_be_is_refused_before_anything_is_written) {
  const auto with = [&](auto change) {
    json::object m = manifest();
    change(m);
    return refusal({{"manifest.json", to_text(m)}, {"belay.db", control}, {"profiles.db", profiles}});
  };
  const auto file_of = [](json::object& m, int n) -> json::object& {
    return m["files"].as_array()[n].as_object();
  };
  EXPECT_NE(with([&](auto& m) { file_of(m, 1)["bytes"] = 1LL << 43; }).find("it needs"), std::string::npos);
  EXPECT_FALSE(fs::exists(into() + "/belay.db"));
  EXPECT_NE(with([&](auto& m) { file_of(m, 1)["bytes"] = 1LL << 45; }).find("too large"), std::string::npos);
  EXPECT_NE(with([&](auto& m) { file_of(m, 1)["bytes"] = -1; }), "");
  EXPECT_NE(with([&](auto& m) { file_of(m, 1)["name"] = "../profiles.db"; }).find("no backup has"),
            std::string::npos);
  EXPECT_NE(with([&](auto& m) { file_of(m, 1)["name"] = "belay.db"; }).find("twice"), std::string::npos);
  EXPECT_NE(with([&](auto& m) { m["files"] = json::array{}; }).find("not in it"), std::string::npos);
  EXPECT_NE(with([&](auto& m) { m["format"] = "tar"; }).find("no backup"), std::string::npos);
  EXPECT_NE(with([&](auto& m) { m["version"] = 2; }).find("newer Belay"), std::string::npos);
  EXPECT_FALSE(fs::exists(into() + "/belay.db"));
}

TEST_F(Archive, restored_is_a_store_that_asks_first) {
  const std::string data = folder.path() + "/data", copy = folder.path() + "/copy";
  {
    const auto store = must(open_sqlite(data));
    must(must(store->control(Lane::ordinary))->put_account({{}, "A", "UTC", "eu1"}));
    must(store->profiles());
  }
  fs::create_directory(copy);
  must(back_up(data, copy, at(7), [](auto) { return true; }));
  Manifest m{at(7), 0, {}};
  must(store::pack(copy, file(), m));
  fs::create_directory(into());
  must(restore(file(), into(), at(8)));
  EXPECT_EQ(must(must(Home::open(into(), {}))->look()).why_not, "it is a restored backup");
  EXPECT_EQ(must(must(must(open_sqlite(into()))->control(Lane::ordinary))->accounts()).size(), 1U);
}

// Whole, and yet no store: what is in it must be ours.
TEST_F(Archive, of_files_that_are_no_databases_of_ours_is_not_restored) {
  pack();
  fs::create_directory(into());
  EXPECT_EQ(restore(file(), into(), at(8)).error().code, Code::damaged);
  write(from() + "/belay.db", ""), write(from() + "/profiles.db", "");
  fs::remove(file()), fs::remove_all(into());
  pack();
  fs::create_directory(into());
  EXPECT_NE(restore(file(), into(), at(8)).error().text.find("empty"), std::string::npos);
}

}  // namespace
}  // namespace belay::store
