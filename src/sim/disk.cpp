#include "sim/disk.h"

#include "base/check.h"

namespace belay::sim {
namespace {

constexpr std::size_t sector = 512;

void put(std::string& data, std::size_t at, std::string_view bytes) {
  if (data.size() < at + bytes.size()) data.resize(at + bytes.size());
  data.replace(at, bytes.size(), bytes);
}

}  // namespace

void DiskFile::write(std::size_t at, std::string_view bytes) {
  put(data_, at, bytes);
  unsynced_.push_back({at, std::string(bytes), false});
}

void DiskFile::truncate(std::size_t size) {
  data_.resize(size);
  unsynced_.push_back({size, {}, true});
}

void DiskFile::sync() {
  for (const Change& c : unsynced_) {
    if (c.truncate)
      durable_.resize(c.at);
    else
      put(durable_, c.at, c.bytes);
  }
  unsynced_.clear();
}

void DiskFile::lose_power(Random& random, unsigned keep_of_100) {
  const auto kept = [&] { return random.below(100) < keep_of_100; };
  for (const Change& c : unsynced_) {
    if (c.truncate) {
      if (kept()) durable_.resize(c.at);
      continue;
    }
    for (std::size_t from = 0; from < c.bytes.size();) {
      const std::size_t to = std::min(c.bytes.size(), (c.at + from) / sector * sector + sector - c.at);
      if (kept()) put(durable_, c.at + from, std::string_view(c.bytes).substr(from, to - from));
      from = to;
    }
  }
  unsynced_.clear();
  data_ = durable_;
}

Disk::Disk(const DiskImage& image) {
  for (const auto& [name, bytes] : image) {
    auto file = std::make_shared<DiskFile>();
    file->data_ = file->durable_ = bytes;
    names_[name] = std::move(file);
  }
  durable_names_ = names_;
}

DiskImage Disk::image() const {
  DiskImage image;
  for (const auto& [name, file] : names_) image[name] = file->data_;
  return image;
}

std::shared_ptr<DiskFile> Disk::find(const std::string& name) const {
  const auto it = names_.find(name);
  return it == names_.end() ? nullptr : it->second;
}

std::shared_ptr<DiskFile> Disk::create(const std::string& name) {
  auto& slot = names_[name];
  if (!slot) slot = std::make_shared<DiskFile>();
  return slot;
}

bool Disk::remove(const std::string& name) {
  return names_.erase(name) == 1;
}

void Disk::lose_power(Random& random) {
  auto survivors = durable_names_;
  for (const auto& [name, file] : names_)
    if (!survivors.contains(name) && random.below(2) == 0) survivors[name] = file;
  for (const auto& [name, file] : durable_names_)
    if (!names_.contains(name) && random.below(2) == 0) survivors.erase(name);
  // Often all or nothing: the middle is for torn and reordered writes.
  static constexpr unsigned keep[] = {0, 0, 50, 90, 100};
  const unsigned keep_of_100 = keep[random.below(std::size(keep))];
  for (auto& [name, file] : survivors) {
    CHECK(file->handles.empty());
    file->lose_power(random, keep_of_100);
  }
  names_ = durable_names_ = std::move(survivors);
}

}  // namespace belay::sim
