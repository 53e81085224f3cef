/* An overwriting ring: no window is accepted that is not whole.

   Modelled    A writer that puts 1 to CAP + 2 samples at a time, or writes them in place; that may die at any step, with
               another one resuming; and a reader that reads any window at any time.
   Abstracted  A sample is one byte, its value its index; storing it takes two steps, between which it is ruined. The
               reader looks once: it changes nothing that anybody else sees, so neither more readers nor more looks would
               add anything. Memory is sequentially consistent: the fences are argued in protocol.hpp.
   Shows       WRITTEN, INTENT, LIMIT, I1 (asserted), I2 and I3 (`whole` asserted for every window that is accepted by
               the intent or by the limit).

   In the code  announce, publish: protocol::announce, protocol::publish. store_at: Writer::store_at. put_samples:
               Writer::put with skip, begin, store, finish. write_in_place: Writer::reserve and commit with mirror.
               make_room: Writer::make_room and extend_limit, of an eighth of the ring or more there, of LEAD or more here.
               `resumed`: repair_counters, Writer::start. Reader: Ring::view, or Ring::read, and Ring::check after it
               (observe, availability, the copy, observe_limit or observe_again, availability); Reader::pop_many does the
               same.

   Mutants     PUBLISH_BEFORE_COPY, NO_INTENT, INTENT_AFTER_COPY, INTENT_GOES_BACK (a put announces its own end even if
               more has been announced already), INTENT_LOST_ON_RESUME, NO_POCKET, NO_MIRROR, NO_CHECK_BEFORE,
               NO_RECHECK, OFF_BY_ONE, NO_REPAIR, SKIP_ANNOUNCES_HALF (a put of more than the capacity announces only
               what it skips, not what it goes on to store), NO_LIMIT, LIMIT_AFTER_COPY, LIMIT_BELOW_INTENT (a writer that
               resumes stores a limit that the writer before it has passed), SKIP_WITHOUT_LIMIT. */

#ifndef CAP
#define CAP 2
#endif
#ifndef WINDOW
#define WINDOW 1
#endif
#ifndef SAMPLES
#define SAMPLES 6
#endif
#ifndef LEAD
#define LEAD 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define NOTHING 255
#define RUINED 254

byte data[CAP + WINDOW] = NOTHING; /* the pocket from CAP on */
byte written = 0;
byte intent = 0;
byte limit = 0;
byte crashes = 0;
bool skipping = false;

/* RINGBUF_FAILPOINT: the writer may die here. */
#define STEP                                      \
  if                                              \
  :: true                                         \
  :: crashes < CRASHES -> crashes++; goto resumed \
  fi

#define I1 (written <= intent && (intent <= written + CAP || skipping))

inline announce(value) {
  STEP;
  d_step {
#ifndef MUTANT_INTENT_GOES_BACK
    if
    :: value > own_intent -> own_intent = value
    :: else
    fi;
#else
    own_intent = value;
#endif
    intent = own_intent;
  }
}

/* Not looked at as long as there is room up to the limit that was stored last. */
inline make_room(n) {
  if
  :: own_written + n > own_limit ->
    STEP;
    d_step {
      own_limit = own_written + (n > LEAD -> n : LEAD);
#ifndef MUTANT_LIMIT_BELOW_INTENT
      own_limit = (own_intent > own_limit -> own_intent : own_limit);
#endif
#ifndef MUTANT_NO_LIMIT
      limit = own_limit
#endif
    }
  :: else
  fi
}

inline publish(value) {
  STEP;
  written = value
}

#define store(where, value) data[where] = RUINED; STEP; data[where] = value

/* Copies `n` samples from index `first` to offset `to` and on, and then into the pocket what belongs there. */
inline store_at(to, first, n) {
  k = 0;
  do
  :: k < n -> STEP; store(to + k, first + k); k++
  :: else -> break
  od;
#ifndef MUTANT_NO_POCKET
  k = 0;
  do
  :: k < n && to + k < WINDOW -> STEP; store(CAP + to + k, first + k); k++
  :: else -> break
  od;
#endif
  k = 0
}

