#include "store/sqlite/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/json.h"
#include "base/sha256.h"
#include "base/time_text.h"

namespace belay::store {
namespace {

constexpr std::string_view format_name = "belay-backup";
constexpr int format_version = 1;
constexpr const char* manifest_name = "manifest.json";
constexpr std::size_t chunk = std::size_t{1} << 20;
constexpr std::size_t sync_every = std::size_t{4}
                                   << 20;  // a heap of it at the end would make a stop's sync wait
constexpr std::int64_t largest_manifest = 64 * 1024;

struct Known {
  std::string_view name;
  bool needed;
  std::uint64_t most;
};
constexpr Known known_files[] = {
    {"belay.db", true, std::uint64_t{1} << 44},
    {"profiles.db", true, std::uint64_t{1} << 44},
    {"secret.key", false, 4096},
};

const Known* known(std::string_view name) {
  const auto found = std::ranges::find(known_files, name, &Known::name);
  return found == std::end(known_files) ? nullptr : found;
}

std::unexpected<Error> trouble(std::string_view what, const std::string& path) {
  const int error = errno;
  return fail(error == ENOSPC || error == EDQUOT ? Code::full : Code::io,
              fmt::format("{} {}: {}", what, path, std::strerror(error)));
}

class Fd {
 public:
  Fd(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// ---- writing ---------------------------------------------------------------------------------------

// Where libarchive's bytes go. What went wrong stays in `error`: libarchive has only its own words for it.
struct Output {
  Fd file;
  std::size_t unsynced = 0;
  int error = 0;
};

la_ssize_t write_some(archive*, void* data, const void* bytes, std::size_t size) {
  auto* out = static_cast<Output*>(data);
  out->unsynced += size;
  bool good = write_all(out->file.get(), {static_cast<const char*>(bytes), size});
  if (good && out->unsynced >= sync_every) {
    good = ::fdatasync(out->file.get()) == 0;
    out->unsynced = 0;
  }
  if (good) return static_cast<la_ssize_t>(size);
  out->error = errno;
  return -1;
}

struct FreeWriter {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeReader {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

class Packer {
 public:
  explicit Packer(const std::string& path)
      : path_(path), out_{.file = Fd(path, O_WRONLY | O_CREAT | O_EXCL)}, archive_(archive_write_new()) {}

  Result<void> open() {
    if (!out_.file) return trouble("can't write", path_);
    archive* a = archive_.get();
    const bool compressed = path_.ends_with(".zst");
    if (archive_write_set_format_pax_restricted(a) != ARCHIVE_OK ||
        (compressed && archive_write_add_filter_zstd(a) != ARCHIVE_OK) ||
        archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||  // zeros at its end are no zstd
        archive_write_open2(a, &out_, nullptr, &write_some, nullptr, nullptr) != ARCHIVE_OK)
      return failed();
    return {};
  }
  Result<void> begin(const char* name, std::uint64_t bytes, WallTime at) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_mtime(entry.get(), to_epoch_seconds(at), 0);
    if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK) return failed();
    return {};
  }
  Result<void> data(std::string_view bytes) {
    const auto written = archive_write_data(archive_.get(), bytes.data(), bytes.size());
    if (written != static_cast<la_ssize_t>(bytes.size())) return failed();
    return {};
  }
  Result<void> end() {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) return failed();
    if (::fsync(out_.file.get()) != 0) return trouble("can't write", path_);
    return {};
  }

 private:
  std::unexpected<Error> failed() {
    errno = out_.error;
    if (out_.error != 0) return trouble("can't write", path_);
    const char* said = archive_error_string(archive_.get());
    return fail(Code::io,
                fmt::format("can't write {}: {}", path_, said != nullptr ? said : "unknown reason"));
  }
  std::string path_;
  Output out_;
  std::unique_ptr<archive, FreeWriter> archive_;  // goes first: closing writes
};

// Calls `visit` with every piece of the file; its size.
template <class Visit>
Result<std::uint64_t> read_through(const std::string& path, Visit visit) {
  const Fd file(path, O_RDONLY);
  if (!file) return trouble("can't read", path);
  std::string buffer(chunk, '\0');
  std::uint64_t bytes = 0;
  while (true) {
    const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return trouble("can't read", path);
    if (n == 0) return bytes;
    bytes += static_cast<std::uint64_t>(n);
    TRY(visit(std::string_view(buffer.data(), static_cast<std::size_t>(n))));
  }
}

json::object to_json(const Manifest& m) {
  json::array files;
  for (const Manifest::File& f : m.files)
    files.push_back(json::object{{"name", f.name}, {"bytes", f.bytes}, {"sha256", f.sha256}});
  return {{"format", format_name},
          {"version", format_version},
          {"made_us", to_micros(m.made)},
          {"made", iso_time(m.made)},
          {"unfinished_campaigns", m.unfinished},
          {"files", std::move(files)}};
}

// ---- reading ---------------------------------------------------------------------------------------

// What is wrong, as a sentence; nothing when the manifest is one that pack() makes.
belay::Result<Manifest, std::string> manifest_from(std::string_view text) {
  const auto no = [](std::string why) { return std::unexpected(std::move(why)); };
  const auto parsed = parse_json(text);
  if (!parsed) return no("its manifest can't be read: " + parsed.error());
  try {
    const json::object& o = parsed->as_object();
    if (o.at("format").as_string() != format_name) return no("it is no backup of Belay's");
    if (o.at("version").to_number<int>() > format_version) return no("it was made by a newer Belay");
    Manifest m{wall_from_micros(o.at("made_us").to_number<std::int64_t>()),
               o.at("unfinished_campaigns").to_number<std::uint64_t>(),
               {}};
    for (const json::value& v : o.at("files").as_array()) {
      const json::object& f = v.as_object();
      Manifest::File file{std::string(f.at("name").as_string()), f.at("bytes").to_number<std::uint64_t>(),
                          std::string(f.at("sha256").as_string())};
      const Known* k = known(file.name);
      if (k == nullptr) return no("its manifest names a file that no backup has");
      if (file.bytes > k->most) return no(fmt::format("{} is too large in it", k->name));
      if (std::ranges::find(m.files, file.name, &Manifest::File::name) != m.files.end())
        return no(fmt::format("its manifest names {} twice", k->name));
      m.files.push_back(std::move(file));
    }
    for (const Known& k : known_files)
      if (k.needed && std::ranges::find(m.files, k.name, &Manifest::File::name) == m.files.end())
        return no(fmt::format("{} is not in it", k.name));
    return m;
  } catch (const std::exception&) {
    return no("its manifest lacks something");
  }
}

class Unpacker {
 public:
  explicit Unpacker(const std::string& path)
      : path_(path), file_(path, O_RDONLY), archive_(archive_read_new()), buffer_(chunk, '\0') {}

