// One walk through a template for one person. Inside content/ only; on the stack of Template::render.
#pragma once
#include <string>
#include <string_view>

#include "content/nodes.h"

namespace belay::content {

// {{ Profile.X }} or {{ Profile.X | default: "text" }}: straight from the profile into the message. False when
// the tag is of another kind.
bool render_directly(const Output& output, Properties& profile, std::string& out, Escape escape);
void append_text(const Text& text, std::string& out, Escape escape);

class Rendering {
 public:
  Rendering(const Template::Program& program, Properties& profile, std::string& out, Escape escape,
            std::size_t limit, WallTime now);

  // False when this person can't have it.
  bool run();

  enum class Flow : std::uint8_t { on, next, leave, stop };
  Flow operator()(const Text& text);
  Flow operator()(const Output& output);
  Flow operator()(const If& node);
  Flow operator()(const Case& node);
  Flow operator()(const For& loop);
  Flow operator()(const Assign& assign);
  Flow operator()(const Capture& capture);
  Flow operator()(const Count& count);
  Flow operator()(const Cycle& cycle);
  Flow operator()(const Jump& jump);

 private:
  struct Variable {
    Value value;
    std::int64_t count = 0;
    bool assigned = false, counted = false;
  };
  struct Loop {
    std::int64_t index = 0, length = 0, columns = 1;
  };
  // What a loop goes over: a range is never built.
  struct Items {
    std::span<const Value> list;
    std::int64_t first = 0, count = 0;
    bool range = false, reversed = false;
    Value at(std::int64_t i) const;
  };

  Flow block(const Block& nodes);
  Flow turns(const For& loop, const Items& items);
  Flow turn(const For& loop, const Loop& state);
  bool items_for(const For& loop, Items& items);
  bool whole(const std::vector<Expression>& of, std::int64_t& into);

  bool evaluate(const Filtered& filtered, Value& into);
  bool apply(const FilterCall& call, Value& value);
  Value value_of(const Expression& expression);
  Value get(const Literal& literal) { return literal.get(); }
  Value get(const PropertyName& name);
  Value get(const Path& path);
  Value get(const LoopReading& reading);
  Value get(const Range& range);
  bool holds(const Condition& condition);
  bool holds(const Comparison& comparison);

  void write(const Value& value);
  void write(std::string_view text);
  Flow written();  // stop when that was too much
  bool charge(std::size_t steps);

  const Template::Program& program_;
  Properties& profile_;
  std::string& out_;
  Escape escape_;
  const std::size_t before_, limit_;
  const WallTime now_;
  std::size_t steps_ = max_steps;
  bool spent_ = false;  // once too much was asked for, nothing comes of it any more
  Memory memory_;
  // In memory_, as many as the program needs.
  Variable* variables_ = nullptr;
  Loop* loops_ = nullptr;
  std::int64_t* places_ = nullptr;
  std::size_t* cycles_ = nullptr;
};

}  // namespace belay::content
