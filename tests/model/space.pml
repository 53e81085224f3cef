/* A lossless writer that sleeps until there is room: no wake-up is lost.

   Modelled    A writer that waits for room for 1 to CAP samples, then puts them, until it has put SAMPLES; two readers that
               consume, go back in vain, leave, or die; the places of the dead are taken back.
   Abstracted  Putting, reading and joining (see lossless.pml). Readers do not leave or die once they have read all there
               is: that would wake a writer that nothing else wakes. Readers wait for samples without sleeping (see wait.pml).
               A reader that goes back may find at any time that the writer has been promised that sample already. A time
               slice is not there while all is well: one for each death of a reader, afterwards.
   Memory      Sequentially consistent. A store with its sequentially consistent fence is one step; a store without one
               stays in a buffer until it is drained, at any time, or by a system call, or by the barrier of the writer.
               With ASYMMETRIC the readers leave their fences to the writer.
   Shows       SPACE, I5: no state without a way on (invalid end state), so that the writer never sleeps for ever while the
               readers consume.

   In the code  Writer: wait_for_space with prepare_space_wait, os::barrier, slowest_reader, reclaim_places, os::wait,
               cancel_space_wait. Reader: Reader::release and Reader::seek (set_position, must_wake_writer, wake_writer),
               finish() of segment.cpp (leave).

   Mutants     WAKE_BEFORE_RELEASE, SEQUENCE_AFTER_LOOK, NO_WRITER_FENCE, NO_READER_FENCE, NO_LAST_LOOK, NO_SEQUENCE,
               LEAVE_WITHOUT_WAKE, NO_RECLAIM, OFF_BY_ONE, BACK_WITHOUT_WAKE (a reader that goes back in vain returns to its
               position without looking whether the writer waits for it); and, with ASYMMETRIC, NO_BARRIER, BARRIER_FIRST (before
               the announcement). */

#ifndef CAP
#define CAP 2
#endif
#ifndef SAMPLES
#define SAMPLES 3
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef BACKS
#define BACKS 1
#endif
#define READERS 2
#define NONE_WAITING 255

byte written = 0;
byte space_at = NONE_WAITING;
byte space_sequence = 0;
bool asleep = false; /* the writer, in the kernel */
byte slices = 0;
byte deaths = 0;

byte position[READERS] = 0;
bool registered[READERS] = true;
bool alive[READERS] = true; /* holds the kernel's lock of its place */

/* Store buffers with room for one store: the next store waits until the one before has been drained. */
#ifdef MUTANT_NO_WRITER_FENCE
bool space_pending = false;
byte space_next = 0;
#define writer_drained !space_pending
#else
#define writer_drained true
#endif
#if defined(MUTANT_NO_READER_FENCE) || defined(ASYMMETRIC)
#define READER_BUFFER
bool position_pending[READERS] = false;
byte position_next[READERS] = 0;
bool leave_pending[READERS] = false;
#define reader_drained(id) (!position_pending[id] && !leave_pending[id])
#define leaving(id) leave_pending[id]
#else
#define reader_drained(id) true
#define leaving(id) false
#endif

#if defined(MUTANT_NO_WRITER_FENCE) || defined(READER_BUFFER)
active proctype Memory() {
end:
  do
#ifdef MUTANT_NO_WRITER_FENCE
  :: d_step { space_pending -> space_at = space_next; space_pending = false; space_next = 0 }
#else
  :: d_step { position_pending[0] -> position[0] = position_next[0]; position_pending[0] = false; position_next[0] = 0 }
  :: d_step { position_pending[1] -> position[1] = position_next[1]; position_pending[1] = false; position_next[1] = 0 }
  :: d_step { leave_pending[0] -> registered[0] = false; leave_pending[0] = false }
  :: d_step { leave_pending[1] -> registered[1] = false; leave_pending[1] = false }
#endif
  od
}
#define FIRST_READER 2 /* its process number */
#else
#define FIRST_READER 1
#endif

/* slowest_reader() >= needed */
inline look() {
  fits = true;
  r = 0;
  do
  :: r < READERS ->
    if
    :: registered[r] -> atomic { fits = fits && position[r] >= needed; r++ }
    :: else -> r++
    fi
  :: else -> break
  od;
  r = 0
}