  Result<void> open() {
    if (!file_) return trouble("can't read", path_);
    archive* a = archive_.get();
    archive_read_support_format_tar(a);
    archive_read_support_filter_zstd(a);
    if (archive_read_open_fd(a, file_.get(), chunk) != ARCHIVE_OK) return damaged("it is no tar archive");
    return {};
  }
  Result<Manifest> manifest() {
    TRY_ASSIGN(const archive_entry* entry, next());
    if (entry == nullptr || name_ != manifest_name) return damaged("it does not begin with manifest.json");
    if (bytes_ > largest_manifest) return damaged("its manifest is too large");
    std::string text;
    TRY(each_piece([&](std::string_view piece) -> Result<void> { return text += piece, Result<void>{}; }));
    auto read = manifest_from(text);
    if (!read) return damaged(read.error());
    return std::move(*read);
  }
  // Every further member, each of which the manifest must name.
  Result<void> files(const Manifest& manifest, const std::string& folder) {
    std::vector<std::string> seen;
    while (true) {
      TRY_ASSIGN(const archive_entry* entry, next());
      if (entry == nullptr) break;
      const auto said = std::ranges::find(manifest.files, name_, &Manifest::File::name);
      if (said == manifest.files.end()) return damaged("a member of it is not in its manifest");
      if (std::ranges::find(seen, name_) != seen.end()) return damaged(name_ + " is in it twice");
      seen.push_back(name_);
      TRY(file(*said, folder));
    }
    if (seen.size() != manifest.files.size()) return damaged("a file that its manifest names is missing");
    return {};
  }

