// A condition on a property, as rows of the index: who surely fulfils it, and who possibly does and must be
// looked at. Which rows a value is in says property_rows.h; whether a value fulfils the condition says the
// condition itself (FieldTest), once for each distinct value.
#pragma once
#include <cstdint>
#include <vector>

#include "audience/index/bits.h"
#include "audience/node.h"
#include "store/index.h"

namespace belay::audience::index {

// Everybody of a shard who fulfils a condition is in `possible`; everybody in `sure` does.
struct Bounds {
  Bits sure, possible;
  void set_exactly(const Bits& bits) { sure = possible = bits; }
  void turn_round();  // those who do not
};

struct KeyRange {
  std::uint64_t first, last;  // both inclusive
};

class FieldPlan {
 public:
  static store::Result<FieldPlan> of(store::IndexSession& session, const FieldTest& test);
  store::Result<void> evaluate(store::IndexSession& session, std::uint32_t shard, Bounds& out) const;

 private:
  void plan_value_rows(const store::Fragment& values, const FieldTest& test);
  void plan_numbers(const FieldTest& test);
  void plan_hashes(const FieldTest& test);
  void add_ranges(Operator op, const Number& wanted);

  std::int64_t field_ = 0;   // 0: nobody has such a property
  std::int64_t beyond_ = 0;  // not 0: where those are noted who may have it
  bool opposite_ = false;
  std::vector<std::uint32_t> sure_rows_, possible_rows_;
  std::vector<KeyRange> integers_, reals_;
  std::vector<std::uint16_t> hashes_;
};

// Of those in `present_row`, whose number in binary (64 rows from `bits_row`) is in the range.
Bits in_range(const store::Fragment& fragment, std::uint32_t present_row, std::uint32_t bits_row,
              KeyRange range);

}  // namespace belay::audience::index
