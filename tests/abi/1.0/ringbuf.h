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
 *   - A handle belongs to one thread at a time and to the process that opened it. After a fork the child may read by
 *     index through it and close it; everything else gives RINGBUF_FORKED.
 *   - Ranges are half open: [start, end). Counts are samples unless a name ends in _bytes. Times are nanoseconds.
 *   - Only ringbuf_wait, ringbuf_next, ringbuf_next_copy, ringbuf_wait_space and ringbuf_wait_readers block. timeout_ns:
 *     0 returns at once, negative waits without limit. Nothing allocates once a ring is open.
 *   - What is copied out goes to memory outside of the ring: its own is refused as RINGBUF_INVALID_ARGUMENT.
 *   - While a thread is in a function it is not cancelled (pthread_cancel), nor in a callback of one. ringbuf_interrupt
 *     ends the wait of another thread.
 *   - In a child that shares its parent's memory (vfork) nothing may be called; in any other the handles are the parent's,
 *     by whatever call it was made.
 *   - Every struct starts with struct_size = sizeof(the struct); a zero field means its default.
 *   - Behind "Returns" stand the codes that a function has besides RINGBUF_OK and those of the conventions.
 *
 * "Python:" stands before what it was in the Python classes RingBuffer and SharedCircularBuffer.
 *
 * MIT License; see LICENSE. */
#ifndef RINGBUF_H
#define RINGBUF_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header, by the rules of semantic versioning; ringbuf_version() tells the library's. */
#define RINGBUF_VERSION_MAJOR 1
#define RINGBUF_VERSION_MINOR 0 /* grows with new functions, fields and codes */
#define RINGBUF_VERSION_PATCH 0 /* grows with each other release */

/* An attribute only where the library itself is built: the parsers of foreign function interfaces know none. */
#if defined(_WIN32) && !defined(RINGBUF_STATIC)
#if defined(RINGBUF_BUILD)
#define RINGBUF_API __declspec(dllexport)
#else
#define RINGBUF_API __declspec(dllimport)
#endif
#elif defined(RINGBUF_BUILD) && defined(__GNUC__)
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

/* What a function returns. 0 to 5 are the codes of Python's RingBuffer. */
enum ringbuf_code {
  RINGBUF_OK = 0,                /* success */
  RINGBUF_NOT_INITIALIZED = 1,   /* no ring there yet, or a NULL handle */
  RINGBUF_OVERWRITTEN = 2,       /* (some of) the samples have already been overwritten */
  RINGBUF_NOT_YET = 3,           /* (some of) the samples have not been written yet */
  RINGBUF_INCOMPATIBLE = 4,      /* data of another shape or type */
  RINGBUF_BAD_INDEX = 5,         /* a negative index, or an end before its start */
  RINGBUF_INVALID_ARGUMENT = 6,  /* an argument is not acceptable */
  RINGBUF_EXISTS = 7,            /* the name is taken (Python: BufferAlreadyCreated) */
  RINGBUF_NOT_FOUND = 8,         /* no ring has that name */
  RINGBUF_WRITE_FORBIDDEN = 9,   /* a reader was asked to write (Python: WriteOperationsForbidden) */
  RINGBUF_READ_FORBIDDEN = 10,   /* a writer was asked to consume (Python: ReadOperationsForbidden) */
  RINGBUF_BUSY = 11,             /* another writer lives */
  RINGBUF_FULL = 12,             /* lossless: no room until a reader moves on */
  RINGBUF_EMPTY = 13,            /* nothing to read now (Python: popitem's None) */
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
  RINGBUF_SYSTEM = 26,           /* the system reported an error; ringbuf_last_error() has it */
  RINGBUF_INTERRUPTED = 27       /* ringbuf_interrupt has ended the wait */
};

