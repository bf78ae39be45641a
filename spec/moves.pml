/* The states of a campaign and the moves between them, as src/campaign/state.h has them.
   Made by spec/moves.py; a test fails when the two differ. */
mtype:state = { scheduled, planning, running, paused, stopped, completed, missed };
mtype:move = { begin, launch, finish, miss, pause, resume, reschedule, stop };

#define is_final(s) ((s) == stopped || (s) == completed || (s) == missed)
#define legal(s, m) \
  (((s) == scheduled && (m) == begin) || \
   ((s) == scheduled && (m) == miss) || \
   ((s) == scheduled && (m) == finish) || \
   ((s) == scheduled && (m) == stop) || \
   ((s) == planning && (m) == launch) || \
   ((s) == planning && (m) == finish) || \
   ((s) == planning && (m) == stop) || \
   ((s) == running && (m) == finish) || \
   ((s) == running && (m) == stop) || \
   ((s) == scheduled && (m) == pause) || \
   ((s) == planning && (m) == pause) || \
   ((s) == running && (m) == pause) || \
   ((s) == paused && (m) == resume) || \
   ((s) == paused && (m) == reschedule) || \
   ((s) == paused && (m) == miss) || \
   ((s) == paused && (m) == stop))

/* What the table does not have does not happen. */
inline take(s, m) {
  if
  :: s == scheduled && m == begin -> s = planning
  :: s == scheduled && m == miss -> s = missed
  :: s == scheduled && m == finish -> s = completed
  :: s == scheduled && m == stop -> s = stopped
  :: s == planning && m == launch -> s = running
  :: s == planning && m == finish -> s = completed
  :: s == planning && m == stop -> s = stopped
  :: s == running && m == finish -> s = completed
  :: s == running && m == stop -> s = stopped
  :: s == scheduled && m == pause -> s = paused
  :: s == planning && m == pause -> s = paused
  :: s == running && m == pause -> s = paused
  :: s == paused && m == resume -> s = running
  :: s == paused && m == reschedule -> s = scheduled
  :: s == paused && m == miss -> s = missed
  :: s == paused && m == stop -> s = stopped
  :: else -> assert(false)
  fi
}
