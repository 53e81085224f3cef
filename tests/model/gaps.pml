/* Gaps: no index of a gap is taken for a sample, and no sample for a gap.

   Modelled    A writer that puts single samples and skips 1 to SKIPS indices; that may die at any step, with another one
               resuming; with LOSSLESS a registered reader that consumes, else a reader that looks at one index at any time.
   Abstracted  A sample is one byte, its value its index. The table has ENTRIES entries, of which all but one count (63 there).
               Which indices were put, and which were skipped, is kept beside the ring. A skip has happened when its gap is in
               the table. Memory is sequentially consistent: the fences are argued in protocol.hpp. The reader is registered
               from the beginning: lossless.pml has those who join.
   Shows       GAPS, I6: what a reader accepts was put (`put_there`), what it is told of as a gap was skipped (`skipped`), and
               a registered reader loses nothing (`spared`).

   In the code  skip: Writer::skip, allow_skip, protocol::add_gap, extend_gap, publish_skip. `resumed`: repair_gaps,
               repair_counters. scan: look_for_gap, protocol::load_gaps. Consumer: Reader::pop with settle_among_gaps.

   Mutants     WRITTEN_BEFORE_GAP, COUNT_BEFORE_ENTRY, GAP_END_LATE, FLOOR_LATE (stored after the entry that needs
               it), FLOOR_FIRST (a reader loads it before the entries), NO_REPAIR, INTENT_FIRST (the counters
               of a skip before its gap), UNASKED (a skip that does not ask the readers), FLOOR_UNASKED (nor whether they have
               passed the gap that goes), BLIND (a registered reader that does not look for gaps). */

#ifndef CAP
#define CAP 2
#endif
#ifndef SKIPS
#define SKIPS 3
#endif
#ifndef TOP
#define TOP 6
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define ENTRIES 3
#define NOTHING 255
#define MAX(a, b) ((a) > (b) -> (a) : (b))

byte data[CAP] = NOTHING;
byte written = 0;
byte intent = 0;
byte gap_end = 0;
byte count = 0;
byte floor = 0;
byte starts[ENTRIES] = 0;
byte ends[ENTRIES] = 0;
byte position = 0; /* of the registered reader */
bool ended = false;
byte crashes = 0;

bool was_put[TOP + SKIPS + 1] = false;
bool was_skipped[TOP + SKIPS + 1] = false;

#define STEP                                      \
  if                                              \
  :: true                                         \
  :: crashes < CRASHES -> crashes++; goto resumed \
  fi

/* Within an atomic step. */
inline happened() {
  k = w;
  do
  :: k < w + n -> was_skipped[k] = true; k++
  :: else -> break
  od;
  k = 0
}

inline publish_counters() {
  STEP;
  intent = MAX(intent, w + n);
#ifndef MUTANT_GAP_END_LATE
  STEP;
  gap_end = w + n;
#endif
  STEP;
  written = w + n;
#ifdef MUTANT_GAP_END_LATE
  STEP;
  gap_end = w + n;
#endif
}

inline store_gap() {
  if
  :: extends ->
    STEP;
    atomic { ends[(own_count - 1) % ENTRIES] = w + n; happened() }
  :: else ->
#ifndef MUTANT_FLOOR_LATE
    STEP;
    floor = new_floor;
#endif
#ifdef MUTANT_COUNT_BEFORE_ENTRY
    STEP;
    atomic { count = own_count + 1; happened() }
#endif
    STEP;
    starts[own_count % ENTRIES] = w;
    STEP;
    ends[own_count % ENTRIES] = w + n;
#ifdef MUTANT_FLOOR_LATE
    STEP;
    floor = new_floor;
#endif
#ifndef MUTANT_COUNT_BEFORE_ENTRY
    STEP;
    atomic { count = own_count + 1; happened() }
#endif
  fi
}