/* The type of one element. 0 and 1 are those of Python's RingBuffer. */
enum ringbuf_data_type {
  RINGBUF_FLOAT32 = 0,     /* IEEE 754, 4 bytes */
  RINGBUF_INT16 = 1,       /* signed, 2 bytes */
  RINGBUF_FLOAT64 = 2,     /* IEEE 754, 8 bytes */
  RINGBUF_INT8 = 3,        /* signed, 1 byte */
  RINGBUF_UINT8 = 4,       /* unsigned, 1 byte */
  RINGBUF_UINT16 = 5,      /* unsigned, 2 bytes */
  RINGBUF_INT32 = 6,       /* signed, 4 bytes */
  RINGBUF_UINT32 = 7,      /* unsigned, 4 bytes */
  RINGBUF_INT64 = 8,       /* signed, 8 bytes */
  RINGBUF_UINT64 = 9,      /* unsigned, 8 bytes */
  RINGBUF_FLOAT16 = 10,    /* IEEE 754, 2 bytes */
  RINGBUF_COMPLEX64 = 11,  /* two float32: real, imaginary */
  RINGBUF_COMPLEX128 = 12, /* two float64: real, imaginary */
  RINGBUF_BYTES = 255      /* opaque items of item_size bytes */
};

/* The flags of ringbuf_options_t, combined with |. */
enum ringbuf_ring_flag {
  RINGBUF_LOSSLESS = 1, /* registered readers hold the writer back: a put that does not fit gives RINGBUF_FULL */
  RINGBUF_KEEP = 2      /* closing the writer leaves the name (and the samples) in place */
};

/* The flags of ringbuf_open, ringbuf_open_fd and ringbuf_open_raw, combined with |. */
enum ringbuf_open_flag {
  RINGBUF_FROM_OLDEST = 0,   /* start at the oldest samples still there, or close to them */
  RINGBUF_FROM_NEWEST = 1,   /* start at what is written next */
  RINGBUF_OBSERVER = 2,      /* take no place in the reader table: never hold the writer back */
  RINGBUF_RESYNC_MIDDLE = 0, /* after an overrun go on in the middle of what is held */
  RINGBUF_RESYNC_NEWEST = 4, /* ... at what is written next */
  RINGBUF_RESYNC_LAP = 8,    /* ... whole laps further on: the position stays congruent modulo capacity (as Python's) */
  RINGBUF_RESYNC_OLDEST = 12, /* ... at the oldest sample still there, which is overwritten next */
  RINGBUF_AS_WRITER = 16,     /* ringbuf_open_raw and ringbuf_open_fd only: be the writer, as ringbuf_resume */
  RINGBUF_LAZY = 32           /* map pages as they are used: a large ring opens at once, first uses take longer */
};

/* What the state of ringbuf_info_t says. */
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
  uint64_t window;         /* samples of pocket, the longest window that is always contiguous; at most capacity;
                              64 KiB of samples, an eighth of the capacity at most; of opaque items 1 */
  uint32_t flags;          /* RINGBUF_LOSSLESS, RINGBUF_KEEP; 0 */
  uint32_t max_readers;    /* places in the reader table; 16; at most 1024 */
  uint32_t mode;           /* permission bits, whatever the umask; 0600. A reader needs r, and w to be registered */
  uint32_t metadata_bytes; /* room for metadata; 4096 */
  double sample_rate;      /* Hz; 0 is unknown */
} ringbuf_options_t;

