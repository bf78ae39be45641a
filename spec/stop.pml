/* A stop against everything that sends. README.md says what each thing here stands for in the code.

   Sizes (-D):   NODES 1|2, LOOPS a node, RECIPIENTS, ATTEMPTS each, CRASHES, PAUSES, START
   Lease (-D):   TTL, FLIGHT (longest time from the look at the gate to the last byte), DRIFT, MARGIN
   Every other -D is a broken variant, named in spec/run.py, and must fail.

   Every option of every process is one step that nothing can come in between of: what the code does in
   one turn of a loop, or in one transaction. What takes longer is more than one option. */
#include "moves.pml"

#ifndef NODES
#define NODES 1
#endif
#ifndef LOOPS
#define LOOPS 2
#endif
#ifndef RECIPIENTS
#define RECIPIENTS 2
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef PAUSES
#define PAUSES 0
#endif
#ifndef START
#define START scheduled
#endif
#ifndef TTL
#define TTL 2
#endif
#ifndef FLIGHT
#define FLIGHT 1
#endif
#ifndef DRIFT
#define DRIFT 0
#endif
#ifndef MARGIN
#define MARGIN (FLIGHT + DRIFT)
#endif
#define PATIENCE (TTL + MARGIN) /* how long a standby sees no sign of life before it takes over */

#define SENDERS (NODES * LOOPS)
#define EVERY_LOOP ((1 << LOOPS) - 1)
#define bit(x) (1 << (x))
#define NOBODY NODES

/* What the journal says last of a recipient's present attempt (src/campaign/outcome.h). `accepted` stands
   for every final verdict. */
mtype:entry = { no_entry, returned, deferred, accepted, in_doubt };

/* ---- on disk: outlives everybody; one option = one transaction ---------------------------------- */
mtype:state state = START;
byte epoch;
bool planned = (START == running); /* the audience is frozen */
byte owner = 0;              /* whose term it is; a node that lost its term starts anew before it claims */
byte admitted[RECIPIENTS];   /* the attempt that may be handed over; 0: none yet */
mtype:entry outcome[RECIPIENTS] = no_entry;

/* ---- in the memory of a node: gone with a crash -------------------------------------------------- */
bool up[NODES] = true;
bool mine[NODES];            /* believes that the term is its own */
bool taken[NODES];           /* the runner has taken the run up ... */
byte my_epoch[NODES];        /* ... in this epoch */
byte job[NODES];             /* 1 + the epoch in which the planner began; 0: it plans nothing */
#define idle 0
#define asking 1
#define durable 2
#define winding 3
byte stopping[NODES];        /* a case of the brake, and which loops have answered it */
byte stop_answers[NODES];
byte pausing[NODES];
byte pause_answers[NODES];
byte asked_stop[NODES];      /* the epoch in which the loops were asked */
byte asked_pause[NODES];
byte gate[SENDERS];          /* closed for runs of every epoch below this; 0: open */
byte at[SENDERS];            /* who is on the way to the loop or in its queue: a set */
byte half[SENDERS];          /* 1 + whose message is being written; 0: nobody's */
byte wire[SENDERS];          /* handed over, verdict open: a set */
bool late[SENDERS];          /* `half` has taken a tick */

/* ---- time: what clocks say, each relative to its node -------------------------------------------- */
byte lease[NODES] = TTL;      /* of the owner's own deadline: counted from the start of a renewal */
byte fresh[NODES];           /* the same of the renewal under way */
byte silence[NODES];         /* since this standby last saw a sign of life */
bool moved[NODES];           /* there has been one since it looked */
bool slow[NODES];            /* the clock has lagged in this lease; of the renewal under way: slow_fresh */
bool slow_fresh[NODES];

/* ---- what the world has seen: only asserted about ------------------------------------------------ */
bool stop_asked;
bool stop_answered;
bool stop_written;
bool quiet;                  /* a pause was answered and nobody has asked to resume */
bool pause_asked;
bool resume_asked;
byte sent[RECIPIENTS];       /* the last attempt that was handed over */
byte pauses = PAUSES;
byte crashes = CRASHES;

#define serving(n) (up[n] && mine[n])
#if NODES > 1
#define in_time(n) (lease[n] > 0)
#else
#define in_time(n) true
#endif
#ifdef NO_TERM
#define owns(n) true
#else
#define owns(n) (owner == (n))
#endif
/* The one check of every commit of a campaign's move or admission. */
#ifdef NO_EPOCH
#define permitted(n) (owns(n))
#else
#define permitted(n) (owns(n) && my_epoch[n] == epoch && state == running)
#endif

