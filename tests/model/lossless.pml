/* A lossless ring: no sample is overwritten that a registered reader may still read, none is lost, and no reader that
   consumes, leaves or dies stops the writer for ever.

   Modelled    A writer that puts 1 to CAP samples at a time, allows itself more, looks at the readers place by place, may
               die and be resumed; readers that take a place, enter it, move on if they came too late, consume several
               samples at a time, go back, leave and come again, or die at any step and leave their place behind.
   Abstracted  Each reader has a place of its own to take. A sample is one byte, its value its index; storing it takes two
               steps. Waiting for samples is a wait for the condition (see wait.pml), waiting for room is trying again
               (see space.pml). How much more the writer promises itself is any number between what it needs and what there
               is, so that the model does not depend on the quantum (a quarter of the ring) that the code has chosen.
   Memory      Sequentially consistent but for the stores of the pair DEKKER: `limit`, and `registered` or `position` of a reader
               that enters or goes back, lie in a store buffer until they are drained, at any time; a fence waits for that.
   Shows       I4 (asserted at each announcement), DEKKER, POSITION; `whole`: each sample consumed is the one that the reader
               asked for, with no gap between it and the one before. With -DPROGRESS: no cycle in which the writer tries
               again for ever.

   In the code  Writer: Writer::make_room with extend_limit (room, reclaim_places, allow, room), then announce, store,
               publish. Reader: take_place, Reader::start (observe, enter, set_position), pop_many (the copy, then release),
               seek (move_back), leave.

   Mutants     LIMIT_OFF_BY_ONE, NO_RESCAN (does not look again after allow), ALLOW_AFTER_SCAN, NO_WRITER_FENCE,
               NO_READER_FENCE, NO_BACK_FENCE, NO_RECHECK_AFTER_JOIN, NO_RECHECK_BACK, RELEASE_BEFORE_READ,
               LIMIT_GOES_BACK (who resumes allows itself less than the one before has announced); for progress NO_RECLAIM,
               NO_RELEASE. */

#ifndef CAP
#define CAP 2
#endif
#ifndef SAMPLES
#define SAMPLES 4
#endif
#ifndef READERS
#define READERS 2
#endif
#ifndef JOINS
#define JOINS 1 /* of each reader */
#endif
#ifndef BACKS
#define BACKS 0 /* how often each reader goes back */
#endif
#ifndef DEATHS
#define DEATHS 1 /* of readers */
#endif
#ifndef CRASHES
#define CRASHES 0 /* of the writer */
#endif
#define NOTHING 255
#define RUINED 254
#define NOBODY 255

byte data[CAP] = NOTHING;
byte written = 0;
byte intent = 0;
byte limit = 0;

byte position[READERS] = 0;
bool registered[READERS] = false;
byte locked[READERS] = NOBODY; /* the kernel's lock of a place: the reader's number, or WRITER */
#define WRITER 100

/* Store buffers: what has been stored but not yet drained. */
bool limit_pending = false;
byte limit_next = 0;
bool registered_pending[READERS] = false;
bool back_pending[READERS] = false;
byte back_next[READERS] = 0;

/* For the assertions: the sample from which on a reader may rely on what it reads; NOBODY: on none. */
byte held[READERS] = NOBODY;

byte deaths = 0;
byte crashes = 0;

#define min(a, b) ((a) < (b) -> (a) : (b))

/* RINGBUF_FAILPOINT. */
#define WRITER_STEP                                        \
  if                                                       \
  :: true                                                  \
  :: crashes < CRASHES && !limit_pending -> crashes++; goto resumed \
  fi
#define WRITER_STEP_LOCKED                                                                      \
  if                                                                                            \
  :: true                                                                                       \
  :: crashes < CRASHES -> d_step { crashes++; locked[r] = NOBODY }; goto resumed                \
  fi
#define READER_STEP                                \
  if                                               \
  :: true                                          \
  :: deaths < DEATHS -> deaths++; goto died        \
  fi