/* Everything about a ring, and about the handle that asks. */
typedef struct ringbuf_info {
  uint32_t struct_size;        /* sizeof(ringbuf_info_t), set by the caller */
  uint32_t data_type;          /* enum ringbuf_data_type */
  uint32_t channels;           /* elements of one sample */
  uint32_t item_size;          /* bytes of one element */
  uint64_t sample_bytes;       /* channels * item_size */
  uint64_t capacity;           /* samples the ring holds */
  uint64_t window;             /* samples of pocket */
  uint64_t buf_size_bytes;     /* of the data section */
  uint64_t pocket_size_bytes;  /* of the pocket section */
  int64_t written;             /* samples ever written: the index of the next one */
  int64_t oldest;              /* the oldest sample still readable */
  int64_t write_ptr;           /* written modulo capacity */
  uint32_t flags;              /* enum ringbuf_ring_flag */
  uint32_t state;              /* enum ringbuf_state */
  uint32_t readers;            /* places taken in the reader table */
  uint32_t max_readers;        /* places there are */
  double sample_rate;          /* Hz; 0 is unknown */
  int64_t position;            /* of this reader; a writer's is `written` */
  uint64_t overruns;           /* times this reader was too late */
  uint64_t lost;               /* samples it missed by that */
  int64_t anchor_index;        /* the last sample of the put that the two times belong to; -1: none */
  int64_t anchor_monotonic_ns; /* when it was put, on the machine's monotonic clock */
  int64_t anchor_realtime_ns;  /* ... and since 1970-01-01 UTC */
  uint64_t generation;         /* how many writers the ring has had */
  uint64_t total_bytes;        /* of shared memory */
  uint32_t writer_pid;         /* process id of a live writer; 0: none, or not known here (another namespace) */
  uint32_t reserved;           /* 0 */
  uint64_t data_offset;        /* bytes from the beginning of the ring's memory to its data section */
} ringbuf_info_t;

/* A registered reader of a ring, as ringbuf_readers tells of it. */
typedef struct ringbuf_reader_info {
  uint32_t struct_size; /* sizeof(ringbuf_reader_info_t) of the library: which fields there are */
  uint32_t process_id;  /* of the reader; 0: not known here (another namespace) */
  int64_t position;     /* the index of the sample that comes next */
  uint64_t lag;         /* samples between the position and the newest one */
  uint64_t lost;        /* samples it missed */
  uint64_t overruns;    /* times it was too late */
  uint32_t holds_back;  /* 1: the writer does not overwrite what this reader has not done with (lossless) */
  uint32_t reserved;    /* 0 */
} ringbuf_reader_info_t;

/* --- Making, opening, closing ----------------------------------------------------------------------------------------
 * For any thread. None waits for long, but system calls take their time: not for a real-time loop. */

/* Fills in the default `options`; writes struct_size bytes and no more. `capacity` is left 0: set it.
 * Returns RINGBUF_INVALID_ARGUMENT: struct_size is smaller than the first version of the struct. */
RINGBUF_API int ringbuf_options_init(ringbuf_options_t *options, size_t struct_size);

/* Says how much shared memory a ring of these `options` takes: stores it in *bytes; for ringbuf_create_raw.
 * Returns RINGBUF_INVALID_ARGUMENT: the options describe no possible ring. */
RINGBUF_API int ringbuf_size(const ringbuf_options_t *options, size_t *bytes);

/* Makes a ring and becomes its writer: stores the handle in *ring. `name` is 1 to 200 of A-Z a-z 0-9 . _ -, not
 * starting with a dot; NULL makes an anonymous ring, handed on with ringbuf_fd. All memory that the `options` ask for
 * is taken now, so that later writes cannot fail for want of it. A ring of that name whose writer is gone is replaced,
 * and its readers are told (RINGBUF_STALE). The new ring is complete before that: of a call that is refused the old ring
 * knows nothing, unless the old ring's own memory was the room that the new one needed. Python: RingBuffer.initialize,
 * SharedCircularBuffer(name, create=True, item_size, length).
 * Returns RINGBUF_INVALID_ARGUMENT (the name, or an option), RINGBUF_EXISTS (a live ring, another user's dead one, or a
 * file that is none, has the name), RINGBUF_BUSY (a process that may only read a dead ring holds locks of it; after
 * 100 ms), RINGBUF_NO_SPACE (the file system, the machine's memory, a control group or RLIMIT_FSIZE: the text has what is
 * asked for and what is free), RINGBUF_NO_MEMORY, RINGBUF_PERMISSION, RINGBUF_SYSTEM (say, /proc or /dev/shm is not
 * there). */
RINGBUF_API int ringbuf_create(ringbuf_t **ring, const char *name, const ringbuf_options_t *options);

