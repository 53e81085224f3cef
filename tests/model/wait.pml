/* Sleeping until samples come: no wake-up is lost.

   Modelled    A writer that publishes sample after sample, wakes whom it has to, and then closes, stays idle, or dies at
               any step, with another one resuming or not; two readers that wait for any number of samples, and then
               perhaps for more.
   Abstracted  The spin before sleeping and timeouts. A time slice is not there while all is well: it ends a sleep only
               after a death, and no more than once in each wait, so that whatever else wakes must have been a wake-up.
   Memory      Sequentially consistent. A store with its sequentially consistent fence is one step; a store without one
               stays in a buffer until it is drained, at any time, or by a system call, or by the barrier of a reader.
               With ASYMMETRIC the writer leaves its fences to the readers. (That a reader knows whether it does is argued in
               protocol.hpp, at ASYMMETRIC; should it err when a writer resumes, its time slice helps, as after any death.)
   Shows       EVENTCOUNT, I5: whenever nothing moves any more, who sleeps waits for samples that nobody has written, and the
               writer lives (`rightly_asleep`); each reader that is done has got what it waited for, or has been told the
               truth about the writer.

   In the code  Writer: protocol::take_over, publish, must_wake, take_waiters, os::wake_all (finish, wake_readers, and finish() of
               segment.cpp for closing). Reader: wait_for_samples with wake_word, prepare_wait, os::barrier, look,
               os::wait.

   Mutants     WAKE_BEFORE_PUBLISH, SEQUENCE_AFTER_ANNOUNCE (reads the word after it has announced itself), NO_WRITER_FENCE,
               NO_READER_FENCE, NO_LAST_LOOK, NO_SEQUENCE (the word does not move), SEQUENCE_BEFORE_TAKING (the word moves
               before the announcements are taken), ANNOUNCE_STORES (a later announcement replaces a smaller one), WAKE_ONE,
               OFF_BY_ONE, CLOSE_WITHOUT_WAKE, CLOSE_WITHOUT_STATE, NO_SLICE (nobody looks whether the writer lives),
               NO_SECOND_LOOK (does not look at `written` again after it has seen the end); and, with ASYMMETRIC, NO_BARRIER,
               BARRIER_FIRST (before the announcement). */

#ifndef SAMPLES
#define SAMPLES 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define READERS 2
#define NONE_WAITING 255
#define LIVE 1
#define CLOSED 2

byte written = 0;
byte state = LIVE;
bool writer_lock = true; /* held: the writer lives */
byte wake_at = NONE_WAITING;
byte wake_sequence = 0;
bool asleep[READERS] = false; /* in the kernel */
byte slices[READERS] = 0;     /* sleeps that a time slice will end, in this wait */
byte crashes = 0;
byte resumes = 0;

/* Store buffers with room for one store: the next store waits until the one before has been drained. */
#if defined(MUTANT_NO_WRITER_FENCE) || defined(ASYMMETRIC)
#define WRITER_BUFFER
bool written_pending = false;
byte written_next = 0;
#define writer_drained !written_pending
#else
#define writer_drained true
#endif
#ifdef MUTANT_NO_READER_FENCE
bool announced_pending[READERS] = false;
byte announced[READERS] = 0;
#define reader_drained(id) !announced_pending[id]
#else
#define reader_drained(id) true
#endif

byte wanted[READERS] = 0; /* what each waits for; 0: nothing */

#define rightly_asleep(id) (!asleep[id] || (written < wanted[id] && state == LIVE && writer_lock))

/* RINGBUF_FAILPOINT: the writer may die here. What it has stored drains. */
#define STEP                                            \
  if                                                    \
  :: true                                               \
  :: crashes < CRASHES && writer_drained -> goto died \
  fi

#define min(a, b) ((a) < (b) -> (a) : (b))

#ifdef MUTANT_ANNOUNCE_STORES
#define announcement(end) (end)
#else
#define announcement(end) min(wake_at, end)
#endif

#if defined(WRITER_BUFFER) || defined(MUTANT_NO_READER_FENCE)
active proctype Memory() {
end:
  do
#ifdef WRITER_BUFFER
  :: d_step { written_pending -> written = written_next; written_pending = false; written_next = 0 }
#else
  :: d_step { announced_pending[0] -> wake_at = announcement(announced[0]); announced_pending[0] = false; announced[0] = 0 }
  :: d_step { announced_pending[1] -> wake_at = announcement(announced[1]); announced_pending[1] = false; announced[1] = 0 }
#endif
  od
}
#define FIRST_READER 3 /* its process number */
#else
#define FIRST_READER 2
#endif

/* Nothing moves any more. */
active proctype Monitor() {
end:
  timeout -> assert(rightly_asleep(0) && rightly_asleep(1))
}