/* Nothing of the run is left on the loops, and every verdict is in the journal (when_quiet). */
#if LOOPS == 1
#define wound_up(n) (at[n] == 0 && half[n] == 0 && wire[n] == 0)
#else
#define wound_up(n) (at[2 * (n)] == 0 && half[2 * (n)] == 0 && wire[2 * (n)] == 0 && \
                     at[2 * (n) + 1] == 0 && half[2 * (n) + 1] == 0 && wire[2 * (n) + 1] == 0)
#endif

/* Nothing is left of the run: its gate is no longer needed. One that was closed in a later epoch stays. */
inline forget(n) {
  k = 0;
  do
  :: k < LOOPS ->
     if
     :: gate[(n) * LOOPS + k] <= my_epoch[n] + 1 -> gate[(n) * LOOPS + k] = 0
     :: else
     fi;
     k++
  :: else -> break
  od;
  k = 0
#ifndef NO_EPOCH
  ; taken[n] = false; my_epoch[n] = 0
#endif
}

/* The process ends. What it had in memory is gone; what it had handed over is not. */
inline forget_all(n) {
  up[n] = false; mine[n] = false; taken[n] = false; my_epoch[n] = 0; job[n] = 0;
  stopping[n] = idle; stop_answers[n] = 0; asked_stop[n] = 0;
  pausing[n] = idle; pause_answers[n] = 0; asked_pause[n] = 0;
  lease[n] = 0; fresh[n] = 0; silence[n] = 0; moved[n] = false; slow[n] = false; slow_fresh[n] = false;
  k = 0;
  do
  :: k < LOOPS ->
     gate[(n) * LOOPS + k] = 0; at[(n) * LOOPS + k] = 0; half[(n) * LOOPS + k] = 0;
     wire[(n) * LOOPS + k] = 0; late[(n) * LOOPS + k] = false; k++
  :: else -> break
  od;
  k = 0
}

/* What a crash left open is in doubt, and is not guessed (recover.cpp). */
inline recover() {
  k = 0;
  do
  :: k < RECIPIENTS ->
     if
#ifdef RESEND
     :: admitted[k] > 0 && outcome[k] == no_entry -> outcome[k] = returned
#else
     :: admitted[k] > 0 && outcome[k] == no_entry -> outcome[k] = in_doubt
#endif
     :: else
     fi;
     k++
  :: else -> break
  od;
  k = 0
}

/* What the loops know, written with the stop or pause: who was admitted and has not left is `returned`
   (withheld, if it is a stop). The receipt's numbers are exact: nobody counted as withheld has it. */
inline write_evidence(n) {
  k = 0;
  do
  :: k < RECIPIENTS ->
     if
     :: admitted[k] > 0 && outcome[k] == no_entry && ((wire[(n) * LOOPS + k % LOOPS] >> k) & 1) == 0 && taken[n] ->
        outcome[k] = returned
     :: else
     fi;
     assert(outcome[k] != returned || sent[k] < admitted[k]);
     k++
  :: else -> break
  od;
  k = 0
}

/* ---- Planner: begin, plan, launch; nobody matched; missed ----------------------------------------- */
#ifdef PLAN_BLIND
#define still_planning(n) true /* writes `running` over whatever is there */
#else
#define still_planning(n) (state == planning && job[n] == epoch + 1)
#endif

proctype planner(byte n) {
  do
  :: d_step { serving(n) && owns(n) && state == scheduled -> take(state, begin); job[n] = epoch + 1 }
  :: d_step { serving(n) && owns(n) && state == scheduled -> take(state, miss) }
  :: d_step { serving(n) && owns(n) && state == planning && job[n] == 0 -> job[n] = epoch + 1 } /* restarted */
  :: d_step { serving(n) && owns(n) && job[n] > 0 && still_planning(n) -> 
       take(state, launch); planned = true; job[n] = 0 }
  :: d_step { serving(n) && owns(n) && job[n] > 0 && still_planning(n) -> 
       take(state, finish); planned = true; job[n] = 0 }
  :: d_step { serving(n) && job[n] > 0 && !still_planning(n) -> job[n] = 0 } /* stopped: drop the rest */
  od
}

/* ---- Runner: take up, admit, journal, finish, forget ------------------------------------------------- */
#define first_of(set, r) (((set) & (bit((r) + 1) - 1)) == bit(r))
#define cursor_at(r) (admitted[r] == 0 && ((r) == 0 || admitted[(r) - ((r) > 0)] > 0))
#define again(r) (outcome[r] == returned || outcome[r] == deferred)