/* Becomes a reader of the ring of that `name`: stores the handle in *ring; `flags` of enum ringbuf_open_flag. Works
 * with read permission alone, as an observer. Never creates and never removes anything. RINGBUF_FROM_OLDEST starts at
 * the oldest sample; where a living writer overwrites it, an eighth of the capacity further on, since what the writer
 * overwrites next is gone before it can be read. One of the four RINGBUF_RESYNC_ rules. Python:
 * SharedCircularBuffer(name).
 * Returns RINGBUF_INVALID_ARGUMENT (the name, or the flags), RINGBUF_NOT_FOUND, RINGBUF_NOT_INITIALIZED (an empty
 * file), RINGBUF_CORRUPT, RINGBUF_VERSION_MISMATCH, RINGBUF_TOO_MANY_READERS, RINGBUF_UNSUPPORTED (made for smaller
 * pages than this system's), RINGBUF_NO_MEMORY, RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_open(ringbuf_t **ring, const char *name, uint32_t flags);

/* Becomes the writer of a ring whose writer died or left (RINGBUF_KEEP), and goes on where it stopped: stores the
 * handle of the ring of that `name` in *ring. No committed sample is lost. Only for the user who made the ring: its owner
 * can cut its file short, which kills whoever writes there.
 * Returns RINGBUF_BUSY (another writer lives, or holds locks of it as ringbuf_create says), RINGBUF_INVALID_ARGUMENT (the
 * name), RINGBUF_NOT_FOUND, RINGBUF_NOT_INITIALIZED (an empty file), RINGBUF_CORRUPT, RINGBUF_VERSION_MISMATCH,
 * RINGBUF_NO_SPACE (pages of it are missing), RINGBUF_NO_MEMORY, RINGBUF_PERMISSION (also for another user's ring),
 * RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_resume(ringbuf_t **ring, const char *name);

/* Becomes the writer of the ring of that `name`, whether it is there or not: goes on, as ringbuf_resume, if its writer
 * died or left it (RINGBUF_KEEP), else makes it, as ringbuf_create; stores the handle in *ring. A ring that is there
 * must have the data type, channels, item size, capacity, window and RINGBUF_LOSSLESS of the `options`; the others are
 * for a new one. `generation` of ringbuf_info is more than 1 if the ring was there.
 * Returns RINGBUF_BUSY (another writer lives), RINGBUF_INCOMPATIBLE (a ring of another shape; ringbuf_last_error() says
 * in which field), RINGBUF_INVALID_ARGUMENT (the name, or an option), RINGBUF_NOT_INITIALIZED (an empty file),
 * RINGBUF_CORRUPT, RINGBUF_VERSION_MISMATCH, RINGBUF_NO_SPACE, RINGBUF_NO_MEMORY, RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_create_or_resume(ringbuf_t **ring, const char *name, const ringbuf_options_t *options);

/* Makes a ring of these `options` in the caller's memory and becomes its writer: stores the handle in *ring. The memory
 * begins at `raw`, a multiple of 8, has `bytes` bytes, at least ringbuf_size(), and must outlive the handles.
 * Returns RINGBUF_INVALID_ARGUMENT (the memory, or an option), RINGBUF_EXISTS (a live ring is there),
 * RINGBUF_NO_MEMORY. */
RINGBUF_API int ringbuf_create_raw(ringbuf_t **ring, void *raw, size_t bytes, const ringbuf_options_t *options);

/* Opens the ring in the caller's memory, `bytes` bytes from `raw`, and stores the handle in *ring. `flags` as for
 * ringbuf_open: a reader, or with RINGBUF_AS_WRITER alone its writer. RINGBUF_OBSERVER writes nothing there, so that
 * read-only memory will do. Python: RingBuffer.initialize_from_raw.
 * Returns RINGBUF_NOT_INITIALIZED (no ring there yet), RINGBUF_INVALID_ARGUMENT (the memory, or the flags),
 * RINGBUF_BUSY (another writer lives), RINGBUF_CORRUPT, RINGBUF_VERSION_MISMATCH, RINGBUF_TOO_MANY_READERS,
 * RINGBUF_NO_MEMORY. */
RINGBUF_API int ringbuf_open_raw(ringbuf_t **ring, void *raw, size_t bytes, uint32_t flags);

