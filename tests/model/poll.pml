/* Descriptors for event loops: no readiness is lost, and none is left over.

   Modelled    A writer that publishes samples and wakes whom it has to; an event loop with one descriptor, which it arms for
               any number of samples and waits for, and once may close and make again; the poller, its list of words, its kick
               and its rest; another reader, whose announcements puts take together with ours.
   Abstracted  Other rings: they change the list and end the sleep, as closing and making again do. Deaths. A time slice does
               not end a sleep while the descriptor is armed, so that whatever does must have been a wake-up.
   Memory      Sequentially consistent, but for the writer's `written`: it stays in a buffer until it is drained, at any time, or
               by a system call, or by a barrier. The writer has no fence of its own, as with ASYMMETRIC in wait.pml. The mutex
               is one.
   Shows       P1 to P3 of poll.cpp: whenever nothing moves any more, a descriptor that is waited for and not readable waits for
               samples that nobody has written (`rightly_waiting`). A descriptor that is readable after it was armed has its
               samples (`truly_readable`).

   In the code  Loop: poll_fd, poll_arm, stop_polling. Poller: run, make_round. Writer: as in wait.pml.

   Mutants     NO_BARRIER_OF_ARM, NO_BARRIER_OF_POLLER, NO_LOOK_OF_ARM, NO_LOOK_OF_POLLER (none after its announcement),
               NO_ANNOUNCEMENT_OF_ARM, NO_ANNOUNCEMENT_OF_POLLER, WORD_AFTER_LOOK (the poller loads the word when it has looked),
               KICK_AFTER_LIST (and its kick when it has made the list), NO_KICK_BY_NEW, NO_KICK_FROM_REST, OFF_BY_ONE,
               BYTE_UNLOCKED (the poller gives the byte after it has unlocked), NO_DRAIN (the byte of an earlier arm stays). */

#ifndef SAMPLES
#define SAMPLES 2
#endif
#define NONE_WAITING 255

byte written = 0;
bool written_pending = false;
byte written_next = 0;
byte wake_at = NONE_WAITING;
byte wake_sequence = 0;

bool locked = false; /* the mutex */
bool linked = false; /* the poller has an entry */
bool armed = false;
byte end_of = 0; /* what it is armed for */
byte bytes = 0;  /* in the socket */
byte arms = 0;
byte kicks = 0;

bool asleep = false;        /* the poller, on its list */
bool listed = false;        /* the ring's word is in the list that it sleeps on */
bool resting = false;       /* the poller, until it is notified */
bool notified = false;
bool waits = false;         /* the loop, for its descriptor */

#define rightly_waiting (!waits || bytes > 0 || written < end_of)

#define min(a, b) ((a) < (b) -> (a) : (b))
#define lock() atomic { !locked -> locked = true }
#define unlock() locked = false

inline kick() {
  d_step {
    kicks++;
    asleep = false;
    notified = true
  }
}

/* os::barrier: what the writer has stored is there. */
inline barrier() {
  d_step {
    if
    :: written_pending -> written = written_next; written_pending = false
    :: else
    fi
  }
}

/* Nothing moves any more. */
active proctype Monitor() {
end:
  timeout -> assert(rightly_waiting)
}

active proctype Memory() {
end:
  do
  :: d_step { written_pending -> written = written_next; written_pending = false }
  od
}

active proctype Writer() {
  byte own_written = 0;
  do
  :: own_written < SAMPLES ->
    atomic {
      !written_pending -> own_written++;
      written_next = own_written;
      written_pending = true
    }
    if
    :: own_written >= wake_at ->
      atomic { !written_pending -> wake_at = NONE_WAITING } /* a read-modify-write */
      wake_sequence++;
      d_step { /* os::wake_all */
        if
        :: listed -> asleep = false
        :: else
        fi
      }
    :: else
    fi
  :: true -> break
  od
}

/* Another reader, who waits for the next sample. */
active proctype Other() {
  if
  :: d_step { wake_at = min(wake_at, written + 1) }
  :: true
  fi
}