#define ADMIT(r) \
  :: d_step { serving(n) && taken[n] && permitted(n) && cursor_at(r) -> \
       admitted[r] = 1; at[n * LOOPS + r % LOOPS] = at[n * LOOPS + r % LOOPS] | bit(r) } \
  :: d_step { serving(n) && taken[n] && permitted(n) && again(r) -> \
       admitted[r] = admitted[r] + (outcome[r] == deferred); outcome[r] = no_entry; \
       at[n * LOOPS + r % LOOPS] = at[n * LOOPS + r % LOOPS] | bit(r) }

#define over(r) (outcome[r] == accepted || outcome[r] == in_doubt)
#if RECIPIENTS > 2
#define all_over (over(0) && over(1) && over(2))
#else
#define all_over (over(0) && over(1))
#endif

#ifdef RESUME_EARLY
#define may_forget(n) true
#else
#define may_forget(n) wound_up(n)
#endif

proctype runner(byte n) {
  byte k;
  do
  :: d_step { serving(n) && owns(n) && state == running && !taken[n] ->
       recover(); my_epoch[n] = epoch; taken[n] = true }
  ADMIT(0)
  ADMIT(1)
#if RECIPIENTS > 2
  ADMIT(2)
#endif
  :: d_step { serving(n) && taken[n] && permitted(n) && all_over && state == running -> take(state, finish) }
  /* A stop or the end has been wound up. Whatever is admitted later must fail at the epoch. */
  :: d_step { serving(n) && taken[n] && is_final(state) && wound_up(n) && stopping[n] == idle -> forget(n) }
#if PAUSES > 0
  /* A pause has: the last verdicts are in. */
  :: d_step { serving(n) && pausing[n] == winding && may_forget(n) ->
       if
       :: taken[n] -> forget(n)
       :: else
       fi;
       pausing[n] = idle }
#endif
  /* Its commit was refused: the term is another's. The process ends. */
  :: d_step { serving(n) && !owns(n) -> forget_all(n) }
  od
}

/* ---- SenderLoop -------------------------------------------------------------------------------------- */
#ifdef FLAG_ONLY
#define may_send (state == running) /* a flag that is read before the send */
#else
#define may_send (gate[i] <= my_epoch[n])
#endif

#define LOOK(r) \
  :: d_step { up[n] && half[i] == 0 && first_of(at[i], r) && may_send && in_time(n) -> \
       at[i] = at[i] & (255 - bit(r)); half[i] = r + 1; late[i] = false } \
  :: d_step { up[n] && first_of(at[i], r) && gate[i] > my_epoch[n] -> at[i] = at[i] & (255 - bit(r)) }

/* What must be true whenever a message leaves. */
inline promised(r, n) {
  assert(!stop_answered);        /* promise 1 */
  assert(!quiet);                /* nor after an answered pause */
  assert(sent[r] < admitted[r]); /* promise 2: once an attempt, and never unadmitted */
#ifndef PROMISES_ONLY
  /* Why they hold. A variant that breaks one of these might still be lucky; what is to be shown broken is
     shown by the promises. */
  assert(state == running);      /* promise 5 too: nothing restarts by itself */
  assert(outcome[r] == no_entry); /* nobody who is listed as in doubt, or as not sent */
  assert(owner == n);            /* one node at a time */
#endif
}

#define HAND_OVER(r) \
  :: d_step { up[n] && half[i] == r + 1 -> half[i] = 0; late[i] = false; \
       promised(r, n); sent[r] = admitted[r]; wire[i] = wire[i] | bit(r) }

/* A verdict comes, and the runner journals it. */
#define VERDICT(r) \
  :: d_step { serving(n) && owns(n) && (wire[i] & bit(r)) -> \
       wire[i] = wire[i] & (255 - bit(r)); outcome[r] = accepted } \
  :: d_step { serving(n) && owns(n) && (wire[i] & bit(r)) && admitted[r] < ATTEMPTS -> \
       wire[i] = wire[i] & (255 - bit(r)); outcome[r] = deferred }