/* Says where the ring's memory is: stores in *raw where this handle's mapping of the whole ring begins and in *bytes
 * how long it is; valid until the handle is closed. Python: RingBuffer.raw. */
RINGBUF_API int ringbuf_raw(const ringbuf_t *ring, void **raw, size_t *bytes);

/* Hands a ring on: stores in *fd a descriptor (a handle on Windows) of its memory, to be passed to another process; it
 * is closed with the ring.
 * Returns RINGBUF_UNSUPPORTED (a ring in the caller's memory has none), RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_fd(const ringbuf_t *ring, intptr_t *fd);

/* Opens the ring behind a descriptor `fd`, which stays the caller's, and stores the handle in *ring. `flags` as for
 * ringbuf_open: a reader, or with RINGBUF_AS_WRITER alone its writer, as by ringbuf_resume.
 * Returns RINGBUF_INVALID_ARGUMENT (the descriptor, or the flags), RINGBUF_BUSY (another writer lives),
 * RINGBUF_NOT_INITIALIZED, RINGBUF_CORRUPT, RINGBUF_VERSION_MISMATCH, RINGBUF_TOO_MANY_READERS, RINGBUF_UNSUPPORTED,
 * RINGBUF_NO_SPACE (as ringbuf_resume), RINGBUF_NO_MEMORY, RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_open_fd(ringbuf_t **ring, intptr_t fd, uint32_t flags);

/* Closes a handle; NULL is fine. A writer's close ends the stream: readers drain what is there and then get
 * RINGBUF_CLOSED. It removes the name, unless RINGBUF_KEEP. Done for all open handles when the process exits. Always
 * RINGBUF_OK. Python: SharedCircularBuffer.cleanup. */
RINGBUF_API int ringbuf_close(ringbuf_t *ring);

/* Removes the `name` of a ring, of any layout version, live or dead, sound or damaged; whoever has it open keeps it. What
 * does not begin as a ring does stays, and so does what cannot be read.
 * Returns RINGBUF_INVALID_ARGUMENT, RINGBUF_NOT_FOUND, RINGBUF_CORRUPT (a file that is no ring, or no file),
 * RINGBUF_NOT_INITIALIZED (an empty file), RINGBUF_BUSY (another process holds the lock of the name; after 100 ms),
 * RINGBUF_PERMISSION, RINGBUF_SYSTEM. */
RINGBUF_API int ringbuf_unlink(const char *name);

/* --- Writing ---------------------------------------------------------------------------------------------------------
 * For the writer. None blocks but ringbuf_wait_space and ringbuf_wait_readers.
 * Returns from each of these: RINGBUF_WRITE_FORBIDDEN for a reader, RINGBUF_FORKED in a forked child, RINGBUF_CLOSED
 * once the process exits. */

/* Appends `count` samples, which lie one behind the other from `samples` on, each of sample_bytes. Of more than the
 * capacity an overwriting ring keeps the last ones and counts all; 0 is fine. The samples may be some of this ring, as
 * ringbuf_view shows them through this handle: they are appended once more. Python: RingBuffer.put_data.
 * Returns RINGBUF_FULL (lossless, and it does not fit; nothing is stored), RINGBUF_INVALID_ARGUMENT (more than there are
 * indices left for: a ring takes 2^63 - 1 - capacity samples). */
RINGBUF_API int ringbuf_put(ringbuf_t *ring, const void *samples, uint64_t count);

/* Appends one sample, the sample_bytes bytes at `item`. Python: SharedCircularBuffer.push.
 * Returns RINGBUF_FULL: lossless, and it does not fit. */
RINGBUF_API int ringbuf_push(ringbuf_t *ring, const void *item);

/* Reserves samples to be written in place: stores in *samples where the next `count` are, contiguous over the end
 * through the pocket. Nothing can be read before ringbuf_commit; the oldest samples that were in their place cannot be
 * read any more. A second reserve, or a put, drops the first. Streaming (non-temporal) stores of your own into fewer than
 * 16384 bytes: put an SFENCE before the first of them and behind the last.
 * Returns RINGBUF_FULL (lossless), RINGBUF_NOT_CONTIGUOUS (they run over the end by more than the pocket),
 * RINGBUF_INVALID_ARGUMENT (count is 0 or more than the capacity). */
