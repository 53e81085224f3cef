/* Messages: a reader that is overrun, or opens the ring, continues where a record begins, and takes no half record for whole.

   Modelled    A writer that sends records of 1 to LONGEST words and skips 1 to SKIPS words, and may die at any step, with
               another one resuming; a reader that finds its position from the counters and the table of starts, at any time,
               and receives from there.
   Abstracted  A record is a header, which is its length, and payload words that tell its index; no length is such a word. The
               pocket, lossless rings and the limit are those of samples: overwrite.pml, lossless.pml. The gap table gives
               every answer rightly (gaps.pml). Memory is sequentially consistent. Counters that contradict each other are
               loaded again until they agree, or the writer has died: in the code up to 10,000 times.
   Shows       M1: each position is one at which the writer has stood (`stood`), and one that is not overwritten according to
               the counters that it comes from (`there`). A header that is judged is one (`sound`), and a message that is found
               intact is whole (`whole`).

   In the code  send: Writer::send_event, mark_record. `resumed`: repair_counters, next_unmarked. find:
               Reader::observe_records, resync, detail::first_record, past_gap. receive: Reader::receive, and Ring::check by
               its user.

   Mutants     ANYWHERE (a position that is the rule's target), STALE_COUNTERS (that are not loaded again), BEFORE_TARGET (a
               start below the target), IN_GAP (a start in a gap), NO_RECHECK (a header that is judged at once), NO_CHECK (a
               message that is not checked after its use), INTENT_LATE (after the header), PUBLISH_EARLY (before the payload),
               NO_REPAIR (of a skip). */

#ifndef CAP
#define CAP 3
#endif
#ifndef LONGEST
#define LONGEST 2
#endif
#ifndef SKIPS
#define SKIPS 1
#endif
#ifndef TOP
#define TOP 5
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define STRIDE 2
#define CELLS (CAP / STRIDE + 2)
#define END (TOP + LONGEST + SKIPS + 1)
#define PAYLOAD 100
#define NONE 255
#define MAX(a, b) ((a) > (b) -> (a) : (b))

byte data[CAP] = NONE;
byte written = 0;
byte intent = 0;
byte starts[CELLS] = 0;
bool ended = false;
byte crashes = 0;
bool dead = false;

byte length[END] = 0;     /* of the record that begins there; 0: none does */
byte gap[END] = 0;        /* the end of the gap that an index lies in; 0: in none */
byte newest_gap = 0;      /* its end */
bool stood_at[END] = false;

#define STEP                                      \
  if                                              \
  :: true                                         \
  :: crashes < CRASHES -> atomic { crashes++; dead = true }; goto resumed \
  fi

inline send() {
  if
  :: w >= next_mark ->
    STEP;
    starts[(w / STRIDE) % CELLS] = w;
    next_mark = (w / STRIDE + 1) * STRIDE
  :: else
  fi;
#ifndef MUTANT_INTENT_LATE
  STEP;
  intent = MAX(intent, w + n);
#endif
  STEP;
  atomic { data[w % CAP] = n; length[w] = n }
#ifdef MUTANT_INTENT_LATE
  STEP;
  intent = MAX(intent, w + n);
#endif
#ifdef MUTANT_PUBLISH_EARLY
  STEP;
  atomic { written = w + n; stood_at[w + n] = true }
#endif
  k = 1;
  do
  :: k < n -> STEP; data[(w + k) % CAP] = PAYLOAD + w; k++
  :: else -> break
  od;
#ifndef MUTANT_PUBLISH_EARLY
  STEP;
  atomic { written = w + n; stood_at[w + n] = true }
#endif
  k = 0;
  w = w + n
}

inline leave_out() {
  STEP;
  atomic {
    k = w;
    do
    :: k < w + n -> gap[k] = w + n; k++
    :: else -> break
    od;
    /* A gap that ends here becomes longer. */
    k = w;
    do
    :: k > 0 && gap[k - 1] == w -> k--; gap[k] = w + n
    :: else -> break
    od;
    newest_gap = w + n;
    stood_at[w + n] = true;
    k = 0
  }
  STEP;
  intent = MAX(intent, w + n);
  STEP;
  written = w + n;
  w = w + n
}