active proctype Memory() {
end:
  do
  :: d_step { limit_pending -> limit = limit_next; limit_pending = false; limit_next = 0 }
  :: d_step { registered_pending[0] -> registered[0] = true; registered_pending[0] = false }
  :: d_step { back_pending[0] -> position[0] = back_next[0]; back_pending[0] = false; back_next[0] = 0 }
#if READERS > 1
  :: d_step { registered_pending[1] -> registered[1] = true; registered_pending[1] = false }
  :: d_step { back_pending[1] -> position[1] = back_next[1]; back_pending[1] = false; back_next[1] = 0 }
#endif
  od
}

/* slowest = protocol::slowest_reader, one access after the other. */
inline scan() {
  slowest = NOBODY;
  r = 0;
  do
  :: r < READERS ->
    if
    :: registered[r] -> d_step { slowest = min(slowest, position[r]); r++ }
    :: else -> r++
    fi
  :: else -> break
  od;
  r = 0
}

/* room = Writer::room after `slowest`. */
#ifdef MUTANT_LIMIT_OFF_BY_ONE
#define REACH (CAP + 1)
#else
#define REACH CAP
#endif
inline compute_room() {
  room = (slowest == NOBODY -> CAP : (min(slowest, own_written) + REACH > own_written
                                          -> min(slowest, own_written) + REACH - own_written
                                          : 0));
  slowest = 0
}

inline allow(value) {
  WRITER_STEP;
#ifdef MUTANT_LIMIT_GOES_BACK
  d_step { limit_next = value; limit_pending = true }
#else
  d_step { limit_next = (value > own_intent -> value : own_intent); limit_pending = true }
#endif
#ifndef MUTANT_NO_WRITER_FENCE
  !limit_pending
#endif
}

/* The places of dead readers. */
inline reclaim() {
  r = 0;
  do
  :: r < READERS ->
    if
    :: atomic { registered[r] && locked[r] == NOBODY -> locked[r] = WRITER };
      WRITER_STEP_LOCKED;
      d_step { registered[r] = false; locked[r] = NOBODY }
    :: else
    fi;
    r++
  :: else -> break
  od;
  r = 0
}

active proctype Writer() {
  byte own_written;
  byte own_intent;
  byte own_limit;
  byte count;
  byte room;
  byte promise;
  byte slowest;
  byte r;
resumed:
  true;
  d_step {
    own_written = written;
    own_intent = intent;
    own_limit = 0;
    count = 0;
    room = 0;
    promise = 0;
    slowest = 0;
    r = 0
  }
  do
  :: own_written < SAMPLES ->
    atomic {
      count = 1;
      do
      :: count < CAP && own_written + count < SAMPLES -> count++
      :: break
      od
    }
    /* make_room */
    do
    :: own_written + count <= own_limit -> break
    :: else ->
      atomic { scan(); compute_room() }
#ifndef MUTANT_NO_RECLAIM
      if
      :: room < count ->
        reclaim();
        atomic { scan(); compute_room() }
      :: else
      fi;
#endif
      if
      :: room >= count ->
        atomic {
          promise = count;
          do
          :: promise < room -> promise++
          :: break
          od;
          room = 0
        }
#ifndef MUTANT_ALLOW_AFTER_SCAN
        allow(own_written + promise);
#endif
#ifndef MUTANT_NO_RESCAN
        scan();
        d_step { compute_room(); promise = min(promise, room) }
#endif
#ifdef MUTANT_ALLOW_AFTER_SCAN
        allow(own_written + promise);
#endif
        own_limit = own_written + promise
      :: else /* full: the user tries again */
      fi;
      d_step { promise = 0; room = 0 }
    od;
    /* put */
    !limit_pending; /* stores stay in order */
    WRITER_STEP;
    d_step {
      own_intent = (own_written + count > own_intent -> own_written + count : own_intent);
      intent = own_intent;
      assert(intent <= held[0] + CAP);
#if READERS > 1
      assert(intent <= held[1] + CAP)
#endif
    }
    r = 0;
    do
    :: r < count ->
      data[(own_written + r) % CAP] = RUINED;
      WRITER_STEP;
      data[(own_written + r) % CAP] = own_written + r;
      r++
    :: else -> break
    od;
    r = 0;
    WRITER_STEP;
progress:
    d_step { written = own_written + count; own_written = written; count = 0 }
  :: else -> break
  od
}

