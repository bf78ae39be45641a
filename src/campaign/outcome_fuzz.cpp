// A journal block from a damaged disk: refused, or entries that pack to something that unpacks the same.
#include "base/check.h"
#include "campaign/run_account.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace belay;
  const std::string_view block(reinterpret_cast<const char*>(data), size);
  std::vector<JournalEntry> entries, again;
  if (unpack(block, entries)) {
    CHECK(unpack(pack(entries), again));
    CHECK(entries == again);
  }
  RunAccount account(1000);
  if (account.add_block(block)) CHECK(account.tally(true).balances() && account.tally(false).balances());
  return 0;
}
