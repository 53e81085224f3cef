/* Names, locks and takeovers: one live writer, one's own name, no half-made ring, and a way on after every crash.

   Modelled    A ring under the name, whose writer closes or dies; a process that creates a ring of that name or resumes the
               one that is there, and then closes it; a third one that does the same, unlinks the name, or opens it:
               -DTHIRD=CREATE_OR_RESUME, UNLINK or OPEN. Up to DEATHS of them die, at any step; the kernel then releases
               their locks. When all have ended, one more process creates a ring, undisturbed.
   Abstracted  A ring is a number (an inode). What the system calls do, they do at once; between two of them anything may
               happen. A creator that meets a living writer, and a resumer that meets one or finds nothing, gives up.
   Shows       at most one live writer of each ring, and a ring that is resumed has lost its name, if at all, to the
               unlinker (`still_named`); whoever removes its own ring's name removes no other's (`own_name`); who opens by
               name finds a whole ring (`whole`); the last create succeeds (`created`).

   In the code  claim, create: create_segment with claim_dead, make_memory, supersede, os::publish. resume: open_segment.
               close: finish() of segment.cpp, then os::close. unlink_own, unlink: os::unlink_own, os::unlink.

   Mutants     UNLINK_WITHOUT_CHECK, NO_LOCK (unlink_own without the name's lock), NO_WRITER_LOCK (a creator looks whether
               the writer lives, but does not take its lock), LINK_BEFORE_FILL, LOCK_AFTER_LINK, REPLACE_NAME (publishes by
               replacing whatever has the name), RESUME_WITHOUT_NAMING (does not look whether the ring is still the one that
               the name stands for), UNLINK_UNLOCKED (an unlinker that finds the name's lock held removes the name without
               it), LOCK_SURVIVES (a dead writer's lock is not released). */

#define NONE 255
#define RINGS 4
#define LIVE 1
#define CLOSED 2
#define SUPERSEDED 3

#ifndef DEATHS
#define DEATHS 1
#endif
#ifdef THIRD
#define OTHERS 3
#else
#define OTHERS 2
#endif

byte name = 0;        /* the ring that it stands for */
byte next_ring = 1;
bool filled[RINGS] = false;
byte writer_lock[RINGS] = NONE; /* which process holds it */
byte name_lock[RINGS] = NONE;
byte writers[RINGS] = 0; /* live ones */
bool unlinked[RINGS] = false; /* by the unlinker */
byte ended = 0;
byte deaths = 0;


/* RINGBUF_FAILPOINT, with `me` and `mine`, the ring whose writer we are. */
#define STEP                                 \
  if                                         \
  :: true                                    \
  :: deaths < DEATHS && !last -> goto died   \
  fi

/* The kernel releases what the process held. */
inline release_locks() {
#ifndef MUTANT_LOCK_SURVIVES
  writer_lock[0] = (writer_lock[0] == me -> NONE : writer_lock[0]);
  writer_lock[1] = (writer_lock[1] == me -> NONE : writer_lock[1]);
  writer_lock[2] = (writer_lock[2] == me -> NONE : writer_lock[2]);
  writer_lock[3] = (writer_lock[3] == me -> NONE : writer_lock[3]);
#endif
  name_lock[0] = (name_lock[0] == me -> NONE : name_lock[0]);
  name_lock[1] = (name_lock[1] == me -> NONE : name_lock[1]);
  name_lock[2] = (name_lock[2] == me -> NONE : name_lock[2]);
  name_lock[3] = (name_lock[3] == me -> NONE : name_lock[3])
}

inline become_writer(ring) {
  d_step {
    writers[ring]++;
    mine = ring;
    assert(writers[ring] == 1)
  }
}

/* Removes the name if it stands for `ring`; `got` says whether the lock was to be had. */
inline unlink_own(ring) {
#ifdef MUTANT_NO_LOCK
  got = true;
#else
  atomic {
    STEP;
    got = (name_lock[ring] == NONE);
    if
    :: got -> name_lock[ring] = me
    :: else
    fi
  }
#endif
  if
  :: got ->
#ifdef MUTANT_UNLINK_WITHOUT_CHECK
    same = true;
#else
    same = (name == ring);
#endif
    if
    :: same ->
      atomic {
        STEP;
        own_name = (name == ring || name == NONE);
        assert(own_name || unlinker);
        unlinked[ring] = unlinked[ring] || unlinker;
        name = NONE
      }
    :: else
    fi;
    same = false;
    name_lock[ring] = NONE
  :: else
  fi
}