 private:
  std::unexpected<Error> damaged(std::string_view why) const {
    return fail(Code::damaged, fmt::format("{} can't be restored: {}", path_, why));
  }
  std::unexpected<Error> unreadable() const {
    const char* said = archive_error_string(archive_.get());
    return damaged(fmt::format("it is damaged or cut short ({})", said != nullptr ? said : "no tar archive"));
  }
  // Null at the archive's end. Anything but a plain file is refused; its name is only ever compared.
  Result<const archive_entry*> next() {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(archive_.get(), &entry);
    if (code == ARCHIVE_EOF) return nullptr;
    if (code != ARCHIVE_OK) return unreadable();
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_hardlink(entry) != nullptr || archive_entry_size_is_set(entry) == 0)
      return damaged("a member of it is not a plain file");
    name_ = name;
    bytes_ = archive_entry_size(entry);
    return entry;
  }
  template <class Visit>
  Result<void> each_piece(Visit visit) {
    std::int64_t left = bytes_;
    while (true) {
      const la_ssize_t n = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
      if (n < 0) return unreadable();
      if (n == 0) break;
      left -= n;
      if (left < 0) return damaged(name_ + " is longer in it than it says");
      TRY(visit(std::string_view(buffer_.data(), static_cast<std::size_t>(n))));
    }
    if (left != 0) return damaged(name_ + " is cut short in it");
    return {};
  }
  Result<void> file(const Manifest::File& said, const std::string& folder) {
    if (bytes_ != static_cast<std::int64_t>(said.bytes))
      return damaged(
          fmt::format("{} has {} bytes in it, its manifest says {}", said.name, bytes_, said.bytes));
    const std::string path = folder + "/" + said.name;
    const Fd out(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!out) return trouble("can't write", path);
    Sha256 hash;
    TRY(each_piece([&](std::string_view piece) -> Result<void> {
      hash.add(piece);
      if (!write_all(out.get(), piece)) return trouble("can't write", path);
      return {};
    }));
    if (::fsync(out.get()) != 0) return trouble("can't write", path);
    if (hash.hex() != said.sha256)
      return damaged(fmt::format("{} in it is damaged: it does not match its checksum", said.name));
    return {};
  }

  std::string path_;
  Fd file_;
  std::unique_ptr<archive, FreeReader> archive_;
  std::string buffer_, name_;
  std::int64_t bytes_ = 0;
};

Result<void> refuse_if_no_room(const std::string& folder, std::uint64_t bytes) {
  struct statvfs there {};
  if (::statvfs(folder.c_str(), &there) != 0) return trouble("can't look at", folder);
  const std::uint64_t free = std::uint64_t{there.f_bavail} * there.f_frsize;
  if (bytes <= free) return {};
  return fail(Code::full, fmt::format("it needs {} MB, and {} MB are free in {}", bytes / 1'000'000 + 1,
                                      free / 1'000'000, folder));
}

}  // namespace

std::uint64_t Manifest::bytes() const {
  std::uint64_t sum = 0;
  for (const File& f : files) sum += f.bytes;
  return sum;
}

Result<void> pack(const std::string& folder, const std::string& path, Manifest& manifest) {
  manifest.files.clear();
  for (const Known& k : known_files) {
    const std::string file = fmt::format("{}/{}", folder, k.name);
    if (!k.needed && ::access(file.c_str(), F_OK) != 0) continue;
    Sha256 hash;
    TRY_ASSIGN(const std::uint64_t bytes, read_through(file, [&](std::string_view piece) -> Result<void> {
                 return hash.add(piece), Result<void>{};
               }));
    manifest.files.push_back({std::string(k.name), bytes, hash.hex()});
  }
  Packer packer(path);
  TRY(packer.open());
  const std::string said = to_text(to_json(manifest)) + "\n";
  TRY(packer.begin(manifest_name, said.size(), manifest.made));
  TRY(packer.data(said));
  for (const Manifest::File& f : manifest.files) {
    TRY(packer.begin(f.name.c_str(), f.bytes, manifest.made));
    TRY(read_through(folder + "/" + f.name, [&](std::string_view piece) { return packer.data(piece); }));
  }
  return packer.end();
}

Result<Manifest> unpack(const std::string& path, const std::string& folder) {
  Unpacker unpacker(path);
  TRY(unpacker.open());
  TRY_ASSIGN(Manifest manifest, unpacker.manifest());
  TRY(refuse_if_no_room(folder, manifest.bytes()));
  TRY(unpacker.files(manifest, folder));
  return manifest;
}

}  // namespace belay::store
