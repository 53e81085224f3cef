/* ringbuf: ring buffers in shared memory.
 *
 * One process, the writer, appends samples to a named ring; any number of readers look at windows of them
 * without a copy, or consume them as a queue. A sample is a row of `channels` elements of one data type, or one
 * opaque item of `item_size` bytes. The first sample ever written has index 0; indices only grow.
 *
 * Conventions
 *   - Functions return RINGBUF_OK (0) or a positive code of enum ringbuf_code; ringbuf_last_error() has the details.
 *   - A refused call changes nothing, creates nothing and loses nothing. Out-parameters are then untouched unless
 *     the function says otherwise.
 *   - NULL is safe everywhere: a NULL handle gives RINGBUF_NOT_INITIALIZED, any other NULL RINGBUF_INVALID_ARGUMENT.
 *   - A handle belongs to one thread at a time and to the process that opened it. After fork() the child may read by
 *     index through it and close it; everything else gives RINGBUF_FORKED.
 *   - Ranges are half open: [start, end). Counts are samples unless a name ends in _bytes. Times are nanoseconds.
 *   - Only ringbuf_wait, ringbuf_next and ringbuf_wait_space block. timeout_ns: 0 returns at once, negative waits
 *     without limit. Nothing allocates once a ring is open.
 *   - Every struct starts with struct_size = sizeof(the struct); a zero field means its default.
 *
 * "Seed A" below is the Python class RingBuffer, "seed B" the Python class SharedCircularBuffer.
 *
 * MIT License; see LICENSE. */
#ifndef RINGBUF_H
#define RINGBUF_H

#include <stddef.h>
#include <stdint.h>

#define RINGBUF_VERSION_MAJOR 1
#define RINGBUF_VERSION_MINOR 0
#define RINGBUF_VERSION_PATCH 0

#if defined(_WIN32) && !defined(RINGBUF_STATIC)
#if defined(RINGBUF_BUILD)
#define RINGBUF_API __declspec(dllexport)
#else
#define RINGBUF_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define RINGBUF_API __attribute__((visibility("default")))
#else
#define RINGBUF_API
#endif

