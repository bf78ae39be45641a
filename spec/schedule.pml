/* A due run fires once: across crashes, two servers that look at the same schedule, and a wall clock that
   is set forward and back. README.md says what each thing here stands for in the code.

   Sizes (-D):   RUNS (1: a campaign with one date; more: a recurring one), SERVERS, GRACE, CRASHES,
                 STEPS (how often the clock is set), LATCH (how often a latch or a stop may be asked for),
                 PAUSES (how often a recurring campaign is paused)
   Every other -D is a broken variant, named in spec/cases.py, and must fail.

   Every option of every process is one step that nothing can come in between of: one reading of the clock
   or the store, or one transaction. */
#include "moves.pml"

#ifndef RUNS
#define RUNS 1
#endif
#ifndef SERVERS
#define SERVERS 2
#endif
#ifndef GRACE
#define GRACE 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef STEPS
#define STEPS 1
#endif
#ifndef LATCH
#define LATCH 1
#endif
#ifndef PAUSES
#define PAUSES 0
#endif
#define PERIOD 2
#define due_of(c) (1 + PERIOD * (c))
#define has_come_due (next < RUNS && due_of(next) <= wall)
#define HORIZON (due_of(RUNS - 1) + GRACE + 1)

/* ---- on disk ------------------------------------------------------------------------------------------ */
mtype:state state[RUNS] = scheduled;
bool made[RUNS];        /* the run is in the store; of a recurring campaign it is made when it comes due */
byte epoch[RUNS];
byte due[RUNS];
byte next;              /* the recurring campaign's mark: which occurrence comes next */
mtype:state series = scheduled; /* of the recurring campaign itself */
bool latch;

/* ---- in a server's memory ---------------------------------------------------------------------------- */
bool up[SERVERS] = true;
byte seen[SERVERS];       /* 1 + the run that was read as due; 0: none */
byte seen_epoch[SERVERS];
byte looked[SERVERS];     /* what the clock said when it was found due, */
byte now[SERVERS];        /* and when it was judged */
mtype:move verdict[SERVERS] = stop; /* begin or miss once it has been judged; `stop`: not yet */
#ifdef MARK_AFTER
bool unmarked[SERVERS];
#endif
#ifdef CRON
byte last[SERVERS] = 255; /* the minute that was served last */
#endif

byte wall;                /* the clock; anybody may set it */

/* ---- what the world has seen: only asserted about ------------------------------------------------- */
byte fired[RUNS];
bool stopped_once[RUNS];
bool held[RUNS];          /* came due under the latch, and nobody has asked for it since */
byte crashes = CRASHES;
byte steps = STEPS;
byte asks = LATCH;
byte resumes = 1;
byte pauses = PAUSES;

/* The audience is frozen and delivery starts. */
inline fire(c) {
  fired[c]++;
  assert(fired[c] <= 1);      /* once */
  assert(!stopped_once[c]);   /* and not after a stop */
  assert(!held[c])            /* nor because a latch was released */
}

#define unchanged(p, c) (state[c] == scheduled && epoch[c] == seen_epoch[p])
#ifdef LATCH_EARLY
#define refused false /* it was looked at before, see `look` */
#define seen_open (!latch)
#else
#define refused latch
#define seen_open true
#endif
#ifdef NO_GRACE
#define too_late(p, c) false
#else
#define too_late(p, c) (now[p] > due[c] + GRACE)
#endif

inline done_with(p) {
  seen[p] = 0; seen_epoch[p] = 0; looked[p] = 0; now[p] = 0; verdict[p] = stop
}

/* Planner::look: what is due? begin: is it too late? Then the move, which is refused if it is no longer
   what was seen (Control::move). */
#define RUN(c) \
  :: d_step { up[p] && seen[p] == 0 && made[c] && state[c] == scheduled && due[c] <= wall && seen_open -> \
       seen[p] = c + 1; seen_epoch[p] = epoch[c]; looked[p] = wall } \
  :: d_step { up[p] && seen[p] == c + 1 && verdict[p] == stop -> \
       now[p] = wall; \
       if \
       :: too_late(p, c) -> verdict[p] = miss \
       :: else -> verdict[p] = begin \
       fi } \
  :: d_step { up[p] && seen[p] == c + 1 && verdict[p] == miss -> \
       if \
       :: unchanged(p, c) -> take(state[c], miss); assert(fired[c] == 0) \
       :: else \
       fi; \
       done_with(p) } \
  BEGIN(c) \
  :: d_step { up[p] && state[c] == planning && planning_goes_on -> LAUNCH(c) } \
  :: d_step { up[p] && state[c] == running -> take(state[c], finish) }