active proctype writer() {
  byte w = 0;
  byte n = 0;
  byte k = 0;
  byte own_count = 0;
  byte new_floor = 0;
  byte least = 0;
  bool extends = false;

  do
  :: w < TOP ->
    if
    :: true -> /* a put of one sample */
#ifdef LOSSLESS
      w + 1 <= position + CAP;
#endif
      STEP;
      intent = MAX(intent, w + 1);
      STEP;
      atomic { data[w % CAP] = w; was_put[w] = true }
      STEP;
      written = w + 1;
      w++
    :: true -> /* a skip */
      select(n : 1 .. SKIPS);
      d_step {
        own_count = count;
        extends = (own_count > 0 && ends[(own_count - 1) % ENTRIES] == w);
        new_floor = floor;
        if
        :: !extends && own_count >= ENTRIES - 1 -> new_floor = ends[(own_count - (ENTRIES - 1)) % ENTRIES]
        :: else
        fi;
        least = (w + n > CAP -> w + n - CAP : 0);
        least = (least < w -> least : w);
#ifndef MUTANT_FLOOR_UNASKED
        least = MAX(least, new_floor)
#endif
      }
#if defined(LOSSLESS) && !defined(MUTANT_UNASKED)
      position >= least;
#endif
#ifdef MUTANT_WRITTEN_BEFORE_GAP
      publish_counters();
      store_gap();
#else
#ifdef MUTANT_INTENT_FIRST
      STEP;
      intent = MAX(intent, w + n);
#endif
      store_gap();
      publish_counters();
#endif
      w = w + n
    fi
  :: else -> break
  od;
  ended = true;
  goto done;

resumed:
  skip;
  d_step {
    k = (count > 0 -> ends[(count - 1) % ENTRIES] : 0);
#ifndef MUTANT_NO_REPAIR
    if
    :: k > written ->
      intent = MAX(intent, k);
      gap_end = k;
      written = k
    :: else
    fi;
#endif
    if
    :: intent > written + CAP -> written = intent - CAP
    :: else
    fi;
    w = written;
    k = 0;
    n = 0
  }
  if
  :: w >= TOP -> ended = true
  :: else
    -> do
    :: w < TOP ->
      /* One more sample after the resume shows what the next writer makes of it. */
#ifdef LOSSLESS
      w + 1 <= position + CAP;
#endif
      intent = MAX(intent, w + 1);
      atomic { data[w % CAP] = w; was_put[w] = true }
      written = w + 1;
      w++
    :: true -> break
    od;
    ended = true
  fi;
done:
  skip
}

/* Looks for a gap that index `at` lies in; `seen` of the indices are written. */
inline scan(at, seen) {
#ifdef MUTANT_FLOOR_FIRST
  low = floor;
#endif
  own = count;
  k = own;
  hit = false;
  do
  :: k > 0 && own - k < ENTRIES - 1 ->
    k--;
    from = starts[k % ENTRIES];
    to = ends[k % ENTRIES];
    if
    :: to <= at -> break
    :: to > at && from <= at -> hit = true; hit_end = (to < seen -> to : seen)
    :: else
    fi
  :: else -> break
  od;
#ifndef MUTANT_FLOOR_FIRST
  low = floor;
#endif
  from = 0;
  to = 0
}

#ifdef LOSSLESS
active proctype consumer() {
  byte seen; byte end; byte k; byte own; byte from; byte to; byte low; byte hit_end; byte value;
  bool hit;

  do
  :: position < written ->
    seen = written;
    end = gap_end;
    hit = false;
    low = 0;
#ifndef MUTANT_BLIND
    if
    :: position < end -> scan(position, seen)
    :: else
    fi;
#endif
    assert(low <= position); /* spared: the floor has not passed it */
    if
    :: hit ->
      do
      :: position < hit_end -> assert(was_skipped[position] /* skipped */); position++
      :: else -> break
      od
    :: else ->
      value = data[position % CAP];
      assert(value == position && was_put[position] /* put_there */);
      assert(intent <= position + CAP /* I4 */);
      position++
    fi
  :: ended && position >= written -> break
  od
}
#else
active proctype reader() {
  byte at; byte seen; byte end; byte top; byte k; byte own; byte from; byte to; byte low; byte hit_end; byte value;
  bool hit;

  written > 0 || ended;
  seen = written;
  top = intent;
  end = gap_end;
  select(at : 0 .. TOP + SKIPS);
  if
  :: at >= seen || top > at + CAP -> goto done
  :: else
  fi;
  hit = false;
  low = 0;
  if
  :: at < end -> scan(at, seen)
  :: else
  fi;
  if
  :: at < low -> goto done
  :: at >= low && hit -> assert(was_skipped[at] /* skipped */); goto done
  :: else
  fi;
  value = data[at % CAP];
  if
  :: intent > at + CAP
  :: else -> assert(value == at && was_put[at] /* put_there */)
  fi;
done:
  skip
}
#endif