active proctype writer() {
  byte w = 0;
  byte n = 0;
  byte k = 0;
  byte next_mark = 0;

  stood_at[0] = true;
again:
  do
  :: w < TOP ->
    if
    :: select(n : 1 .. LONGEST) -> send()
#if SKIPS > 0
    :: select(n : 1 .. SKIPS) -> leave_out()
#endif
    fi
  :: else -> break
  od;
  ended = true;
  goto done;

resumed:
  skip;
  d_step {
#ifndef MUTANT_NO_REPAIR
    if
    :: newest_gap > written -> intent = MAX(intent, newest_gap); written = newest_gap
    :: else
    fi;
#endif
    w = written;
    stood_at[w] = true;
    k = starts[(w / STRIDE) % CELLS];
    next_mark = (k / STRIDE == w / STRIDE && k <= w -> (w / STRIDE + 1) * STRIDE : w);
    dead = false;
    length[w] = 0; /* what the dead writer did not publish */
    k = 0;
    n = 0
  }
  goto again;
done:
  skip
}

active proctype reader() {
  byte p = 0; byte seen = 0; byte top = 0; byte oldest = 0; byte target = 0; byte range = 0; byte v = 0; byte h = 0; byte k = 0;
  byte turns = 0;
  bool right = false;

  stood_at[0];
find:
  seen = written;
  top = intent;
#ifndef MUTANT_STALE_COUNTERS
  do
  :: top > seen + CAP -> seen = written; top = intent
  :: top > seen + CAP && dead -> d_step { seen = written; top = intent }; break
  :: else -> break
  od;
#endif
  oldest = (top > CAP -> top - CAP : 0);
  if
  :: target = oldest
  :: target = (seen > oldest -> oldest + (seen - oldest) / 2 : oldest)
  :: target = MAX(seen, oldest)
  fi;
#ifdef MUTANT_ANYWHERE
  p = target;
#else
  if
  :: target > seen -> p = MAX(target, newest_gap)
  :: else ->
    range = target / STRIDE;
    p = seen;
    do
    :: range <= seen / STRIDE ->
      v = starts[range % CELLS];
      if
#ifdef MUTANT_BEFORE_TARGET
      :: v / STRIDE == range && v <= seen -> p = v; break
#else
      :: v / STRIDE == range && v <= seen && v >= target -> p = v; break
#endif
      :: else -> range++
      fi
    :: else -> break
    od
  fi;
#endif
#ifndef MUTANT_IN_GAP
  p = (p < seen && gap[p] != 0 -> gap[p] : p);
#endif
  assert(stood_at[p] /* stood */);
  assert(p >= oldest /* there */);

receive:
  if
  :: turns >= 2 -> goto done
  :: else -> turns++
  fi;
  seen = written;
  if
  :: p >= seen -> goto done
  :: else
  fi;
  top = intent;
  if
  :: top > p + CAP -> goto find
  :: else
  fi;
#ifndef MUTANT_IN_GAP
  if
  :: gap[p] != 0 -> p = gap[p]; assert(stood_at[p]); goto receive
  :: else
  fi;
#endif
  h = data[p % CAP];
#ifndef MUTANT_NO_RECHECK
  if
  :: intent > p + CAP -> goto find
  :: else
  fi;
#endif
  assert(h >= 1 && h <= LONGEST && p + h <= seen /* sound */);
  right = true;
  k = 1;
  do
  :: k < h -> right = right && data[(p + k) % CAP] == PAYLOAD + p; k++
  :: else -> break
  od;
#ifdef MUTANT_NO_CHECK
  assert(right /* whole */);
#else
  if
  :: intent > p + CAP
  :: else -> assert(right && h == length[p] /* whole */)
  fi;
#endif
  p = p + h;
  assert(stood_at[p]);
  goto receive;
done:
  skip
}