/* Each is a reader that comes up to JOINS times; `id` is its number and its place. */
active[READERS] proctype Reader() {
  byte id = _pid - 2;
  byte joins = 0;
  byte backs = 0;
  byte at = 0;      /* its position */
  byte seen = 0;    /* of `written`, `intent` or `limit` */
  byte k = 0;
  bool whole = true;

  do
  :: joins < JOINS ->
    joins++;
    /* take_place */
    atomic { locked[id] == NOBODY -> locked[id] = id };
    /* Reader::start */
    READER_STEP;
    at = written;
    seen = intent;
    if
    :: at = min((seen > CAP -> seen - CAP : 0), at)
    :: true /* from the newest */
    fi;
    READER_STEP;
    position[id] = at;
    READER_STEP;
    registered_pending[id] = true;
#ifndef MUTANT_NO_READER_FENCE
    !registered_pending[id];
#endif
    seen = limit;
#ifndef MUTANT_NO_RECHECK_AFTER_JOIN
    if
    :: seen > at + CAP ->
      at = seen - CAP;
      !registered_pending[id];
      READER_STEP;
      position[id] = at
    :: else
    fi;
#endif
    d_step { seen = 0; held[id] = at }
    do
    :: written > at -> /* pop_many of any number */
#ifdef MUTANT_RELEASE_BEFORE_READ
      position[id] = at + 1;
#endif
      k = at;
      seen = written;
      do
      :: k < seen && k < at + CAP ->
        d_step { whole = data[k % CAP] == k; assert(whole) }
        k++
      :: k > at -> break
      od;
      seen = 0;
      READER_STEP;
      !registered_pending[id] && !back_pending[id]; /* stores stay in order */
      d_step {
        at = k;
        held[id] = at;
#ifndef MUTANT_NO_RELEASE
        position[id] = at;
#endif
        k = 0
      }
#if BACKS > 0
    :: backs < BACKS && !registered_pending[id] && !back_pending[id] -> /* seek, to a sample before */
      backs++;
      seen = intent;
      k = (seen > CAP -> seen - CAP : 0);
      do
      :: k < at -> k++
      :: break
      od;
      if
      :: k < at ->
        READER_STEP;
        d_step { back_next[id] = k; back_pending[id] = true }
#ifndef MUTANT_NO_BACK_FENCE
        !back_pending[id];
#endif
        seen = limit;
#ifdef MUTANT_NO_RECHECK_BACK
        seen = 0;
#endif
        if
        :: seen > k + CAP ->
          !back_pending[id];
          position[id] = at /* overwritten: it stays where it was */
        :: else -> d_step { at = k; held[id] = at }
        fi
      :: else
      fi;
      d_step { k = 0; seen = 0 }
#endif
    :: written == SAMPLES && at == SAMPLES -> break
    :: joins < JOINS -> break /* enough of it */
    :: deaths < DEATHS -> deaths++; goto died
    od;
    /* leave */
    !registered_pending[id] && !back_pending[id];
    d_step { held[id] = NOBODY; registered[id] = false };
    locked[id] = NOBODY;
    goto gone;
died:
    /* What was stored drains, the kernel releases the lock; the place stays as it is. */
    !registered_pending[id] && !back_pending[id];
    d_step { held[id] = NOBODY; locked[id] = NOBODY };
gone:
    true;
    d_step { at = 0; seen = 0; k = 0 }
  :: else -> break
  od
}
