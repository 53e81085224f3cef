/* Two copies and a counter (metadata, time anchor): what a reader accepts is whole, and the old copy survives a crash.

   Modelled    A writer that replaces the value VALUES times, may die at any step, and another one that resumes; a reader
               that reads at any time, again and again until it has read one copy whole.
   Abstracted  A copy is two words (of the metadata: the size and the bytes), both with the number of the value. One reader:
               it changes nothing that others see.
   Shows       SEQLOCK: both words of an accepted copy have the value that was completed with its version (`whole`).

   In the code  Writer: protocol::prepare, the stores of set_metadata or set_anchor, protocol::complete. Reader:
               protocol::read_stable.

   Mutants     ONE_COPY, WRONG_COPY (fills in the current one), COMPLETE_FIRST (moves the version before the copy is
               filled in), NO_SECOND_LOOK (accepts what it has read from one copy of the memory), RESUME_COMPLETES (who
               resumes moves the version on to the copy that was left half done). */

#ifndef VALUES
#define VALUES 5
#endif
#ifndef CRASHES
#define CRASHES 2
#endif

typedef Copy {
  byte first = 0;
  byte second = 0
}
Copy copies[2];
byte version = 0;
byte crashes = 0;
byte completed[VALUES + CRASHES + 2] = 0; /* by version: what a reader that sees it must find */

/* RINGBUF_FAILPOINT: the writer may die here. */
#define STEP                                      \
  if                                              \
  :: true                                         \
  :: crashes < CRASHES -> crashes++; goto resumed \
  fi

inline complete(value) {
  STEP;
  d_step {
    version = version + 1;
    completed[version] = value
  }
}

active proctype Writer() {
  byte value = 0; /* not forgotten by a crash, so that no value comes twice */
  byte which = 0;
resumed:
#ifdef MUTANT_RESUME_COMPLETES
  if
  :: crashes > 0 -> d_step { version = version + 1; completed[version] = value }
  :: true
  fi;
#endif
  do
  :: value < VALUES ->
    value++;
    which = (version + 1) % 2;
#ifdef MUTANT_WRONG_COPY
    which = version % 2;
#endif
#ifdef MUTANT_ONE_COPY
    which = 0;
#endif
#ifdef MUTANT_COMPLETE_FIRST
    complete(value);
#endif
    STEP;
    copies[which].first = value;
    STEP;
    copies[which].second = value;
#ifndef MUTANT_COMPLETE_FIRST
    complete(value)
#endif
  :: else -> break
  od
}

active proctype Reader() {
  byte before;
  byte which;
  byte first;
  byte second;
  do
  :: before = version;
    if
    :: before == 0 -> break /* none yet */
    :: else
    fi;
    which = before % 2;
#ifdef MUTANT_ONE_COPY
    which = 0;
#endif
    first = copies[which].first;
    second = copies[which].second;
#ifndef MUTANT_NO_SECOND_LOOK
    if
    :: version != before
    :: else -> break
    fi
#else
    break
#endif
  od;
  if
  :: before != 0 ->
    d_step {
      bool whole = first == completed[before] && second == completed[before];
      assert(whole)
    }
  :: else
  fi
}
