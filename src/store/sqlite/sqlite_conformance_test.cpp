#include "store/conformance_test.h"
#include "store/sqlite/open.h"
#include "store/sqlite/temp_folder_test.h"

namespace belay::store {
namespace {

class SqlitePlace final : public StorePlace {
 public:
  std::unique_ptr<Store> open() override { return must(open_sqlite(folder_.path())); }

 private:
  TempFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance,
                         testing::Values(StoreKind{"sqlite",
                                                   []() -> std::unique_ptr<StorePlace> {
                                                     return std::make_unique<SqlitePlace>();
                                                   }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace belay::store