active proctype Loop() {
  byte position = 0;
  byte end = 0;
  bool closed_once = false;
new:
  /* poll_fd */
  lock();
  linked = true;
#ifndef MUTANT_NO_KICK_BY_NEW
  kick();
#endif
  unlock();
  do
  :: position < SAMPLES ->
    d_step { end = position + 1 }
    do
    :: end < SAMPLES -> end++
    :: break
    od;
    /* poll_arm */
    lock();
#ifndef MUTANT_NO_DRAIN
    bytes = 0;
#endif
    d_step { end_of = end; armed = true; arms++ }
#ifndef MUTANT_NO_ANNOUNCEMENT_OF_ARM
    wake_at = min(wake_at, end);
#endif
    unlock();
#ifndef MUTANT_NO_BARRIER_OF_ARM
    barrier();
#endif
    lock();
#ifndef MUTANT_NO_LOOK_OF_ARM
    if
    :: armed && written >= end -> d_step { bytes++; armed = false }
    :: else
    fi;
#endif
#ifndef MUTANT_NO_KICK_FROM_REST
    if
    :: armed && resting -> kick()
    :: else
    fi;
#endif
    unlock();
    /* The event loop waits, or closes the handle. */
    if
    :: !closed_once -> closed_once = true; goto close
    :: waits = true
    fi;
end_waits:
    bytes > 0;
    atomic {
      waits = false;
      bool truly_readable = written >= end;
      assert(truly_readable)
    }
    position = end
  :: else -> break
  od;
  goto done;
close:
  /* stop_polling; another handle is made in its place. */
  lock();
  d_step { linked = false; armed = false; bytes = 0 }
  kick();
  unlock();
  goto new;
done:
  true
}

active proctype Poller() {
  byte word = 0;
  byte kicks_seen = 0;
  byte arms_seen = 0;
  bool announced = false;
  bool ready = false;
  bool slice_over = false;
  do
  :: true ->
    lock();
    if
    :: slice_over && !armed && arms == arms_seen ->
      d_step { slice_over = false; resting = true; notified = false }
      unlock();
end_rests:
      notified;
      lock();
      resting = false;
      unlock()
    :: else ->
      d_step {
        slice_over = false;
        announced = false;
        ready = false;
        arms_seen = arms
      }
#ifndef MUTANT_KICK_AFTER_LIST
      kicks_seen = kicks;
#endif
      d_step { listed = linked }
#ifndef MUTANT_WORD_AFTER_LOOK
      word = wake_sequence;
#endif
      if
      :: armed && written >= end_of -> d_step { bytes++; armed = false }
      :: armed && written < end_of ->
#ifndef MUTANT_NO_ANNOUNCEMENT_OF_POLLER
        wake_at = min(wake_at, end_of);
        announced = true
#else
        skip
#endif
      :: else
      fi;
      unlock();
#ifndef MUTANT_NO_BARRIER_OF_POLLER
      if
      :: announced -> barrier()
      :: else
      fi;
#endif
      lock();
#ifndef MUTANT_NO_LOOK_OF_POLLER
      if
#ifdef MUTANT_OFF_BY_ONE
      :: armed && written > end_of ->
#else
      :: armed && written >= end_of ->
#endif
#ifdef MUTANT_BYTE_UNLOCKED
        d_step { ready = true; armed = false }
#else
        d_step { bytes++; armed = false }
#endif
      :: else
      fi;
#endif
#ifdef MUTANT_WORD_AFTER_LOOK
      word = wake_sequence;
#endif
      unlock();
#ifdef MUTANT_BYTE_UNLOCKED
      if
      :: ready -> bytes++
      :: else
      fi;
#endif
#ifdef MUTANT_KICK_AFTER_LIST
      kicks_seen = kicks;
#endif
      /* os::wait_any */
      atomic { asleep = (kicks == kicks_seen && (!listed || word == wake_sequence)); word = 0; kicks_seen = 0 }
end_asleep:
      if
      :: !asleep
      :: asleep && !armed -> d_step { asleep = false; slice_over = true }
      fi
    fi
  od
}