proctype sender(byte n; byte i; byte l) {
  do
  LOOK(0) HAND_OVER(0) VERDICT(0)
  LOOK(1) HAND_OVER(1) VERDICT(1)
#if RECIPIENTS > 2
  LOOK(2) HAND_OVER(2) VERDICT(2)
#endif
  /* The gate is closed and the provider does not take the rest: the connection is closed. */
  :: d_step { up[n] && half[i] != 0 && gate[i] > my_epoch[n] -> half[i] = 0; late[i] = false }
  /* The question is heard; it is answered when no message is half out. */
  :: d_step { up[n] && stopping[n] == asking && gate[i] <= asked_stop[n] -> gate[i] = asked_stop[n] + 1 }
  :: d_step { up[n] && stopping[n] == asking && gate[i] > asked_stop[n] && !(stop_answers[n] & bit(l)) &&
       half[i] == 0 -> stop_answers[n] = stop_answers[n] | bit(l) }
#if PAUSES > 0
  :: d_step { up[n] && pausing[n] == asking && gate[i] <= asked_pause[n] -> gate[i] = asked_pause[n] + 1 }
  :: d_step { up[n] && pausing[n] == asking && gate[i] > asked_pause[n] && !(pause_answers[n] & bit(l)) &&
       half[i] == 0 -> pause_answers[n] = pause_answers[n] | bit(l) }
#endif
  od
}

/* ---- Brake ---------------------------------------------------------------------------------------------- */
inline ask_loops(n) {
#if defined(FLAG_ONLY)
  stop_answers[n] = EVERY_LOOP; /* nobody is asked */
#endif
  asked_stop[n] = epoch; stopping[n] = asking
}

/* The answers speak of another epoch: it was resumed or paused meanwhile. */
#ifdef ANY_EPOCH
#define other_epoch(asked) false
#else
#define other_epoch(asked) ((asked) != epoch)
#endif

proctype brake(byte n) {
  byte k;
  do
  :: d_step { serving(n) && stop_asked && !stop_answered && stopping[n] == idle ->
       if
       :: is_final(state) -> stop_answered = true /* as it ended, or the first stop's receipt again */
       :: else -> ask_loops(n)
       fi }
#ifdef ACK_FIRST
  :: d_step { serving(n) && stopping[n] == asking && stop_answers[n] == EVERY_LOOP -> stop_answered = true }
#endif
  :: d_step { serving(n) && stopping[n] == asking && stop_answers[n] == EVERY_LOOP ->
       stop_answers[n] = 0;
       if
       :: !owns(n) -> forget_all(n)
       :: owns(n) && is_final(state) -> stopping[n] = durable
       :: owns(n) && !is_final(state) && other_epoch(asked_stop[n]) -> ask_loops(n)
       :: else -> write_evidence(n); take(state, stop); epoch++; stop_written = true; stopping[n] = durable
       fi }
  :: d_step { serving(n) && stopping[n] == durable -> stop_answered = true; stopping[n] = idle }
#if PAUSES > 0
  :: d_step { serving(n) && pause_asked && legal(state, pause) && pausing[n] == idle ->
       asked_pause[n] = epoch; pausing[n] = asking }
  :: d_step { serving(n) && pausing[n] == asking && pause_answers[n] == EVERY_LOOP ->
       pause_answers[n] = 0;
       if
       :: !owns(n) -> forget_all(n)
       :: owns(n) && !legal(state, pause) -> pausing[n] = winding; pause_asked = false /* stopped, completed */
       :: owns(n) && legal(state, pause) && other_epoch(asked_pause[n]) -> asked_pause[n] = epoch
       :: else -> write_evidence(n); take(state, pause); epoch++; pausing[n] = durable
       fi }
  :: d_step { serving(n) && pausing[n] == durable && pause_asked ->
       quiet = (state == paused); pause_asked = false; pausing[n] = winding }
  :: d_step { serving(n) && owns(n) && resume_asked && !taken[n] && pausing[n] == idle ->
       if
       :: legal(state, resume) && planned -> take(state, resume); epoch++
       :: legal(state, reschedule) && !planned -> take(state, reschedule); epoch++
       :: else /* refused: stopped meanwhile */
       fi;
       resume_asked = false }
#ifdef RESTART_RESUMES
  :: d_step { serving(n) && owns(n) && state == paused && !taken[n] -> take(state, resume); epoch++ }
#endif
#endif
  od
}

/* ---- Ownership: renew, look, take over ------------------------------------------------------------------ */
#ifdef LEASE_FROM_COMMIT
bool unread[NODES]; /* the clock is read after the commit has come back */
#endif