/* os::barrier: what the readers have stored is there. */
inline barrier() {
  d_step {
    r = 0;
    do
    :: r < READERS ->
      if
      :: position_pending[r] -> position[r] = position_next[r]; position_pending[r] = false; position_next[r] = 0
      :: else
      fi;
      if
      :: leave_pending[r] -> registered[r] = false; leave_pending[r] = false
      :: else
      fi;
      r++
    :: else -> break
    od;
    r = 0
  }
}

active proctype Writer() {
  byte count;
  byte needed;
  byte word;
  byte r;
  bool fits;
  bool reclaim = false;
  do
  :: written < SAMPLES ->
    atomic {
      count = 1;
      do
      :: count < CAP && written + count < SAMPLES -> count++
      :: break
      od;
      needed = (written + count > CAP -> written + count - CAP : 0);
      reclaim = true
    }
    do
    :: true ->
      word = space_sequence;
#ifdef MUTANT_BARRIER_FIRST
      barrier();
#endif
#ifdef MUTANT_NO_WRITER_FENCE
      d_step { space_next = needed; space_pending = true }
#else
      space_at = needed;
#endif
#if defined(ASYMMETRIC) && !defined(MUTANT_NO_BARRIER) && !defined(MUTANT_BARRIER_FIRST)
      barrier();
#endif
#ifndef MUTANT_NO_LAST_LOOK
      look();
      if
      :: fits -> break
      :: else
      fi;
#ifndef MUTANT_NO_RECLAIM
      if
      :: reclaim ->
        do
        :: r < READERS ->
          atomic { registered[r] = registered[r] && (alive[r] || leaving(r)); r++ }
        :: else -> break
        od;
        r = 0;
        look();
        if
        :: fits -> break
        :: else
        fi
      :: else
      fi;
#endif
#endif
#ifdef MUTANT_SEQUENCE_AFTER_LOOK
      word = space_sequence;
#endif
      /* os::wait */
      atomic { writer_drained -> asleep = (word == space_sequence); word = 0; reclaim = false }
      if
      :: !asleep
      :: asleep && slices > 0 -> d_step { slices--; asleep = false; reclaim = true }
      fi;
#ifdef MUTANT_NO_LAST_LOOK
      look();
      if
      :: fits -> break
      :: else
      fi
#endif
    od;
    atomic {
      writer_drained -> word = 0;
      reclaim = false;
      fits = false
    }
    d_step { space_at = NONE_WAITING; written = written + count; count = 0; needed = 0 }
  :: else -> break
  od
}

/* must_wake_writer and wake_writer; the fence is before this. */
inline wake_writer(reached) {
#ifdef MUTANT_OFF_BY_ONE
  wake = reached > space_at;
#else
  wake = reached >= space_at;
#endif
  if
  :: wake ->
    reader_drained(id); /* a read-modify-write, and a system call */
#ifndef MUTANT_NO_SEQUENCE
    space_sequence++;
#endif
    asleep = false
  :: else
  fi;
  wake = false
}

active[READERS] proctype Reader() {
  byte id = _pid - FIRST_READER;
  byte at = 0;
  byte backs = 0;
  bool wake = false;
  do
  :: written > at && at < SAMPLES -> /* consume any number, and release them */
    atomic {
      at++;
      do
      :: at < written -> at++
      :: break
      od
    }
#ifdef MUTANT_WAKE_BEFORE_RELEASE
    wake_writer(at);
#endif
#ifdef READER_BUFFER
    atomic { reader_drained(id) -> position_next[id] = at; position_pending[id] = true }
#else
    position[id] = at;
#endif
#ifndef MUTANT_WAKE_BEFORE_RELEASE
    wake_writer(at)
#endif
  :: at > 0 && backs < BACKS -> /* back, in vain */
    backs++;
    atomic { reader_drained(id) -> position[id] = at - 1 }
    position[id] = at;
#ifndef MUTANT_BACK_WITHOUT_WAKE
    wake_writer(at)
#endif
  :: written > at -> /* leave */
#ifdef READER_BUFFER
    atomic { reader_drained(id) -> leave_pending[id] = true }
#else
    registered[id] = false;
#endif
#ifndef MUTANT_LEAVE_WITHOUT_WAKE
    wake_writer(NONE_WAITING - 1);
#endif
    alive[id] = false;
    break
  :: deaths < DEATHS && written > at ->
    atomic { reader_drained(id) -> deaths++; slices++; alive[id] = false }
    break
  :: at == SAMPLES -> break
  od;
  at = 0;
  backs = 0
}