#ifdef FIRE_FIRST
/* It is delivered, and then marked. */
#define planning_goes_on false
#define LAUNCH(c) skip
#define BEGIN(c) \
  :: d_step { up[p] && seen[p] == c + 1 && verdict[p] == begin && unchanged(p, c) && !refused -> \
       fire(c); verdict[p] = launch } \
  :: d_step { up[p] && seen[p] == c + 1 && verdict[p] == begin && !(unchanged(p, c) && !refused) -> done_with(p) } \
  :: d_step { up[p] && seen[p] == c + 1 && verdict[p] == launch -> \
       if \
       :: unchanged(p, c) -> take(state[c], begin) \
       :: else \
       fi; \
       done_with(p) }
#else
#define planning_goes_on true
#define LAUNCH(c) fire(c); take(state[c], launch)
#define BEGIN(c) \
  :: d_step { up[p] && seen[p] == c + 1 && verdict[p] == begin -> \
       if \
       :: may_begin(p, c) && !refused -> \
          assert(!latch);                  /* a latch refuses every new start */ \
          assert(looked[p] >= due[c]);     /* not before its time, by the clock that was read */ \
          assert(now[p] <= due[c] + GRACE); /* nor too late */ \
          BEGUN(c) \
       :: else \
       fi; \
       done_with(p) }
#endif
#ifdef NO_CHECK
#define may_begin(p, c) true
#define BEGUN(c) state[c] = planning
#else
#define may_begin(p, c) unchanged(p, c)
#define BEGUN(c) take(state[c], begin)
#endif

/* Control::fire: the run of the newest occurrence that has come due, those before it left out, the mark moved
   on, and the recurring campaign completed after its last one. */
#ifdef ENDS_EARLY
#define LAST (RUNS - 1)
#else
#define LAST RUNS
#endif
inline skip_to_newest() {
  do
  :: next + 1 < RUNS && due_of(next + 1) <= wall -> next++
  :: else -> break
  od
}
inline mark_one() {
  next++;
#ifndef NEVER_ENDS
  if
  :: next >= LAST && series == scheduled -> take(series, finish)
  :: else
  fi
#endif
}
inline fire_newest(at) {
  skip_to_newest();
  made[next] = true; due[next] = at;
  mark_one()
}

proctype planner(byte p) {
  do
  RUN(0)
#if RUNS > 1
  RUN(1)
#endif
#if RUNS > 2
  RUN(2)
#endif
#if RUNS > 1
  /* An occurrence has come due: its run is made and the mark advances, in one transaction. */
#if defined(MARK_AFTER)
  :: d_step { up[p] && !unmarked[p] && series == scheduled && has_come_due ->
       made[next] = true; state[next] = scheduled; due[next] = due_of(next); unmarked[p] = true }
  :: d_step { up[p] && unmarked[p] && series == scheduled ->
       next++; unmarked[p] = false;
       if
       :: next == RUNS -> take(series, finish)
       :: else
       fi }
#elif defined(CRON)
  :: d_step { up[p] && series == scheduled && last[p] != wall && (wall & 1) && wall <= due_of(RUNS - 1) ->
       last[p] = wall; made[wall / PERIOD] = true; state[wall / PERIOD] = scheduled; due[wall / PERIOD] = wall }
#else
  :: d_step { up[p] && series == scheduled && has_come_due -> fire_newest(due_of(next)) }
#endif
#endif
  od
}

inline each_run_stops() {
  k = 0;
  do
  :: k < RUNS ->
     if
     :: made[k] && !is_final(state[k]) -> take(state[k], stop); epoch[k]++; stopped_once[k] = true
     :: else
     fi;
     k++
  :: else -> break
  od;
  k = 0
}

/* Control::release: what came due under the latch is held, in the same transaction. */
inline hold_what_came_due() {
#if RUNS > 1 && !defined(CRON) && !defined(MARK_AFTER)
  if
  :: series == scheduled && has_come_due -> fire_newest(due_of(next))
  :: else
  fi;
#endif
  k = 0;
  do
  :: k < RUNS ->
     if
     :: made[k] && state[k] == scheduled && due[k] <= wall ->
        held[k] = true;
#ifndef RELEASE_FIRES
        take(state[k], pause); epoch[k]++
#endif
     :: else
     fi;
     k++
  :: else -> break
  od;
  k = 0
}