#ifdef __cplusplus
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* struct ringbuf_info and the function of that name */
#endif
extern "C" {
#endif

/* What a function returns. 0 to 5 are seed A's codes. */
enum ringbuf_code {
  RINGBUF_OK = 0,
  RINGBUF_NOT_INITIALIZED = 1,   /* no ring there yet, or a NULL handle */
  RINGBUF_OVERWRITTEN = 2,       /* (some of) the samples have already been overwritten */
  RINGBUF_NOT_YET = 3,           /* (some of) the samples have not been written yet */
  RINGBUF_INCOMPATIBLE = 4,      /* data of another shape or type */
  RINGBUF_BAD_INDEX = 5,         /* a negative index, or an end before its start */
  RINGBUF_INVALID_ARGUMENT = 6,  /* an argument is not acceptable */
  RINGBUF_EXISTS = 7,            /* the name is taken (seed B: BufferAlreadyCreated) */
  RINGBUF_NOT_FOUND = 8,         /* no ring has that name */
  RINGBUF_WRITE_FORBIDDEN = 9,   /* a reader was asked to write (seed B: WriteOperationsForbidden) */
  RINGBUF_READ_FORBIDDEN = 10,   /* a writer was asked to consume (seed B: ReadOperationsForbidden) */
  RINGBUF_BUSY = 11,             /* another writer lives */
  RINGBUF_FULL = 12,             /* lossless: no room until a reader moves on */
  RINGBUF_EMPTY = 13,            /* nothing to read now (seed B: popitem's None) */
  RINGBUF_TIMEOUT = 14,          /* the time given has passed */
  RINGBUF_CLOSED = 15,           /* the writer has ended the stream */
  RINGBUF_STALE = 16,            /* the writer died, or the name now belongs to a newer ring: open it again */
  RINGBUF_NOT_CONTIGUOUS = 17,   /* the window runs over the end by more than the pocket; ringbuf_read copies it */
  RINGBUF_CORRUPT = 18,          /* what is there is not a sound ring */
  RINGBUF_VERSION_MISMATCH = 19, /* a ring of another layout version */
  RINGBUF_NO_SPACE = 20,         /* the shared memory file system is full */
  RINGBUF_NO_MEMORY = 21,        /* this process is out of memory or address space */
  RINGBUF_PERMISSION = 22,       /* the system does not allow it */
  RINGBUF_TOO_MANY_READERS = 23, /* lossless: every place in the reader table is taken */
  RINGBUF_UNSUPPORTED = 24,      /* not available for this ring or on this system */
  RINGBUF_FORKED = 25,           /* the handle belongs to the parent process */
  RINGBUF_SYSTEM = 26            /* anything else the system said; ringbuf_last_error() has it */
};

/* The type of one element. 0 and 1 are seed A's. */
enum ringbuf_data_type {
  RINGBUF_FLOAT32 = 0,
  RINGBUF_INT16 = 1,
  RINGBUF_FLOAT64 = 2,
  RINGBUF_INT8 = 3,
  RINGBUF_UINT8 = 4,
  RINGBUF_UINT16 = 5,
  RINGBUF_INT32 = 6,
  RINGBUF_UINT32 = 7,
  RINGBUF_INT64 = 8,
  RINGBUF_UINT64 = 9,
  RINGBUF_FLOAT16 = 10,
  RINGBUF_COMPLEX64 = 11,  /* two float32 */
  RINGBUF_COMPLEX128 = 12, /* two float64 */
  RINGBUF_BYTES = 255      /* opaque items of item_size bytes */
};

/* ringbuf_options.flags */
enum ringbuf_ring_flag {
  RINGBUF_LOSSLESS = 1, /* registered readers hold the writer back: a put that does not fit gives RINGBUF_FULL */
  RINGBUF_KEEP = 2      /* closing the writer leaves the name (and the samples) in place */
};

/* The flags of ringbuf_open, ringbuf_open_fd and ringbuf_open_raw, combined with |. */
enum ringbuf_open_flag {
  RINGBUF_FROM_OLDEST = 0,   /* start at the oldest sample still there */
  RINGBUF_FROM_NEWEST = 1,   /* start at what is written next */
  RINGBUF_OBSERVER = 2,      /* take no place in the reader table: never hold the writer back */
  RINGBUF_RESYNC_OLDEST = 0, /* after an overrun go on at the oldest sample still there */
  RINGBUF_RESYNC_NEWEST = 4, /* ... at what is written next */
  RINGBUF_RESYNC_LAP = 8,    /* ... whole laps further on: the position stays congruent modulo capacity (seed B) */
  RINGBUF_AS_WRITER = 16     /* ringbuf_open_raw and ringbuf_open_fd only: be the writer, as ringbuf_resume */
};

/* ringbuf_info.state */
enum ringbuf_state {
  RINGBUF_STATE_LIVE = 1,       /* a writer has it open */
  RINGBUF_STATE_CLOSED = 2,     /* the writer has ended the stream */
  RINGBUF_STATE_SUPERSEDED = 3, /* a newer ring has taken its name */
  RINGBUF_STATE_DEAD = 4        /* the writer died; ringbuf_resume or ringbuf_create goes on */
};

/* A handle: the writer of a ring, or one of its readers. */
typedef struct ringbuf_handle ringbuf_t;

/* How to make a ring. ringbuf_options_init() fills in the defaults, which a zero field means as well. */
typedef struct ringbuf_options {
  uint32_t struct_size;    /* sizeof(ringbuf_options_t) */
  uint32_t data_type;      /* enum ringbuf_data_type; RINGBUF_FLOAT32 */
  uint32_t channels;       /* elements of one sample; 1 */
  uint32_t item_size;      /* bytes of one element, for RINGBUF_BYTES alone; 1 */
  uint64_t capacity;       /* samples the ring holds; no default */
  uint64_t window;         /* samples of pocket, the longest window that is always contiguous; 1; at most capacity */
  uint32_t flags;          /* RINGBUF_LOSSLESS, RINGBUF_KEEP; 0 */
  uint32_t max_readers;    /* places in the reader table; 16; at most 1024 */
  uint32_t mode;           /* permission bits, whatever the umask; 0600. A reader needs r, and w to be registered */
  uint32_t metadata_bytes; /* room for metadata; 4096 */
  double sample_rate;      /* Hz; 0 is unknown */
} ringbuf_options_t;

/* Everything about a ring, and about the handle that asks. */
typedef struct ringbuf_info {
  uint32_t struct_size;                       /* set by the caller */
  uint32_t data_type, channels, item_size;    /* item_size: bytes of one element */
  uint64_t sample_bytes;                      /* channels * item_size */
  uint64_t capacity, window;                  /* samples */
  uint64_t buf_size_bytes, pocket_size_bytes; /* the data and the pocket section */
  int64_t written;                            /* samples ever written: the index of the next one */
  int64_t oldest;                             /* the oldest sample still readable */
  int64_t write_ptr;                          /* written modulo capacity */
  uint32_t flags;                             /* enum ringbuf_ring_flag */
  uint32_t state;                             /* enum ringbuf_state */
  uint32_t readers, max_readers;              /* places taken, places there are */
  double sample_rate;                         /* Hz; 0 is unknown */
  int64_t position;                           /* of this reader; a writer's is `written` */
  uint64_t overruns, lost;                    /* times this reader was too late, and samples it missed by that */
  int64_t anchor_index;                       /* the last sample of the put that the two times belong to; -1: none */
  int64_t anchor_monotonic_ns;                /* when it was put, on the machine's monotonic clock */
  int64_t anchor_realtime_ns;                 /* ... and since 1970-01-01 UTC */
  uint64_t generation;                        /* how many writers the ring has had */
  uint64_t total_bytes;                       /* of shared memory */
} ringbuf_info_t;

/* --- Making, opening, closing ----------------------------------------------------------------------------------- */

/* Fills in the defaults; writes struct_size bytes and no more. `capacity` is left 0: set it.
 * RINGBUF_INVALID_ARGUMENT: options is NULL, or struct_size is smaller than the first version of the struct. */
RINGBUF_API int ringbuf_options_init(ringbuf_options_t *options, size_t struct_size);

/* Stores in *bytes the shared memory that such a ring takes; for ringbuf_create_raw.
 * RINGBUF_INVALID_ARGUMENT: the options describe no possible ring. */
RINGBUF_API int ringbuf_size(const ringbuf_options_t *options, size_t *bytes);

/* Makes a ring and becomes its writer. name: 1 to 200 of A-Z a-z 0-9 . _ -, not starting with a dot; NULL makes an
 * anonymous ring, handed on with ringbuf_fd. All memory is taken now, so that later writes cannot fail for want of it.
 * A ring of that name whose writer is gone is replaced, and its readers are told (RINGBUF_STALE).
 * Seed A: RingBuffer.initialize; seed B: SharedCircularBuffer(name, create=True, item_size, length).
 * RINGBUF_INVALID_ARGUMENT, RINGBUF_EXISTS (a live ring, or a file that is none, has the name), RINGBUF_NO_SPACE,
 * RINGBUF_NO_MEMORY, RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_create(ringbuf_t **ring, const char *name, const ringbuf_options_t *options);

/* Becomes a reader of the ring of that name; flags of enum ringbuf_open_flag. Works with read permission alone, as
 * an observer. Never creates and never removes anything. Seed B: SharedCircularBuffer(name).
 * RINGBUF_INVALID_ARGUMENT, RINGBUF_NOT_FOUND, RINGBUF_NOT_INITIALIZED (an empty file), RINGBUF_CORRUPT,
 * RINGBUF_VERSION_MISMATCH, RINGBUF_TOO_MANY_READERS, RINGBUF_NO_MEMORY, RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_open(ringbuf_t **ring, const char *name, uint32_t flags);

/* Becomes the writer of a ring whose writer died or left (RINGBUF_KEEP), and goes on where it stopped; no committed
 * sample is lost. RINGBUF_BUSY: another writer lives. Otherwise as ringbuf_open. */
RINGBUF_API int ringbuf_resume(ringbuf_t **ring, const char *name);

/* Makes a ring in the caller's memory: `raw`, aligned to 8 bytes, of at least ringbuf_size() bytes, which must
 * outlive the handles. RINGBUF_EXISTS: a live ring is there. Otherwise as ringbuf_create. */
RINGBUF_API int ringbuf_create_raw(ringbuf_t **ring, void *raw, size_t bytes, const ringbuf_options_t *options);

/* Opens the ring in the caller's memory, as a reader, or with RINGBUF_AS_WRITER as its writer (RINGBUF_BUSY: another
 * one lives). RINGBUF_OBSERVER writes nothing there, so that read-only memory will do. Seed A: initialize_from_raw.
 * RINGBUF_NOT_INITIALIZED: no ring there yet. Otherwise as ringbuf_open. */
RINGBUF_API int ringbuf_open_raw(ringbuf_t **ring, void *raw, size_t bytes, uint32_t flags);

/* Stores where this handle's mapping of the whole ring begins and how long it is; valid until the handle is closed.
 * Seed A: RingBuffer.raw. */
RINGBUF_API int ringbuf_raw(const ringbuf_t *ring, void **raw, size_t *bytes);

/* Stores a descriptor (a handle on Windows) of the ring's memory, to be passed to another process; it is closed with
 * the ring. RINGBUF_UNSUPPORTED: a ring in the caller's memory has none. */
RINGBUF_API int ringbuf_fd(const ringbuf_t *ring, intptr_t *fd);

/* Opens the ring behind a descriptor, as ringbuf_open does by name; RINGBUF_AS_WRITER as ringbuf_resume. The
 * descriptor stays the caller's. */
RINGBUF_API int ringbuf_open_fd(ringbuf_t **ring, intptr_t fd, uint32_t flags);

/* Closes a handle; NULL is fine. A writer's close ends the stream: readers drain what is there and then get
 * RINGBUF_CLOSED. It removes the name, unless RINGBUF_KEEP. Done for all open handles when the process exits.
 * Seed B: cleanup. Returns RINGBUF_OK. */
RINGBUF_API int ringbuf_close(ringbuf_t *ring);

/* Removes a name; whoever has the ring open keeps it. RINGBUF_INVALID_ARGUMENT, RINGBUF_NOT_FOUND, RINGBUF_BUSY
 * (somebody was stopped while removing it), RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_unlink(const char *name);

/* --- Writing (the writer) ------------------------------------------------------------------------------------------
 * All of these: RINGBUF_WRITE_FORBIDDEN for a reader, RINGBUF_FORKED in a forked child. None blocks but
 * ringbuf_wait_space. */

/* Appends `count` samples, each sample_bytes long, one behind the other. Of more than the capacity an overwriting ring
 * keeps the last ones and counts all; 0 is fine. Seed A: put_data.
 * RINGBUF_FULL: lossless, and it does not fit; nothing is stored. */
RINGBUF_API int ringbuf_put(ringbuf_t *ring, const void *samples, uint64_t count);

/* Appends one sample. Seed B: push. */
RINGBUF_API int ringbuf_push(ringbuf_t *ring, const void *item);

/* Stores in *samples where the next `count` samples are to be written in place, contiguously: over the end through the
 * pocket, else RINGBUF_NOT_CONTIGUOUS. Nothing can be read before ringbuf_commit; the oldest samples that were in
 * their place cannot be read any more. A second reserve, or a put, drops the first.
 * RINGBUF_FULL; RINGBUF_INVALID_ARGUMENT: count is 0 or more than the capacity. */
RINGBUF_API int ringbuf_reserve(ringbuf_t *ring, uint64_t count, void **samples);

/* Appends the first `count` of the samples reserved; 0 gives the reservation up.
 * RINGBUF_INVALID_ARGUMENT: more than was reserved. */
RINGBUF_API int ringbuf_commit(ringbuf_t *ring, uint64_t count);

/* Stores how many samples a put may have now: all of the capacity on an overwriting ring, what the slowest registered
 * reader leaves on a lossless one. */
RINGBUF_API int ringbuf_space(ringbuf_t *ring, uint64_t *count);

/* Waits until a put of `count` samples fits. A reader that waits for a window of more than capacity - count samples
 * waits for this writer in turn: then neither goes on. RINGBUF_TIMEOUT; RINGBUF_INVALID_ARGUMENT: more than the capacity. */
RINGBUF_API int ringbuf_wait_space(ringbuf_t *ring, uint64_t count, int64_t timeout_ns);

/* Replaces the metadata, free bytes for channel names, units and the like; at most the metadata_bytes of the ring.
 * Readers, and a writer that resumes after a crash, see the old or the new ones, never a mixture.
 * RINGBUF_INVALID_ARGUMENT: too long. */
RINGBUF_API int ringbuf_set_metadata(ringbuf_t *ring, const void *bytes, size_t size);

/* --- Reading by index (readers and the writer) ------------------------------------------------------------------ */

/* Says whether samples [start, end) can be read: RINGBUF_OK, RINGBUF_OVERWRITTEN, RINGBUF_NOT_YET, RINGBUF_BAD_INDEX.
 * Seed A: check_availablility. After the use of a window, RINGBUF_OK means that all that was read from it was whole. */
RINGBUF_API int ringbuf_check(ringbuf_t *ring, int64_t start, int64_t end);

/* Stores in *samples the samples [start, end), in place and contiguous over the end of the ring; read only, valid until
 * the handle is closed. The writer goes on meanwhile, so call ringbuf_check(ring, start, end) after use.
 * Seed A: get_data. As ringbuf_check, and RINGBUF_NOT_CONTIGUOUS: longer than the pocket allows; use ringbuf_read. */
RINGBUF_API int ringbuf_view(ringbuf_t *ring, int64_t start, int64_t end, const void **samples);

/* Copies the samples [start, end) and checks them; on any other code than RINGBUF_OK what was copied must not be used.
 * Any length up to the capacity. As ringbuf_check. */
RINGBUF_API int ringbuf_read(ringbuf_t *ring, int64_t start, int64_t end, void *samples);

/* Waits until samples before `end` are written. RINGBUF_TIMEOUT, RINGBUF_CLOSED (they never will be), RINGBUF_STALE
 * (the writer died), RINGBUF_BAD_INDEX (a negative end). Costs no processor time. */
RINGBUF_API int ringbuf_wait(ringbuf_t *ring, int64_t end, int64_t timeout_ns);

/* Copies the metadata, up to `room` bytes of them, and stores their full length in *size; bytes may be NULL if room is
 * 0. RINGBUF_INVALID_ARGUMENT: room is too small; *size tells how much it takes. */
RINGBUF_API int ringbuf_metadata(ringbuf_t *ring, void *bytes, size_t room, size_t *size);

/* Fills in `info`, whose struct_size the caller has set; what a larger one has more is zeroed. */
RINGBUF_API int ringbuf_info(ringbuf_t *ring, ringbuf_info_t *info);

/* --- Consuming from a position (readers) ---------------------------------------------------------------------------
 * All of these: RINGBUF_READ_FORBIDDEN for a writer, RINGBUF_FORKED in a forked child.
 * An overrun is told once, as RINGBUF_OVERWRITTEN: the position has then moved by the rule given at open, `lost` of
 * ringbuf_info has grown by what was missed, and the next call goes on. */

/* The sliding window: waits for the next `window` samples from the position, stores where they are and the index of
 * the first, and moves the position by `step`. Contiguous up to the ring's window, else RINGBUF_NOT_CONTIGUOUS may
 * come (the position stays). On an overwriting ring, ringbuf_check(ring, *start, *start + window) after use; on a
 * lossless ring a registered reader's window stays as it is until its following call of a function of this section.
 * RINGBUF_TIMEOUT, RINGBUF_OVERWRITTEN, RINGBUF_CLOSED, RINGBUF_STALE; RINGBUF_INVALID_ARGUMENT: window is 0 or more
 * than the capacity. */
RINGBUF_API int ringbuf_next(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, const void **samples,
                             int64_t *start);

/* Copies the next sample and moves on by one. Seed B: popitem.
 * RINGBUF_EMPTY, RINGBUF_OVERWRITTEN; RINGBUF_CLOSED or RINGBUF_STALE when nothing more can come. */
RINGBUF_API int ringbuf_pop(ringbuf_t *ring, void *item);

/* Copies up to `max` samples, stores how many and moves on by that; 0 in *count with any code but RINGBUF_OK.
 * Seed B: popmany. As ringbuf_pop. */
RINGBUF_API int ringbuf_pop_many(ringbuf_t *ring, void *items, uint64_t max, uint64_t *count);

/* Stores how many samples lie between the position and the newest one; at most the capacity. Seed B: usage. */
RINGBUF_API int ringbuf_usage(ringbuf_t *ring, uint64_t *count);

/* Stores the position: the index of the sample that comes next. */
RINGBUF_API int ringbuf_tell(ringbuf_t *ring, int64_t *position);

/* Moves the position to any sample that can still be read, or to the next one to be written.
 * RINGBUF_BAD_INDEX (negative), RINGBUF_OVERWRITTEN, RINGBUF_NOT_YET; the position then stays. */
RINGBUF_API int ringbuf_seek(ringbuf_t *ring, int64_t position);

/* --- Around ------------------------------------------------------------------------------------------------------ */

/* Calls visit(name, info, user) for each ring of this machine that may be read, dead ones included, until it returns
 * non-zero. `name` and `info` are valid during the call. RINGBUF_INVALID_ARGUMENT, RINGBUF_SYSTEM (not all could be
 * looked at). */
RINGBUF_API int ringbuf_list(int (*visit)(const char *name, const ringbuf_info_t *info, void *user), void *user);

/* What a code means, and its name; static text for any int. */
RINGBUF_API const char *ringbuf_strerror(int code);
RINGBUF_API const char *ringbuf_error_name(int code);

/* The details of the last call on this thread that failed: which argument, its value, what was expected. Never NULL;
 * valid until the next call on this thread. */
RINGBUF_API const char *ringbuf_last_error(void);

/* Data types by name ("float32", "int16", ...). Seed A: datatypes.get_code, datatypes.get_type.
 * RINGBUF_INCOMPATIBLE: no such type. The name of an unknown code is NULL, its size 0; so is the size of
 * RINGBUF_BYTES. */
RINGBUF_API int ringbuf_type_code(const char *name, uint32_t *code);
RINGBUF_API const char *ringbuf_type_name(uint32_t code);
RINGBUF_API size_t ringbuf_type_size(uint32_t code);

/* "MAJOR.MINOR.PATCH" of the library that runs. */
RINGBUF_API const char *ringbuf_version(void);

#ifdef __cplusplus
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif

#endif
