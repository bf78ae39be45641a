// The life of a campaign as one table. The code's moves, the store's CHECK constraint, the docs and
// the tests all come from here. Pure; callable from anywhere.
#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace belay {

enum class State { scheduled, planning, running, paused, stopped, completed, missed };

enum class Move {
  begin,   // due: freeze the audience
  launch,  // planned: deliver
  finish,  // nothing is left to deliver
  miss,    // was due for longer than its grace while nobody could start it
  pause,
  resume,      // deliver on: its audience is frozen
  reschedule,  // resumed before it was planned: the schedule decides
  stop,
};

struct StateRow {
  State state;
  std::string_view name;       // in the store, in the native API
  std::string_view list_word;  // in CleverTap's list.json (contract 4.1, 4.4)
  bool final;
};

inline constexpr std::array<StateRow, 7> state_table{{
    {State::scheduled, "scheduled", "pending", false},
    {State::planning, "planning", "running", false},
    {State::running, "running", "running", false},
    {State::paused, "paused", "running", false},  // "pending" where it never began
    {State::stopped, "stopped", "stopped", true},
    {State::completed, "completed", "completed", true},
    {State::missed, "missed", "completed", true},
}};

struct MoveRow {
  State from;
  Move move;
  State to;
};

// Every legal move. What is not here does not happen; a stop of a final state is answered and
// changes nothing (promise 4).
inline constexpr std::array<MoveRow, 16> move_table{{
    {State::scheduled, Move::begin, State::planning},
    {State::scheduled, Move::miss, State::missed},
    {State::scheduled, Move::finish, State::completed},  // a series after its last run
    {State::scheduled, Move::stop, State::stopped},
    {State::planning, Move::launch, State::running},
    {State::planning, Move::finish, State::completed},  // nobody matched
    {State::planning, Move::stop, State::stopped},
    {State::running, Move::finish, State::completed},
    {State::running, Move::stop, State::stopped},
    {State::scheduled, Move::pause, State::paused},
    {State::planning, Move::pause, State::paused},
    {State::running, Move::pause, State::paused},
    {State::paused, Move::resume, State::running},
    {State::paused, Move::reschedule, State::scheduled},
    {State::paused, Move::miss, State::missed},  // resumed too late
    {State::paused, Move::stop, State::stopped},
}};

constexpr std::optional<State> after(State from, Move move) {
  for (const MoveRow& row : move_table)
    if (row.from == from && row.move == move) return row.to;
  return std::nullopt;
}

constexpr const StateRow& row_of(State state) {
  return state_table[static_cast<std::size_t>(state)];
}
constexpr std::string_view name_of(State state) {
  return row_of(state).name;
}
constexpr bool is_final(State state) {
  return row_of(state).final;
}

constexpr std::optional<State> state_named(std::string_view name) {
  for (const StateRow& row : state_table)
    if (row.name == name) return row.state;
  return std::nullopt;
}

}  // namespace belay