RINGBUF_API int ringbuf_reserve(ringbuf_t *ring, uint64_t count, void **samples);

/* Appends the first `count` samples of the latest reservation, and ends it; 0 gives it up. A put has ended it, too.
 * Returns RINGBUF_INVALID_ARGUMENT: more than was reserved, or nothing is. */
RINGBUF_API int ringbuf_commit(ringbuf_t *ring, uint64_t count);

/* Says how much fits: stores in *count how many samples a put may have now, all of the capacity on an overwriting ring,
 * what the slowest registered reader leaves on a lossless one. */
RINGBUF_API int ringbuf_space(ringbuf_t *ring, uint64_t *count);

/* Waits until a put of `count` samples fits, at most timeout_ns. A reader that waits for a window which leaves less
 * room than that in the capacity waits for this writer in turn: then neither goes on.
 * Returns RINGBUF_TIMEOUT, RINGBUF_INTERRUPTED, RINGBUF_INVALID_ARGUMENT (count is more than the capacity). */
RINGBUF_API int ringbuf_wait_space(ringbuf_t *ring, uint64_t count, int64_t timeout_ns);

/* Waits until at least `count` readers are registered that live, at most timeout_ns; say, before the first put of a
 * lossless ring, which would overwrite as long as nobody is there.
 * Returns RINGBUF_TIMEOUT, RINGBUF_INTERRUPTED, RINGBUF_INVALID_ARGUMENT (count is more than the max_readers of the
 * ring). */
RINGBUF_API int ringbuf_wait_readers(ringbuf_t *ring, uint32_t count, int64_t timeout_ns);

/* Replaces the metadata: by `size` bytes from `bytes` on, for channel names, units and the like; at most the
 * metadata_bytes of the ring. They may be anything; what ringbuf's tools understand is in docs/metadata.md. Readers, and a writer that resumes after a crash, see the old or the new ones, never a
 * mixture.
 * Returns RINGBUF_INVALID_ARGUMENT: too long. */
RINGBUF_API int ringbuf_set_metadata(ringbuf_t *ring, const void *bytes, size_t size);

/* --- Reading by index ------------------------------------------------------------------------------------------------
 * For readers and the writer. None blocks but ringbuf_wait. */

/* Says whether samples [start, end) can be read. After the use of a window, RINGBUF_OK means that all that was read
 * from it was whole. Python: RingBuffer.check_availablility.
 * Returns RINGBUF_OVERWRITTEN, RINGBUF_NOT_YET, RINGBUF_BAD_INDEX, RINGBUF_STALE (the caller's memory has another
 * ring). */
RINGBUF_API int ringbuf_check(ringbuf_t *ring, int64_t start, int64_t end);

/* Looks at samples in place: stores in *samples where [start, end) are, contiguous over the end of the ring; read only,
 * valid until the handle is closed. The writer goes on meanwhile, so call ringbuf_check(ring, start, end) after use.
 * Python: RingBuffer.get_data.
 * Returns RINGBUF_OVERWRITTEN, RINGBUF_NOT_YET, RINGBUF_BAD_INDEX, RINGBUF_NOT_CONTIGUOUS (longer than the pocket
 * allows; use ringbuf_read), RINGBUF_STALE (the caller's memory has another ring). */
RINGBUF_API int ringbuf_view(ringbuf_t *ring, int64_t start, int64_t end, const void **samples);

/* Copies the samples [start, end), any number up to the capacity, to `samples`, which has room for as many times
 * sample_bytes, and checks them. On any other code than RINGBUF_OK what was copied must not be used.
 * Returns RINGBUF_OVERWRITTEN, RINGBUF_NOT_YET, RINGBUF_BAD_INDEX, RINGBUF_STALE (the caller's memory has another
 * ring). */
RINGBUF_API int ringbuf_read(ringbuf_t *ring, int64_t start, int64_t end, void *samples);