/* protocol::take_waiters and os::wake_all */
inline wake_readers() {
#ifdef MUTANT_SEQUENCE_BEFORE_TAKING
  atomic { STEP; wake_sequence++ }
  atomic { STEP; wake_at = NONE_WAITING }
#else
  writer_drained; /* a read-modify-write */
  atomic { STEP; wake_at = NONE_WAITING }
#ifndef MUTANT_NO_SEQUENCE
  atomic { STEP; wake_sequence++ }
#endif
#endif
  STEP;
#ifdef MUTANT_WAKE_ONE
  if
  :: asleep[0] -> asleep[0] = false
  :: asleep[1] -> asleep[1] = false
  :: else
  fi
#else
  d_step { asleep[0] = false; asleep[1] = false }
#endif
}

/* os::barrier: what the writer has stored is there. */
inline barrier() {
  d_step {
    if
    :: written_pending -> written = written_next; written_pending = false; written_next = 0
    :: else
    fi
  }
}

active proctype Writer() {
  byte own_written = 0;
  bool wake = false;
resumed:
  do
  :: own_written < SAMPLES ->
    own_written++;
#ifdef MUTANT_WAKE_BEFORE_PUBLISH
    wake = own_written >= wake_at;
    atomic { STEP; written = own_written }
#else
#ifdef WRITER_BUFFER
    atomic {
      STEP;
      writer_drained -> written_next = own_written;
      written_pending = true
    }
#else
    atomic { STEP; written = own_written }
#endif
#ifdef MUTANT_OFF_BY_ONE
    wake = own_written > wake_at;
#else
    wake = own_written >= wake_at;
#endif
#endif
    if
    :: wake -> wake_readers()
    :: else
    fi;
    atomic { writer_drained -> wake = false }
  :: true -> goto idle /* writes no more */
  :: true -> break
  od;
  /* close */
#ifndef MUTANT_CLOSE_WITHOUT_STATE
  atomic { STEP; state = CLOSED }
#endif
#ifndef MUTANT_CLOSE_WITHOUT_WAKE
  wake_readers();
#endif
  atomic { STEP; writer_lock = false }
  goto done;
died:
  true;
  d_step {
    crashes++;
    writer_lock = false;
    /* Slices are there all the time; from now on the readers need one. */
#ifndef MUTANT_NO_SLICE
    slices[0] = 1;
    slices[1] = 1;
#endif
    own_written = written;
    wake = false
  }
  if
  :: d_step { state = LIVE; writer_lock = true; resumes++ }; goto resumed
  :: true
  fi;
idle:
done:
  true
}

active[READERS] proctype Reader() {
  byte id = _pid - FIRST_READER;
  byte word = 0;
  byte end = 0;
  bool over = false;          /* the writer's side has ended, one way or the other */
  byte before = 0; /* resumes, when it ended */
  bool after_slice = false;

  do
  :: end < SAMPLES ->
    atomic {
      end++;
      do
      :: end < SAMPLES -> end++
      :: break
      od;
      wanted[id] = end;
#ifndef MUTANT_NO_SLICE
      slices[id] = (crashes > 0 -> 1 : 0)
#endif
    }
    do
    :: true ->
#ifdef MUTANT_BARRIER_FIRST
      barrier();
#endif
#ifndef MUTANT_SEQUENCE_AFTER_ANNOUNCE
      word = wake_sequence;
#endif
#ifdef MUTANT_NO_READER_FENCE
      d_step { announced[id] = end; announced_pending[id] = true }
#else
      wake_at = announcement(end);
#endif
#ifdef MUTANT_SEQUENCE_AFTER_ANNOUNCE
      word = wake_sequence;
#endif
#if defined(ASYMMETRIC) && !defined(MUTANT_NO_BARRIER) && !defined(MUTANT_BARRIER_FIRST)
      barrier();
#endif
#ifndef MUTANT_NO_LAST_LOOK
      /* look */
      if
      :: written >= end -> break
      :: else
      fi;
      if
      :: atomic { state == CLOSED -> over = true; before = resumes }
      :: else ->
        if
        :: atomic { !writer_lock -> over = true; before = resumes }
          /* Then the state once more, which only decides between closed and stale. */
        :: writer_lock
        :: !after_slice /* the clock has not ticked since the last look at the lock */
        fi
      fi;
      if
#ifndef MUTANT_NO_SECOND_LOOK
      :: written >= end -> break
      :: written < end && !over
      :: written < end && over ->
#else
      :: !over
      :: over ->
#endif
        d_step {
          bool nothing_missed = written < end || resumes != before;
          assert(nothing_missed)
        }
        goto done
      fi;
#endif
      /* os::wait */
      atomic { reader_drained(id) -> asleep[id] = (word == wake_sequence); word = 0; after_slice = false }
end_asleep:
      if
      :: !asleep[id]
      :: asleep[id] && slices[id] > 0 -> d_step { slices[id]--; asleep[id] = false; after_slice = true }
      fi;
      if
      :: written >= end -> break
      :: else
      fi
    od;
    atomic { reader_drained(id) -> word = 0; over = false; before = 0; after_slice = false; wanted[id] = 0; slices[id] = 0 }
  :: break
  od;
done:
  wanted[id] = 0;
  slices[id] = 0
}
