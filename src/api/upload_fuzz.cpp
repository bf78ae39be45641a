// POST /1/upload of anybody: records, or sentences that say why not. What the store would keep is read again.
#include "api/clevertap/upload_parse.h"
#include "api/clevertap/upload_record.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay::api::clevertap;
  const auto body = UploadBody::parse(std::string(reinterpret_cast<const char*>(data), size));
  if (!body) return 0;
  std::size_t properties = 0;
  for (const UploadPiece& piece : body->pieces()) properties += piece.property_count;
  PropertyPool pool;
  pool.reserve(properties);
  for (const UploadPiece& piece : body->pieces())
    (void)read_record(*body, piece, 100, belay::wall_from_micros(1'457'432'766'000'000), pool);
  CHECK(pool.size() <= properties);
  return 0;
}