/* Waits until all samples before `end` are written, at most timeout_ns. Costs no processor time.
 * Returns RINGBUF_TIMEOUT, RINGBUF_INTERRUPTED, RINGBUF_CLOSED (they never will be), RINGBUF_STALE (the writer died),
 * RINGBUF_BAD_INDEX (end is negative). */
RINGBUF_API int ringbuf_wait(ringbuf_t *ring, int64_t end, int64_t timeout_ns);

/* Ends a wait: the call of ringbuf_wait, ringbuf_next, ringbuf_next_copy or ringbuf_wait_space that sleeps on this handle
 * in another thread, or else the next one that would sleep, returns RINGBUF_INTERRUPTED and has changed nothing. What is
 * there comes first, and a timeout of 0 takes no notice. For any thread, and for signal handlers; errno stays. Must not
 * overlap ringbuf_close of the handle. Where the system cannot wake the sleeper (other systems than Linux) it is noticed
 * within 50 ms. */
RINGBUF_API int ringbuf_interrupt(ringbuf_t *ring);

/* Copies the metadata: to `bytes`, at most `room` bytes, and stores their full length in *size; bytes may be NULL if
 * room is 0.
 * Returns RINGBUF_INVALID_ARGUMENT (room is too small; *size tells how much it takes), RINGBUF_CORRUPT (they keep
 * changing). */
RINGBUF_API int ringbuf_metadata(ringbuf_t *ring, void *bytes, size_t room, size_t *size);

/* Says everything about a ring and this handle: fills in `info`, whose struct_size the caller has set; what a larger
 * one has more is zeroed.
 * Returns RINGBUF_INVALID_ARGUMENT: struct_size is smaller than the first version of the struct. */
RINGBUF_API int ringbuf_info(ringbuf_t *ring, ringbuf_info_t *info);

/* Visits the registered readers of a ring that live: calls visit(reader, user) for each until it returns non-zero.
 * `reader` is valid during the call. Observers are not among them.
 * Returns RINGBUF_STALE: the caller's memory has another ring. */
RINGBUF_API int ringbuf_readers(ringbuf_t *ring, int (*visit)(const ringbuf_reader_info_t *reader, void *user),
                                void *user);

/* --- Consuming from a position ---------------------------------------------------------------------------------------
 * For readers. None blocks but ringbuf_next and ringbuf_next_copy. An overrun is told once, as RINGBUF_OVERWRITTEN: the
 * position has then moved by the rule given at open, `lost` of ringbuf_info has grown by what was missed, and the next
 * call goes on.
 * Returns from each of these: RINGBUF_READ_FORBIDDEN for a writer, RINGBUF_FORKED in a forked child, RINGBUF_CLOSED
 * once the process exits. */

/* The sliding window: waits, at most timeout_ns, for the next `window` samples from the position, stores in *samples
 * where they are and in *start the index of the first, and moves the position by `step` samples. Contiguous up to the
 * ring's window. On an overwriting ring, ringbuf_check(ring, *start, *start + window) after use; on a lossless ring a
 * registered reader's window stays as it is until its following call of a function of this section.
 * Returns RINGBUF_TIMEOUT, RINGBUF_INTERRUPTED, RINGBUF_OVERWRITTEN, RINGBUF_CLOSED, RINGBUF_STALE,
 * RINGBUF_NOT_CONTIGUOUS (window is longer than the ring's: ringbuf_next_copy copies it; the position stays),
 * RINGBUF_INVALID_ARGUMENT (window is 0 or more than the capacity, or step is more than 2^48, or leads beyond the
 * last index, 2^63 - 1). */
RINGBUF_API int ringbuf_next(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, const void **samples,
                             int64_t *start);