#if NODES > 1
proctype keeper(byte n) {
  do
  /* The clock is read before the renewal is written: the lease counts from there. */
  :: d_step { serving(n) && fresh[n] == 0 -> fresh[n] = TTL; slow_fresh[n] = false }
  :: d_step { serving(n) && fresh[n] > 0 && owns(n) ->
#ifdef LEASE_FROM_COMMIT
       unread[n] = true;
#else
       lease[n] = fresh[n];
#endif
       fresh[n] = 0; slow[n] = slow_fresh[n]; slow_fresh[n] = false; moved[1 - n] = !mine[1 - n] && up[1 - n] }
#ifdef LEASE_FROM_COMMIT
  :: d_step { unread[n] -> unread[n] = false; lease[n] = (mine[n] -> TTL : 0) }
#endif
  :: d_step { up[n] && !mine[n] && moved[n] -> moved[n] = false; silence[n] = 0 }
  :: d_step { up[n] && !mine[n] &&
#ifndef CLAIM_UNSEEN
       !moved[n] &&
#endif
#ifdef NO_MARGIN
       silence[n] >= TTL
#else
       silence[n] >= PATIENCE
#endif
       -> owner = n; mine[n] = true; lease[n] = TTL; silence[n] = 0; moved[n] = false;
          moved[1 - n] = !mine[1 - n] && up[1 - n] }
  od
}
#endif

/* ---- People ------------------------------------------------------------------------------------------------ */
proctype people() {
  do
  :: d_step { !stop_asked -> stop_asked = true }
#if PAUSES > 0
  :: d_step { pauses > 0 && !pause_asked && !quiet && !resume_asked -> pause_asked = true; pauses-- }
  :: d_step { quiet -> resume_asked = true; quiet = false }
#endif
  od
}

/* ---- What can go wrong ---------------------------------------------------------------------------------- */
/* A clock that lags does not count one tick of a lease. */
inline tick_of(n, lags) {
  if
  :: lags -> slow[n] = true; slow_fresh[n] = true
  :: else -> lease[n] = lease[n] - (lease[n] > 0); fresh[n] = fresh[n] - (fresh[n] > 0)
  fi;
  silence[n] = silence[n] + (up[n] && !mine[n] && silence[n] < PATIENCE)
}

#define may_lag(n) (DRIFT > 0 && mine[n] && !slow[n] && !slow_fresh[n])
/* Time may pass while anybody does nothing for any reason (a suspended machine, SIGSTOP, a slow disk): no
   step has to be taken. One thing is assumed: from the look at the gate and the lease to the last byte it
   takes no longer than FLIGHT. */
#ifdef STALL_INSIDE
#define flying(i) false
#else
#define flying(i) (half[i] != 0 && late[i])
#endif

inline mark_late() {
  k = 0;
  do
  :: k < SENDERS -> late[k] = half[k] != 0; k++
  :: else -> break
  od;
  k = 0
}

proctype world() {
  byte k;
  do
  :: d_step { up[0] && crashes > 0 -> crashes--; forget_all(0) }
  :: d_step { !up[0] -> up[0] = true
#if NODES == 1
       ; mine[0] = true
#endif
     }
#if NODES == 1
  /* Nothing is left to do: then nobody waits for the answer to a stop. */
  :: atomic { timeout -> assert(stop_answered) }
#endif
#if NODES > 1
  :: d_step { up[1] && crashes > 0 -> crashes--; forget_all(1) }
  :: d_step { !up[1] -> up[1] = true }
#if LOOPS == 1
#define somebody_waits (flying(0) || flying(1))
#else
#define somebody_waits (flying(0) || flying(1) || flying(2) || flying(3))
#endif
  :: d_step { !somebody_waits -> tick_of(0, false); tick_of(1, false); mark_late() }
#if DRIFT > 0
  :: d_step { !somebody_waits && may_lag(0) -> tick_of(0, true); tick_of(1, false); mark_late() }
  :: d_step { !somebody_waits && may_lag(1) -> tick_of(0, false); tick_of(1, true); mark_late() }
#endif
#endif
  od
}

init {
  atomic {
    mine[0] = true;
    run planner(0); run runner(0); run brake(0); run sender(0, 0, 0);
#if LOOPS > 1
    run sender(0, 1, 1);
#endif
#if NODES > 1
    run keeper(0); run keeper(1);
    lease[1] = 0;
    run planner(1); run runner(1); run brake(1); run sender(1, LOOPS, 0);
#if LOOPS > 1
    run sender(1, LOOPS + 1, 1);
#endif
#endif
    run people(); run world()
  }
}