inline create() {
  do
  :: true ->
    /* claim_dead */
    old = name;
    if
    :: old != NONE ->
      d_step {
        whole = filled[old];
        assert(whole)
      }
#ifdef MUTANT_NO_WRITER_LOCK
      if
      :: writer_lock[old] == NONE
      :: else -> break /* exists */
      fi;
#else
      atomic {
        STEP;
        if
        :: writer_lock[old] == NONE -> writer_lock[old] = me
        :: else -> break /* exists */
        fi
      }
#endif
    :: else
    fi;
    if
    :: old == NONE || name == old ->
      /* make_memory, once */
      if
      :: made == NONE ->
        d_step {
          made = next_ring;
          next_ring++;
#ifndef MUTANT_LOCK_AFTER_LINK
          writer_lock[made] = me;
#endif
#ifndef MUTANT_LINK_BEFORE_FILL
          filled[made] = true
#endif
        }
      :: else
      fi;
      /* supersede */
#ifndef MUTANT_REPLACE_NAME
      if
      :: old != NONE -> unlink_own(old)
      :: else
      fi;
#endif
      /* publish */
      atomic {
        STEP;
#ifdef MUTANT_REPLACE_NAME
        if
        :: name != NONE && writers[name] > 0 -> assert(name == made) /* a living ring loses its name */
        :: else
        fi;
        got = true;
#else
        got = (name == NONE);
#endif
        if
        :: got -> name = made
        :: else
        fi
      }
      if
      :: got ->
#ifdef MUTANT_LOCK_AFTER_LINK
        atomic { STEP; writer_lock[made] = me }
#endif
#ifdef MUTANT_LINK_BEFORE_FILL
        atomic { STEP; filled[made] = true }
#endif
        become_writer(made)
      :: else
      fi
    :: else -> got = false
    fi;
    /* os::close(old) */
    d_step {
      if
      :: old != NONE && writer_lock[old] == me && old != mine -> writer_lock[old] = NONE
      :: else
      fi;
      old = NONE
    }
    if
    :: mine != NONE -> break
    :: else /* changed hands, or somebody else has it: again */
    fi
  od
}

inline resume() {
  do
  :: true ->
    old = name;
    if
    :: old == NONE -> break /* not found */
    :: else
    fi;
    d_step {
      whole = filled[old];
      assert(whole)
    }
    atomic {
      STEP;
      if
      :: writer_lock[old] == NONE -> writer_lock[old] = me
      :: else -> break /* busy */
      fi
    }
#ifdef MUTANT_RESUME_WITHOUT_NAMING
    got = true;
#else
    got = (name == old);
#endif
    if
    :: got ->
      STEP;
      d_step {
        still_named = (name == old || unlinked[old]);
        assert(still_named)
      }
      become_writer(old);
      break
    :: else -> writer_lock[old] = NONE
    fi
  od
}

/* Closes the ring, or keeps its name. */
inline close() {
  if
  :: unlink_own(mine)
  :: true
  fi;
  STEP;
  d_step { writers[mine]--; writer_lock[mine] = NONE; mine = NONE }
}

/* What a process does: */
#define CREATE 0
#define RESUME 1
#define CREATE_OR_RESUME 2
#define CLOSE 3
#define UNLINK 4
#define OPEN 5

proctype Process(byte me; byte task; bool last) {
  byte mine = NONE;
  byte made = NONE;
  byte old = NONE;
  bool got = false;
  bool same = false;
  bool unlinker = (task == UNLINK);
  bool whole;
  bool own_name;
  bool still_named;
  bool created;

  if
  :: task == CREATE || task == CREATE_OR_RESUME -> create()
  :: task == RESUME || task == CREATE_OR_RESUME -> resume()
  :: task == CLOSE -> mine = 0
  :: task == OPEN ->
    d_step {
      whole = (name == NONE || filled[(name == NONE -> 0 : name)]);
      assert(whole)
    }
  :: task == UNLINK ->
    old = name;
    do
    :: old == NONE || got -> break
    :: old != NONE && !got ->
#ifdef MUTANT_UNLINK_UNLOCKED
      unlink_own(old);
      if
      :: !got && name == old ->
        atomic {
          STEP;
          if
          :: name != NONE -> unlinked[name] = true
          :: else
          fi;
          name = NONE
        }
      :: else
      fi;
      break
#else
      /* It waits for the lock. */
      name_lock[old] == NONE;
      unlink_own(old)
#endif
    od
  fi;
  if
  :: last ->
    d_step {
      created = (mine != NONE && name == mine);
      assert(created)
    }
  :: !last && mine != NONE -> close()
  :: else
  fi;
  if
  :: false
died:
    deaths++
  :: true
  fi;
  d_step {
    if
    :: mine != NONE -> writers[mine]--
    :: else
    fi;
    mine = NONE;
    made = NONE;
    old = NONE;
    release_locks();
    ended++
  }
}

init {
  atomic {
    filled[0] = true;
    writer_lock[0] = 1;
    writers[0] = 1;
    run Process(1, CLOSE, false);
    run Process(2, CREATE_OR_RESUME, false);
#if OTHERS == 3
    run Process(3, THIRD, false)
#endif
  }
  ended == OTHERS;
  run Process(6, CREATE, true)
}