#define RESUME(c) \
  :: d_step { resumes > 0 && state[c] == paused -> resumes--; held[c] = false; epoch[c]++; take(state[c], reschedule) } \
  :: d_step { resumes > 0 && state[c] == paused -> /* "send it now" */ \
       resumes--; held[c] = false; epoch[c]++; due[c] = wall; take(state[c], reschedule) } \
  :: d_step { resumes > 0 && state[c] == paused -> resumes--; held[c] = false; epoch[c]++; take(state[c], miss) } \
  :: d_step { made[c] && (state[c] == scheduled || state[c] == paused) && asks > 0 -> \
       asks--; take(state[c], stop); epoch[c]++; stopped_once[c] = true }

#if PAUSES
/* A recurring campaign is paused with its runs that have not begun, and resumed: what passed meanwhile is
   left to the schedule, or sent now (the newest), or left out. */
#define PAUSE_SERIES \
  :: d_step { pauses > 0 && series == scheduled -> \
       pauses--; take(series, pause); each_run_pauses() } \
  :: d_step { resumes > 0 && series == paused -> resumes--; take(series, reschedule) } \
  :: d_step { resumes > 0 && series == paused && has_come_due -> \
       resumes--; take(series, reschedule); fire_newest(wall) } \
  :: d_step { resumes > 0 && series == paused && has_come_due -> \
       resumes--; take(series, reschedule); skip_to_newest(); mark_one() }

inline each_run_pauses() {
  k = 0;
  do
  :: k < RUNS ->
     if
     :: made[k] && state[k] == scheduled -> take(state[k], pause); epoch[k]++
     :: else
     fi;
     k++
  :: else -> break
  od;
  k = 0
}
#else
#define PAUSE_SERIES
#endif

/* Stop everything with a latch, a latch ahead of the campaign, releasing it, resuming what it held. */
proctype people() {
  byte k;
  do
  :: d_step { asks > 0 && !latch -> asks--; latch = true; each_run_stops() }
  :: d_step { asks > 0 && !latch -> asks--; latch = true }
  :: d_step { asks > 0 && RUNS > 1 && !is_final(series) -> asks--; take(series, stop); each_run_stops() }
  PAUSE_SERIES
  :: d_step { latch -> latch = false; hold_what_came_due() }
  RESUME(0)
#if RUNS > 1
  RESUME(1)
#endif
#if RUNS > 2
  RESUME(2)
#endif
  od
}

#define left_out(c) (RUNS > 1 && !made[c] && (c < next || is_final(series) || series == paused))
#define settled(c) (is_final(state[c]) || state[c] == paused || left_out(c))
/* A recurring campaign ends by itself, and not before its last occurrence has had its run or was left out. */
#define series_settled (RUNS == 1 || series == completed || series == stopped || series == paused)
#define series_proper (series != completed || next == RUNS)

#ifdef MARK_AFTER
#define lose_mark(p) unmarked[p] = false;
#elif defined(CRON)
#define lose_mark(p) last[p] = 255;
#else
#define lose_mark(p)
#endif
#define CRASH(p) \
  :: d_step { up[p] && crashes > 0 -> crashes--; up[p] = false; lose_mark(p) done_with(p) } \
  :: d_step { !up[p] -> up[p] = true }

/* Once, exactly; and what counts as missed was not fired. */
#define proper(c) ((state[c] != completed || fired[c] == 1) && (state[c] != missed || fired[c] == 0))

proctype world() {
  do
  :: d_step { wall < HORIZON -> wall++ }
  :: d_step { steps > 0 && wall > 0 -> steps--; wall-- }
  :: d_step { steps > 0 && wall > 1 -> steps--; wall = wall - 2 }
  :: d_step { steps > 0 && wall > 0 -> steps--; wall = 0 }
  :: d_step { steps > 0 && wall + 2 <= HORIZON -> steps--; wall = wall + 2 }
  :: d_step { steps > 0 && wall < HORIZON -> steps--; wall = HORIZON }
  CRASH(0)
#if SERVERS > 1
  CRASH(1)
#endif
  /* Nothing is left to do: then every run has been fired, or missed, or somebody has said no. */
#ifndef CRON /* which also leaves out what a clock that is set forward jumps over */
  :: atomic { timeout -> assert(series_settled); assert(series_proper);
       assert(settled(0)); assert(settled(RUNS - 1));
       assert(proper(0)); assert(proper(RUNS - 1)) }
#endif
  od
}

init {
  atomic {
    made[0] = (RUNS == 1);
    due[0] = due_of(0);
    run planner(0);
#if SERVERS > 1
    run planner(1);
#endif
    run people();
    run world()
  }
}