/* The sliding window as a copy, of any length up to the capacity: waits as ringbuf_next does, at most timeout_ns, copies
 * the `window` samples to `samples`, which has room for as many times sample_bytes, stores the index of the first in
 * *start, and moves the position by `step` samples only if the copy is whole; no check is needed after it. On a lossless ring the samples
 * before the new position are the writer's at once. On any other code than RINGBUF_OK what was copied must not be used.
 * Returns RINGBUF_TIMEOUT, RINGBUF_INTERRUPTED, RINGBUF_OVERWRITTEN, RINGBUF_CLOSED, RINGBUF_STALE,
 * RINGBUF_INVALID_ARGUMENT (window is 0 or more than the capacity, or step is more than 2^48, or leads beyond the
 * last index, 2^63 - 1). */
RINGBUF_API int ringbuf_next_copy(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, void *samples,
                                  int64_t *start);

/* Copies the next sample, sample_bytes bytes, to `item` and moves on by one. Python: SharedCircularBuffer.popitem.
 * Returns RINGBUF_EMPTY, RINGBUF_OVERWRITTEN; RINGBUF_CLOSED or RINGBUF_STALE when nothing more can come. */
RINGBUF_API int ringbuf_pop(ringbuf_t *ring, void *item);

/* Copies up to `max` samples to `items`, which has room for as many times sample_bytes, stores in *count how many, and
 * moves on by that; 0 in *count with any code but RINGBUF_OK. Python: SharedCircularBuffer.popmany.
 * Returns RINGBUF_EMPTY, RINGBUF_OVERWRITTEN; RINGBUF_CLOSED or RINGBUF_STALE when nothing more can come. */
RINGBUF_API int ringbuf_pop_many(ringbuf_t *ring, void *items, uint64_t max, uint64_t *count);

/* Says how much there is to consume: stores in *count how many samples lie between the position and the newest one, at
 * most the capacity. Python: SharedCircularBuffer.usage. */
RINGBUF_API int ringbuf_usage(ringbuf_t *ring, uint64_t *count);

/* Tells the position: stores in *position the index of the sample that comes next. */
RINGBUF_API int ringbuf_tell(ringbuf_t *ring, int64_t *position);

/* Moves the position: to `position`, the index of any sample that can still be read, or of the next one to be written.
 * Returns RINGBUF_BAD_INDEX (negative), RINGBUF_OVERWRITTEN, RINGBUF_NOT_YET, RINGBUF_STALE; the position then stays. */
RINGBUF_API int ringbuf_seek(ringbuf_t *ring, int64_t position);

/* --- Around ----------------------------------------------------------------------------------------------------------
 * For any thread, without a handle. None blocks. */

/* Visits all rings of this machine that may be read, dead ones included: calls visit(name, info, user) for each until
 * it returns non-zero. `name` and `info` are valid during the call.
 * Returns RINGBUF_SYSTEM, RINGBUF_NO_MEMORY (not all could be looked at). */
RINGBUF_API int ringbuf_list(int (*visit)(const char *name, const ringbuf_info_t *info, void *user), void *user);

/* Says what a `code` means; static text for any int. */
RINGBUF_API const char *ringbuf_strerror(int code);

/* Names a `code`: "RINGBUF_OK"; static text for any int. */
RINGBUF_API const char *ringbuf_error_name(int code);

/* Says in words what was wrong with the last call on this thread that failed: which argument, its value, what was
 * expected. Never NULL; valid until the next call on this thread. */
RINGBUF_API const char *ringbuf_last_error(void);

/* Finds a data type by its `name` ("float32", "int16", ...): stores it in *code. Python: datatypes.get_code.
 * Returns RINGBUF_INCOMPATIBLE: no such type. */
RINGBUF_API int ringbuf_type_code(const char *name, uint32_t *code);

/* Names the data type `code`; NULL if there is none. Static text. Python: datatypes.get_type. */
RINGBUF_API const char *ringbuf_type_name(uint32_t code);

/* Says how many bytes an element of the data type `code` has; 0 for RINGBUF_BYTES, whose size each ring chooses, and if
 * there is no such type. */
RINGBUF_API size_t ringbuf_type_size(uint32_t code);

/* Names the version of the library that runs: "MAJOR.MINOR.PATCH", static text. */
RINGBUF_API const char *ringbuf_version(void);

#ifdef __cplusplus
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif

#endif