inline put_samples() {
  if
  :: count > CAP ->
    skipping = true;
#ifndef MUTANT_SKIP_WITHOUT_LIMIT
    make_room(count);
#endif
#ifdef MUTANT_SKIP_ANNOUNCES_HALF
    announce(own_written + count - CAP);
#else
    announce(own_written + count);
#endif
    own_written = own_written + count - CAP;
    publish(own_written);
    skipping = false;
    count = CAP
  :: else
  fi;
#ifndef MUTANT_LIMIT_AFTER_COPY
  make_room(count);
#endif
#if !defined(MUTANT_NO_INTENT) && !defined(MUTANT_INTENT_AFTER_COPY)
  announce(own_written + count);
  assert(I1);
#endif
#ifdef MUTANT_PUBLISH_BEFORE_COPY
  publish(own_written + count);
#endif
  offset = own_written % CAP;
  head = (count < CAP - offset -> count : CAP - offset);
  store_at(offset, own_written, head);
  if
  :: count > head -> store_at(0, own_written + head, count - head)
  :: else
  fi;
#ifdef MUTANT_LIMIT_AFTER_COPY
  make_room(count);
#endif
  own_written = own_written + count;
#if defined(MUTANT_NO_INTENT) || defined(MUTANT_INTENT_AFTER_COPY)
  announce(own_written);
#endif
  publish(own_written)
}

/* Reserves `count` samples, of which `kept` are committed; the others are left as rubbish. What runs over the end is
   written into the pocket and copied from there to where it belongs. */
inline write_in_place() {
  make_room(count);
  announce(own_written + count);
  assert(I1);
  offset = own_written % CAP;
  k = 0;
  do
  :: k < count -> STEP; store(offset + k, (k < kept -> own_written + k : RUINED)); k++
  :: else -> break
  od;
  head = (kept < CAP - offset -> kept : CAP - offset);
#ifndef MUTANT_NO_MIRROR
  k = 0;
  do
  :: head + k < kept -> STEP; store(k, data[CAP + k]); k++
  :: else -> break
  od;
  k = offset;
  do
  :: k < offset + head && k < WINDOW -> STEP; store(CAP + k, data[k]); k++
  :: else -> break
  od;
#endif
  k = 0;
  if
  :: kept > 0 -> own_written = own_written + kept; publish(own_written)
  :: else
  fi
}

active proctype Writer() {
  byte own_written;
  byte own_intent;
  byte own_limit;
  byte count;
  byte kept;
  byte offset;
  byte head;
  byte k;
resumed:
  true; /* no jump into a d_step */
  d_step {
    own_written = written;
    own_intent = intent;
    own_limit = 0;
    count = 0;
    kept = 0;
    offset = 0;
    head = 0;
    k = 0
  }
#ifdef MUTANT_INTENT_LOST_ON_RESUME
  d_step { intent = written; own_intent = written }
#endif
#ifndef MUTANT_NO_REPAIR
  if
  :: own_intent > own_written + CAP ->
    own_written = own_intent - CAP;
    publish(own_written)
  :: else
  fi;
#endif
  d_step { skipping = false; assert(I1) }
  do
  :: own_written < SAMPLES ->
    count = 1;
    do
    :: count < CAP + 2 && own_written + count < SAMPLES -> count++
    :: break
    od;
    if
    :: put_samples()
    :: count <= CAP && count <= CAP - own_written % CAP + WINDOW ->
      kept = count;
      do
      :: kept > 0 && kept + 1 > count -> kept-- /* one less than reserved, or all */
      :: break
      od;
      write_in_place()
    fi;
    d_step { count = 0; kept = 0; offset = 0; head = 0; assert(I1) }
  :: break
  od
}

active proctype Reader() {
  byte seen_written;
  byte seen_intent; /* or limit */
  byte start;
  byte end;
  byte k;
  byte at;
  bool in_pocket = false; /* what runs over the end is read there */
  bool whole = true;

  seen_written = written;
  if
  :: seen_intent = intent
  :: seen_intent = limit
  fi;
#ifdef MUTANT_NO_CHECK_BEFORE
  seen_written = SAMPLES;
#endif
  /* Any window that availability() grants. */
  start = (seen_intent > CAP -> seen_intent - CAP : 0);
  do
  :: start < seen_written -> start++
  :: break
  od;
  end = start;
  do
  :: end < seen_written && end - start < CAP -> end++
  :: break
  od;
  if
  :: start % CAP + end - start <= CAP + WINDOW -> in_pocket = true
  :: true
  fi;
  k = start;
  do
  :: k < end ->
    at = start % CAP + k - start;
    at = (at >= CAP && !in_pocket -> at - CAP : at);
    whole = whole && data[at] == k;
    k++
  :: else -> break
  od;
#ifndef MUTANT_NO_RECHECK
  if
  :: seen_intent = intent; seen_written = written
  :: seen_intent = limit
  fi;
#endif
#ifdef MUTANT_OFF_BY_ONE
  seen_intent = (seen_intent > 0 -> seen_intent - 1 : 0);
#endif
  if
  :: end <= seen_written && seen_intent >= start && seen_intent - start <= CAP -> assert(whole)
  :: else
  fi
}
