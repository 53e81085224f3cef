/* The latest sample beside the counters: no copy of it is accepted that is not whole.

   Modelled    A writer that puts samples, each beside the counters or not, and that may die at any step, with another one
               resuming; and a reader that copies the newest sample from there at any time.
   Abstracted  A sample is two bytes, stored one after the other. Its value tells its index and its writer. The reader looks
               once: it changes nothing that anybody else sees. The data are left out: overwrite.pml has them. Memory is
               sequentially consistent: the fences are argued in protocol.hpp.
   Shows       LATEST, I7 (`whole` asserted for each copy that is accepted).

   In the code  put: Writer::put, put_anything. other: puts of more than one sample or of long ones, commit, skip. resumed:
               protocol::take_over. Reader: Ring::copy_latest after observe.

   Mutants     LATEST_LATE (after the bytes), LATEST_LAST (after `written`), NO_RESET (a writer that resumes leaves `latest`),
               RESET_LATE (it stores 0 after its first sample), NO_VOUCHER (the reader does not look at `latest`),
               VOUCHER_FIRST (it looks before it copies), INTENT (it takes the intent for the voucher). */

#ifndef SAMPLES
#define SAMPLES 4
#endif
#ifndef CRASHES
#define CRASHES 2
#endif

byte written = 0;
byte intent = 0;
byte latest = 0;
byte bytes[2];
byte value[SAMPLES + 1]; /* of the sample before that index, as it was published */
byte crashes = 0;

/* RINGBUF_FAILPOINT: the writer may die here. */
#define STEP                                      \
  if                                              \
  :: true                                         \
  :: crashes < CRASHES -> crashes++; goto resumed \
  fi

active proctype Writer() {
  byte end;
  byte sample;
  bool beside;
resumed:
  true; /* no jump into a d_step */
  d_step { end = 0; sample = 0; beside = false }
#if !defined(MUTANT_NO_RESET) && !defined(MUTANT_RESET_LATE)
  latest = 0;
  STEP;
#endif
  do
  :: written < SAMPLES ->
    d_step { end = written + 1; sample = 10 * crashes + end }
    if
    :: beside = true
    :: beside = false
    fi;
    intent = (intent > end -> intent : end);
    STEP;
    if
    :: beside ->
#if !defined(MUTANT_LATEST_LATE) && !defined(MUTANT_LATEST_LAST)
      latest = end;
      STEP;
#endif
      bytes[0] = sample;
      STEP;
      bytes[1] = sample;
      STEP
#ifdef MUTANT_LATEST_LATE
      ;
      latest = end;
      STEP
#endif
    :: else
    fi;
    d_step { written = end; value[end] = sample }
    STEP;
#ifdef MUTANT_LATEST_LAST
    if
    :: beside -> latest = end; STEP
    :: else
    fi;
#endif
#ifdef MUTANT_RESET_LATE
    if
    :: crashes > 0 && !beside -> latest = 0; STEP
    :: else
    fi;
#endif
    d_step { end = 0; sample = 0; beside = false }
  :: else -> break
  od
}

active proctype Reader() {
  byte seen;
  byte voucher;
  byte copy[2];
  bool whole;

  (written > 0);
  seen = written;
#ifdef MUTANT_VOUCHER_FIRST
  voucher = latest;
#endif
  copy[0] = bytes[0];
  copy[1] = bytes[1];
#ifdef MUTANT_NO_VOUCHER
  voucher = seen;
#elif defined(MUTANT_INTENT)
  voucher = intent;
#elif !defined(MUTANT_VOUCHER_FIRST)
  voucher = latest;
#endif
  whole = copy[0] == value[seen] && copy[1] == value[seen];
  if
  :: voucher == seen -> assert(whole)
  :: else
  fi
}
