/* One copy and a sequence number (a mark of the time track): what a reader accepts is whole, also after a crash.

   Modelled    A writer that replaces the value VALUES times, may die at any step, and another one that goes on; a reader that
               looks once, at any time.
   Abstracted  A mark is two words, both with the number of the value.
   Shows       TRACK: both words of an accepted mark have the same value (`whole`).

   In the code  Writer: protocol::write_mark. Reader: protocol::load_mark.

   Mutants     NO_ODD (the number is even while the words are stored), ODD_LATE (it becomes odd after the first word),
               EVEN_EARLY (it becomes even before the last word), RESUME_ADDS (after a crash the next writer adds 1 to the odd
               number), READS_ODD (the reader takes an odd number for whole), NO_SECOND_LOOK. */

#ifndef VALUES
#define VALUES 4
#endif
#ifndef CRASHES
#define CRASHES 2
#endif

byte sequence = 0;
byte first = 0;
byte second = 0;
byte crashes = 0;

/* The writer may die here. */
#define STEP                                      \
  if                                              \
  :: true                                         \
  :: crashes < CRASHES -> crashes++; goto resumed \
  fi

active proctype Writer() {
  byte value = 0; /* not forgotten by a crash, so that no value comes twice */
  byte odd = 0;
resumed:
  do
  :: value < VALUES ->
    value++;
#ifdef MUTANT_RESUME_ADDS
    odd = sequence + 1;
#else
    odd = (sequence / 2) * 2 + 1; /* sequence | 1 */
#endif
#if !defined(MUTANT_NO_ODD) && !defined(MUTANT_ODD_LATE)
    sequence = odd;
#endif
    STEP;
    first = value;
    STEP;
#ifdef MUTANT_ODD_LATE
    sequence = odd;
    STEP;
#endif
#ifdef MUTANT_EVEN_EARLY
    sequence = odd + 1;
    STEP;
#endif
    second = value;
    STEP;
#ifndef MUTANT_EVEN_EARLY
    sequence = odd + 1
#endif
  :: else -> break
  od
}

active proctype Reader() {
  byte before;
  byte a;
  byte b;
  before = sequence;
  if
#ifdef MUTANT_READS_ODD
  :: before != 0 ->
#else
  :: before != 0 && before % 2 == 0 ->
#endif
    a = first;
    b = second;
#ifndef MUTANT_NO_SECOND_LOOK
    if
    :: sequence != before -> goto done
    :: else
    fi;
#endif
    d_step {
      bool whole = a == b;
      assert(whole)
    }
  :: else
  fi;
done:
  skip
}
