/** @file
 * Ring buffers in shared memory.
 *
 * One process, the writer, appends samples to a named ring. Any number of readers look at windows of samples without a
 * copy, or consume the samples as a queue. A sample is a row of `channels` elements of one data type, or one opaque item
 * of `item_size` bytes. The first sample has index 0, or `first_index`. Indices only grow.
 *
 * @code{.c}
 * ringbuf_options_t options;
 * ringbuf_t *writer, *reader;
 * const void *window;
 * float sample[2] = {1, 2};
 * int64_t start;
 *
 * ringbuf_options_init(&options, sizeof options);
 * options.channels = 2;
 * options.capacity = 48000;
 * if (ringbuf_create(&writer, "example", &options) != RINGBUF_OK) puts(ringbuf_last_error());
 * if (ringbuf_open(&reader, "example", RINGBUF_FROM_OLDEST) != RINGBUF_OK) puts(ringbuf_last_error());
 * for (int i = 0; i < 480; ++i) ringbuf_put(writer, sample, 1);
 * while (ringbuf_next(reader, 240, 240, 0, &window, &start) == RINGBUF_OK) {
 *   float mean = average(window, 240);
 *   if (ringbuf_check(reader, start, start + 240) == RINGBUF_OK) printf("%lld: %g\n", (long long)start, mean);
 * }
 * ringbuf_close(reader);
 * ringbuf_close(writer);
 * @endcode
 *
 * Most programs need a dozen functions. A writer calls ringbuf_options_init(), ringbuf_create(), ringbuf_put() and
 * ringbuf_close(). A reader calls ringbuf_open(), then ringbuf_next() and ringbuf_check() for windows, ringbuf_pop() for items
 * one by one, or ringbuf_wait() and ringbuf_read() for samples by their index. ringbuf_strerror() and ringbuf_last_error()
 * say why a call was refused. The others have rooms of their own: writing in place, messages of any length, times and gaps,
 * several rings and event loops, rings without a name.
 *
 * Conventions:
 *
 * - A function that returns `int` returns #RINGBUF_OK (0) or a positive code of enum #ringbuf_code. After a failure
 *   ringbuf_last_error() describes it.
 * - A refused call changes nothing, creates nothing and loses nothing. It leaves its out-parameters untouched, unless the
 *   function says otherwise.
 * - NULL never crashes. A NULL handle gives #RINGBUF_NOT_INITIALIZED. Any other NULL gives #RINGBUF_INVALID_ARGUMENT,
 *   unless the function allows it. Each function can return these two codes; it lists them only where they mean more.
 * - A handle belongs to one thread at a time, and to the process that opened it. After a fork the child may read by index
 *   through the handle and close it. Every other call in the child gives #RINGBUF_FORKED.
 * - Ranges are half open: [start, end). Counts are in samples unless the name ends in `_bytes`. Times are in nanoseconds.
 * - Only ringbuf_wait(), ringbuf_wait_any(), ringbuf_next(), ringbuf_next_copy(), ringbuf_receive(), ringbuf_wait_space(),
 *   ringbuf_wait_readers(), ringbuf_open_wait() and ringbuf_reopen() block. A timeout of 0 returns at once. A negative
 *   timeout waits without limit.
 * - No function allocates memory once a ring is open, except ringbuf_reopen() and ringbuf_poll_fd().
 * - The destination of a copy must lie outside the ring. An address inside the ring gives #RINGBUF_INVALID_ARGUMENT.
 * - A thread inside a function of ringbuf, or inside a callback of one, is not cancelled (pthread_cancel).
 *   ringbuf_interrupt() ends the wait of another thread.
 * - A child that shares its parent's memory (vfork) must not call any function. Any other child has its parent's
 *   handles, no matter which call created the child.
 * - Every struct starts with `struct_size`, the sizeof of the struct. A field that is 0 has its default.
 *
 * A line "Python:" names what a function was in the Python classes RingBuffer and SharedCircularBuffer.
 *
 * MIT License; see LICENSE. */
#ifndef RINGBUF_H
#define RINGBUF_H

#include <stddef.h>
#include <stdint.h>

/** The major version of this header; it follows semantic versioning. ringbuf_version() has the library's version. */
#define RINGBUF_VERSION_MAJOR 1
#define RINGBUF_VERSION_MINOR 0 /**< The minor version; it grows with new functions, fields and codes. */
#define RINGBUF_VERSION_PATCH 0 /**< The patch version; it grows with each other release. */

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

/** The result of a function. 0 to 5 are the codes of Python's RingBuffer. */
enum ringbuf_code {
  RINGBUF_OK = 0,                /**< success */
  RINGBUF_NOT_INITIALIZED = 1,   /**< no ring there yet, or a NULL handle */
  RINGBUF_OVERWRITTEN = 2,       /**< (some of) the samples have already been overwritten */
  RINGBUF_NOT_YET = 3,           /**< (some of) the samples have not been written yet */
  RINGBUF_INCOMPATIBLE = 4,      /**< data of another shape or type */
  RINGBUF_BAD_INDEX = 5,         /**< an index below the first one, or an end before its start */
  RINGBUF_INVALID_ARGUMENT = 6,  /**< an argument is not acceptable */
  RINGBUF_EXISTS = 7,            /**< the name is taken (Python: BufferAlreadyCreated) */
  RINGBUF_NOT_FOUND = 8,         /**< no ring has that name */
  RINGBUF_WRITE_FORBIDDEN = 9,   /**< a reader was asked to write (Python: WriteOperationsForbidden) */
  RINGBUF_READ_FORBIDDEN = 10,   /**< a writer was asked to consume (Python: ReadOperationsForbidden) */
  RINGBUF_BUSY = 11,             /**< another writer lives */
  RINGBUF_FULL = 12,             /**< lossless: no room until a reader moves on */
  RINGBUF_EMPTY = 13,            /**< nothing to read now (Python: popitem's None) */
  RINGBUF_TIMEOUT = 14,          /**< the time given has passed */
  RINGBUF_CLOSED = 15,           /**< the writer has ended the stream */
  RINGBUF_STALE = 16,            /**< the writer died, or the name now belongs to a newer ring: open it again */
  RINGBUF_NOT_CONTIGUOUS = 17,   /**< the window runs over the end by more than the pocket; ringbuf_read copies it */
  RINGBUF_CORRUPT = 18,          /**< what is there is not a sound ring */
  RINGBUF_VERSION_MISMATCH = 19, /**< a ring of another layout version */
  RINGBUF_NO_SPACE = 20,         /**< the shared memory file system is full */
  RINGBUF_NO_MEMORY = 21,        /**< this process is out of memory or address space */
  RINGBUF_PERMISSION = 22,       /**< the system does not allow it */
  RINGBUF_TOO_MANY_READERS = 23, /**< lossless: every slot in the reader table is taken */
  RINGBUF_UNSUPPORTED = 24,      /**< not available for this ring or on this system */
  RINGBUF_FORKED = 25,           /**< the handle belongs to the parent process */
  RINGBUF_SYSTEM = 26,           /**< the system reported an error; ringbuf_last_error() has it */
  RINGBUF_INTERRUPTED = 27,      /**< ringbuf_interrupt has ended the wait */
  RINGBUF_GAP = 28               /**< the writer has skipped (some of) the samples */
};

/** The type of one element. 0 and 1 are the codes of Python's RingBuffer. */
enum ringbuf_data_type {
  RINGBUF_FLOAT32 = 0,     /**< IEEE 754, 4 bytes */
  RINGBUF_INT16 = 1,       /**< signed, 2 bytes */
  RINGBUF_FLOAT64 = 2,     /**< IEEE 754, 8 bytes */
  RINGBUF_INT8 = 3,        /**< signed, 1 byte */
  RINGBUF_UINT8 = 4,       /**< unsigned, 1 byte */
  RINGBUF_UINT16 = 5,      /**< unsigned, 2 bytes */
  RINGBUF_INT32 = 6,       /**< signed, 4 bytes */
  RINGBUF_UINT32 = 7,      /**< unsigned, 4 bytes */
  RINGBUF_INT64 = 8,       /**< signed, 8 bytes */
  RINGBUF_UINT64 = 9,      /**< unsigned, 8 bytes */
  RINGBUF_FLOAT16 = 10,    /**< IEEE 754, 2 bytes */
  RINGBUF_COMPLEX64 = 11,  /**< two float32: real, imaginary */
  RINGBUF_COMPLEX128 = 12, /**< two float64: real, imaginary */
  RINGBUF_BYTES = 255      /**< opaque items of item_size bytes */
};

/** The flags of #ringbuf_options_t, combined with |. */
enum ringbuf_ring_flag {
  RINGBUF_LOSSLESS = 1, /**< A put that would overwrite unread samples of a registered reader gives #RINGBUF_FULL. */
  RINGBUF_KEEP = 2,     /**< Closing the writer leaves the name and the samples in place. */
  RINGBUF_MESSAGES = 4  /**< A ring of messages, of any length; see ringbuf_send(). Its samples are bytes. */
};

/** The flags of ringbuf_open() and of the other functions that open a reader, combined with |. */
enum ringbuf_open_flag {
  RINGBUF_FROM_OLDEST = 0,    /**< Start at the oldest sample of the ring, or close to it; see ringbuf_open(). */
  RINGBUF_FROM_NEWEST = 1,    /**< Start at the next sample that will be written. */
  RINGBUF_OBSERVER = 2,       /**< Take no reader slot: an observer never holds the writer back. */
  RINGBUF_RESYNC_MIDDLE = 0,  /**< After an overrun continue in the middle of the samples that the ring holds. */
  RINGBUF_RESYNC_NEWEST = 4,  /**< After an overrun continue at the next sample that will be written. */
  RINGBUF_RESYNC_LAP = 8,     /**< After an overrun skip whole laps; position modulo capacity stays (as Python's). */
  RINGBUF_RESYNC_OLDEST = 12, /**< After an overrun continue at the oldest sample, which is overwritten next. */
  RINGBUF_AS_WRITER = 16,     /**< ringbuf_open_raw() and ringbuf_open_fd() only: become the writer, as in
                                   ringbuf_resume(). */
  RINGBUF_LAZY = 32,     /**< Map pages when they are first used: opening a large ring is fast, first uses are slow. */
  RINGBUF_ANY_SHAPE = 64 /**< ringbuf_reopen() only: the new ring may have another shape. */
};

/** The field `state` of #ringbuf_info_t. */
enum ringbuf_state {
  RINGBUF_STATE_LIVE = 1,       /**< A writer has the ring open. */
  RINGBUF_STATE_CLOSED = 2,     /**< The writer has ended the stream. */
  RINGBUF_STATE_SUPERSEDED = 3, /**< A newer ring has taken the name. */
  RINGBUF_STATE_DEAD = 4 /**< The writer died. ringbuf_resume() continues the ring, ringbuf_create() replaces it. */
};

/** The clocks by which samples have times. */
enum ringbuf_clock {
  RINGBUF_CLOCK_MONOTONIC = 0, /**< The machine's monotonic clock, which never steps. */
  RINGBUF_CLOCK_REALTIME = 1   /**< Nanoseconds since 1970-01-01 UTC. */
};

/** A handle: the writer of a ring, or one of its readers. */
typedef struct ringbuf_handle ringbuf_t;

/** The options of a new ring. ringbuf_options_init() fills in the defaults; a field that is 0 has its default, too. */
typedef struct ringbuf_options {
  uint32_t struct_size; /**< sizeof(ringbuf_options_t) */
  uint32_t data_type;   /**< Enum #ringbuf_data_type. Default: #RINGBUF_FLOAT32; #RINGBUF_BYTES for messages. */
  uint32_t channels;    /**< Elements in one sample. Default: 1. */
  uint32_t item_size;   /**< Bytes in one element, for #RINGBUF_BYTES alone. Default: 1. */
  uint64_t capacity; /**< Samples that the ring holds. There is no default. With #RINGBUF_MESSAGES bytes, a multiple of
                                8; each message takes 24 bytes more than its own, and up to 7 bytes of padding. */
  uint64_t window;   /**< Samples in the pocket: the longest window that is always contiguous. At most the capacity.
                                Default: 64 KiB of samples, but at most an eighth of the capacity; 1 for opaque items.
                                With #RINGBUF_MESSAGES the longest message in bytes, rounded up to a multiple of 8; it is
                                less than 2^32, and 24 bytes less than the capacity. Default: 24 bytes less than an eighth
                                of the capacity. */
  uint32_t flags;    /**< Enum #ringbuf_ring_flag. Default: 0. */
  uint32_t max_readers; /**< Reader slots, at most 1024. Default: 16. */
  uint32_t mode;        /**< Permission bits; the umask does not apply. A reader needs r; to be registered it needs w,
                                too. Default: 0600. */
  uint32_t metadata_bytes; /**< Room for metadata, in bytes. Default: 4096. */
  double sample_rate;      /**< In Hz. Default: 0, unknown. */
  int64_t first_index; /**< Index of the first sample; a copy of a ring keeps it. To 2^63 - 1 - capacity. Default: 0. */
} ringbuf_options_t;

/** The description of a ring, and of the handle that asked for it. */
typedef struct ringbuf_info {
  uint32_t struct_size;        /**< sizeof(ringbuf_info_t); the caller sets it. */
  uint32_t data_type;          /**< Enum #ringbuf_data_type. */
  uint32_t channels;           /**< Elements in one sample. */
  uint32_t item_size;          /**< Bytes in one element. */
  uint64_t sample_bytes;       /**< Bytes in one sample: channels * item_size. */
  uint64_t capacity;           /**< Samples that the ring holds. */
  uint64_t window;             /**< Samples in the pocket. With #RINGBUF_MESSAGES 24 more than the longest message. */
  uint64_t buf_size_bytes;     /**< Size of the data section. */
  uint64_t pocket_size_bytes;  /**< Size of the pocket. */
  int64_t written;             /**< Index of the next sample; also the samples ever written if first_index is 0. */
  int64_t oldest;              /**< Index of the oldest sample that can still be read. */
  int64_t write_ptr;           /**< written modulo capacity. */
  uint32_t flags;              /**< Enum #ringbuf_ring_flag. */
  uint32_t state;              /**< Enum #ringbuf_state. */
  uint32_t readers;            /**< Reader slots in use. */
  uint32_t max_readers;        /**< Reader slots in total. */
  double sample_rate;          /**< In Hz; 0 is unknown. */
  int64_t position;            /**< Position of this reader. For a writer: `written`. */
  uint64_t overruns;           /**< Times this reader was overrun. */
  uint64_t lost;               /**< Samples this reader missed in overruns. */
  int64_t anchor_index;        /**< Index of the last sample of the put that the two times belong to; -1: none. */
  int64_t anchor_monotonic_ns; /**< Time of that put on the machine's monotonic clock. */
  int64_t anchor_realtime_ns;  /**< Time of that put since 1970-01-01 UTC. */
  uint64_t generation;         /**< Writers the ring has had. */
  uint64_t total_bytes;        /**< Size of the shared memory. */
  uint32_t writer_pid;         /**< Process id of a live writer; 0: none, or unknown here (another namespace). */
  uint32_t reserved;           /**< 0 */
  uint64_t data_offset;        /**< Bytes from the start of the ring's memory to its data section. */
  int64_t first_index;         /**< Index of the first sample. */
  int64_t created_realtime_ns; /**< When the ring was made, since 1970-01-01 UTC. */
  uint8_t ring_id[16];         /**< Random: no other ring has it, on no machine. */
} ringbuf_info_t;

/** The description of one registered reader; see ringbuf_readers(). */
typedef struct ringbuf_reader_info {
  uint32_t struct_size; /**< sizeof(ringbuf_reader_info_t) of the library; it says which fields exist. */
  uint32_t process_id;  /**< Process id of the reader; 0: unknown here (another namespace). */
  int64_t position;     /**< Index of the next sample it reads. */
  uint64_t lag;         /**< Samples between its position and the newest one. */
  uint64_t lost;        /**< Samples it missed in overruns. */
  uint64_t overruns;    /**< Times it was overrun. */
  uint32_t holds_back;  /**< 1: the writer does not overwrite samples this reader still needs (lossless). */
  uint32_t reserved;    /**< 0 */
} ringbuf_reader_info_t;

/** The description of one message; see ringbuf_message(). */
typedef struct ringbuf_message {
  uint32_t struct_size; /**< sizeof(ringbuf_message_t); the caller sets it. */
  uint32_t kind;        /**< The kind given to ringbuf_send_event(); 0 with ringbuf_send(). */
  uint64_t size;        /**< Bytes of the message. */
  int64_t start;        /**< Index of its first byte. */
  int64_t tag;          /**< The tag given to ringbuf_send_event(); 0 with ringbuf_send(). */
  int64_t monotonic_ns; /**< When it was sent, on the machine's monotonic clock. */
} ringbuf_message_t;

/** @defgroup making_opening_closing Create, open, close
 * Any thread may call these functions. None of them waits for long, except ringbuf_open_wait() and ringbuf_reopen(). They
 * make system calls, which take time: do not call them in a real-time loop.
 * @{ */

/** Fills in the default options.
 * It leaves `capacity` at 0: set it.
 * @param[out] options      The options; struct_size bytes of it are written, and no more.
 * @param      struct_size  sizeof(ringbuf_options_t).
 * @retval RINGBUF_INVALID_ARGUMENT  struct_size is smaller than the first version of the struct. */
RINGBUF_API int ringbuf_options_init(ringbuf_options_t *options, size_t struct_size);

/** Computes how much shared memory a ring takes.
 * ringbuf_create_raw() needs that much.
 * @param      options  The options of the ring.
 * @param[out] bytes    The size in bytes.
 * @retval RINGBUF_INVALID_ARGUMENT  The options describe no possible ring. */
RINGBUF_API int ringbuf_size(const ringbuf_options_t *options, size_t *bytes);

/** Creates a ring and becomes its writer.
 * All memory of the ring is allocated now, so later writes cannot fail for lack of memory. If the name belongs to a ring
 * whose writer is gone, the new ring replaces it, and the readers of the old ring get #RINGBUF_STALE. The new ring is
 * complete before it replaces the old one. A refused call leaves the old ring as it was, unless the new ring needed the
 * memory of the old one.
 *
 * Python: `RingBuffer.initialize`, `SharedCircularBuffer(name, create=True, item_size, length)`.
 * @param[out] ring     The handle of the writer.
 * @param      name     1 to 200 characters of A-Z a-z 0-9 . _ -, not starting with a dot. NULL creates an anonymous ring,
 *                      which ringbuf_fd() hands on.
 * @param      options  The options of the ring.
 * @retval RINGBUF_INVALID_ARGUMENT  The name or an option is not acceptable.
 * @retval RINGBUF_EXISTS            The name belongs to a live ring, to a dead ring of another user, or to a file that is
 *                                   no ring.
 * @retval RINGBUF_BUSY              A process that may only read the dead ring kept holding locks of it for 100 ms.
 * @retval RINGBUF_NO_SPACE          The memory exceeds what the file system, the machine, a control group or RLIMIT_FSIZE
 *                                   allows. ringbuf_last_error() has the size requested and the size free.
 * @retval RINGBUF_NO_MEMORY         This process is out of memory or address space.
 * @retval RINGBUF_PERMISSION        The system does not allow it.
 * @retval RINGBUF_SYSTEM            The system reported an error, for example because /proc or /dev/shm is missing. */
RINGBUF_API int ringbuf_create(ringbuf_t **ring, const char *name, const ringbuf_options_t *options);

/** Opens a ring by name as a reader.
 * Read permission is enough for an observer. The call never creates and never removes anything. With
 * #RINGBUF_FROM_OLDEST the reader starts at the oldest sample. If a live writer is overwriting that sample, the reader
 * starts an eighth of the capacity later, because the samples overwritten next would be gone before they can be read.
 *
 * Python: `SharedCircularBuffer(name)`.
 * @param[out] ring   The handle of the reader.
 * @param      name   The name of the ring.
 * @param      flags  Flags of enum #ringbuf_open_flag, with one of the four rules for an overrun.
 * @retval RINGBUF_INVALID_ARGUMENT  The name or the flags are not acceptable; a ring of messages has no
 *                                   #RINGBUF_RESYNC_LAP.
 * @retval RINGBUF_NOT_FOUND         No ring has that name.
 * @retval RINGBUF_NOT_INITIALIZED   The file is empty.
 * @retval RINGBUF_CORRUPT           The file is not a sound ring.
 * @retval RINGBUF_VERSION_MISMATCH  The ring has another layout version.
 * @retval RINGBUF_TOO_MANY_READERS  The ring is lossless and every reader slot is in use.
 * @retval RINGBUF_UNSUPPORTED       The ring was created for pages smaller than this system's.
 * @retval RINGBUF_NO_MEMORY         This process is out of memory or address space.
 * @retval RINGBUF_PERMISSION        The system does not allow it.
 * @retval RINGBUF_SYSTEM            The system reported an error. */
RINGBUF_API int ringbuf_open(ringbuf_t **ring, const char *name, uint32_t flags);

/** Opens a ring by name as a reader, as soon as it is live.
 * The reader may start before the writer. While no ring has the name, and while the ring that has it is closed, dead or
 * superseded, the call waits. A new ring ends the wait at once on Linux, and within 50 ms elsewhere; a ring that is
 * resumed does so within 50 ms. Any other failure of ringbuf_open() is returned at once.
 * @param[out] ring        The handle of the reader.
 * @param      name        The name of the ring.
 * @param      flags       Flags as for ringbuf_open().
 * @param      timeout_ns  The longest wait in nanoseconds. 0 tries once; negative waits without limit.
 * @retval RINGBUF_TIMEOUT           The time has passed. ringbuf_last_error() says what was there.
 * @retval RINGBUF_INVALID_ARGUMENT  The name or the flags are not acceptable.
 * @retval RINGBUF_NOT_INITIALIZED   The file is empty.
 * @retval RINGBUF_CORRUPT           The file is not a sound ring.
 * @retval RINGBUF_VERSION_MISMATCH  The ring has another layout version.
 * @retval RINGBUF_TOO_MANY_READERS  The ring is lossless and every reader slot is in use.
 * @retval RINGBUF_UNSUPPORTED       The ring was created for pages smaller than this system's.
 * @retval RINGBUF_NO_MEMORY         This process is out of memory or address space.
 * @retval RINGBUF_PERMISSION        The system does not allow it.
 * @retval RINGBUF_SYSTEM            The system reported an error. */
RINGBUF_API int ringbuf_open_wait(ringbuf_t **ring, const char *name, uint32_t flags, int64_t timeout_ns);

/** Continues a reader with the live ring of the same name.
 * Call it after #RINGBUF_STALE or #RINGBUF_CLOSED. It waits for the ring as ringbuf_open_wait() does. Samples of the old
 * ring that are still unread are given up: pop them first.
 *
 * If a writer has resumed the same ring, the handle continues as if nothing had happened. Its position, its samples and
 * its counts stay, and the flags have no effect. If the name belongs to another ring, the handle is opened there as the
 * flags say. Addresses in the old ring (ringbuf_view(), ringbuf_next(), ringbuf_raw(), ringbuf_fd()) are then no longer
 * valid. `overruns` and `lost` of ringbuf_info() go on counting. After any code other than #RINGBUF_OK the handle is as
 * before.
 *
 * Two rings have the same shape if their data type, channels, item size, capacity, window, #RINGBUF_LOSSLESS and
 * #RINGBUF_MESSAGES are the same. Buffers of the caller that fit one ring may be too small for a ring of another shape.
 * #RINGBUF_ANY_SHAPE accepts any: ask ringbuf_info() afterwards.
 * @param ring        The handle of a reader that was opened by name.
 * @param flags       Flags as for ringbuf_open(), and #RINGBUF_ANY_SHAPE.
 * @param timeout_ns  The longest wait in nanoseconds. 0 tries once; negative waits without limit.
 * @retval RINGBUF_TIMEOUT           The time has passed.
 * @retval RINGBUF_INTERRUPTED       ringbuf_interrupt() was called; this wait looks for that every 50 ms.
 * @retval RINGBUF_INCOMPATIBLE      The new ring has another shape. ringbuf_last_error() names the field.
 * @retval RINGBUF_UNSUPPORTED       The handle is a writer's, or was opened by a descriptor or in the caller's memory.
 *                                   Or the new ring was created for pages smaller than this system's.
 * @retval RINGBUF_INVALID_ARGUMENT  The flags are not acceptable.
 * @retval RINGBUF_NOT_INITIALIZED   The file is empty.
 * @retval RINGBUF_CORRUPT           The file is not a sound ring.
 * @retval RINGBUF_VERSION_MISMATCH  The new ring has another layout version.
 * @retval RINGBUF_TOO_MANY_READERS  The new ring is lossless and every reader slot is in use.
 * @retval RINGBUF_NO_MEMORY         This process is out of memory or address space.
 * @retval RINGBUF_PERMISSION        The system does not allow it.
 * @retval RINGBUF_SYSTEM            The system reported an error.
 * @retval RINGBUF_FORKED            The handle belongs to the parent process.
 * @retval RINGBUF_CLOSED            This process is exiting and has closed the handle. */
RINGBUF_API int ringbuf_reopen(ringbuf_t *ring, uint32_t flags, int64_t timeout_ns);

/** Becomes the writer of a ring whose writer died or left it (#RINGBUF_KEEP).
 * It continues at the sample where the last writer stopped. No committed sample is lost. Only the user who created the
 * ring may do this: the owner of the file can shorten it, which kills a process that writes there.
 * @param[out] ring  The handle of the writer.
 * @param      name  The name of the ring.
 * @retval RINGBUF_BUSY              Another writer lives, or another process holds locks of the ring, as for
 *                                   ringbuf_create().
 * @retval RINGBUF_INVALID_ARGUMENT  The name is not acceptable.
 * @retval RINGBUF_NOT_FOUND         No ring has that name.
 * @retval RINGBUF_NOT_INITIALIZED   The file is empty.
 * @retval RINGBUF_CORRUPT           The file is not a sound ring.
 * @retval RINGBUF_VERSION_MISMATCH  The ring has another layout version.
 * @retval RINGBUF_NO_SPACE          Pages of the ring are missing, and there is no memory for them.
 * @retval RINGBUF_NO_MEMORY         This process is out of memory or address space.
 * @retval RINGBUF_PERMISSION        The system does not allow it, or the ring belongs to another user.
 * @retval RINGBUF_SYSTEM            The system reported an error. */
RINGBUF_API int ringbuf_resume(ringbuf_t **ring, const char *name);

/** Becomes the writer of a ring, whether it exists or not.
 * If its writer died or left it (#RINGBUF_KEEP), the call resumes the ring as ringbuf_resume() does. Otherwise it creates
 * the ring as ringbuf_create() does. If the ring existed, `generation` of ringbuf_info() is more than 1.
 * @param[out] ring     The handle of the writer.
 * @param      name     The name of the ring.
 * @param      options  The options of the ring. An existing ring must have the same data type, channels, item size,
 *                      capacity, window, #RINGBUF_LOSSLESS and #RINGBUF_MESSAGES. The other options apply to a new ring only.
 * @retval RINGBUF_BUSY              Another writer lives.
 * @retval RINGBUF_INCOMPATIBLE      The ring has another shape. ringbuf_last_error() names the field.
 * @retval RINGBUF_INVALID_ARGUMENT  The name or an option is not acceptable.
 * @retval RINGBUF_NOT_INITIALIZED   The file is empty.
 * @retval RINGBUF_CORRUPT           The file is not a sound ring.
 * @retval RINGBUF_VERSION_MISMATCH  The ring has another layout version.
 * @retval RINGBUF_NO_SPACE          As for ringbuf_create() and ringbuf_resume().
 * @retval RINGBUF_NO_MEMORY         This process is out of memory or address space.
 * @retval RINGBUF_PERMISSION        The system does not allow it, or the ring belongs to another user.
 * @retval RINGBUF_SYSTEM            The system reported an error. */
RINGBUF_API int ringbuf_create_or_resume(ringbuf_t **ring, const char *name, const ringbuf_options_t *options);

/** Closes a handle.
 * Closing the writer ends the stream: readers get the samples that are left, then #RINGBUF_CLOSED. It also removes the
 * name, unless the ring has #RINGBUF_KEEP. When the process exits, all its open handles are closed.
 *
 * Python: `SharedCircularBuffer.cleanup`.
 * @param ring  The handle. NULL is fine.
 * @return #RINGBUF_OK, always. */
RINGBUF_API int ringbuf_close(ringbuf_t *ring);

/** Removes the name of a ring.
 * The ring may have any layout version, may be live or dead, sound or damaged. A process that has it open keeps it. A
 * file that does not begin as a ring does stays, and so does one that cannot be read.
 * @param name  The name of the ring.
 * @retval RINGBUF_INVALID_ARGUMENT  The name is not acceptable.
 * @retval RINGBUF_NOT_FOUND         No ring has that name.
 * @retval RINGBUF_CORRUPT           The name belongs to a file that is no ring, or to something that is no file.
 * @retval RINGBUF_NOT_INITIALIZED   The file is empty.
 * @retval RINGBUF_BUSY              Another process kept holding the lock of the name for 100 ms.
 * @retval RINGBUF_PERMISSION        The system does not allow it.
 * @retval RINGBUF_SYSTEM            The system reported an error. */
RINGBUF_API int ringbuf_unlink(const char *name);

/** @} */

/** @defgroup writing Write
 * Only the writer may call these functions. None of them blocks, except ringbuf_wait_space() and ringbuf_wait_readers(). A
 * ring of messages has ringbuf_send() in place of the first four, which give #RINGBUF_UNSUPPORTED there. All of them share the
 * return values of the group.
 * @retval RINGBUF_WRITE_FORBIDDEN  The handle is a reader's.
 * @retval RINGBUF_FORKED           The handle belongs to the parent process.
 * @retval RINGBUF_CLOSED           This process is exiting and has closed the handle.
 * @{ */

/** Appends samples.
 * An overwriting ring takes more samples than its capacity, counts them all and keeps the last ones. The samples may lie
 * in this ring, where ringbuf_view() found them through this handle; they are then appended once more.
 *
 * Python: `RingBuffer.put_data`.
 * @param ring     The handle of the writer.
 * @param samples  `count` contiguous samples, of `sample_bytes` each.
 * @param count    The number of samples. 0 is fine.
 * @retval RINGBUF_FULL              The ring is lossless and has too little room. Nothing is stored.
 * @retval RINGBUF_INVALID_ARGUMENT  Too few indices are left: a ring takes 2^63 - 1 - capacity samples in its life. */
RINGBUF_API int ringbuf_put(ringbuf_t *ring, const void *samples, uint64_t count);

/** Appends one sample.
 *
 * Python: `SharedCircularBuffer.push`.
 * @param ring  The handle of the writer.
 * @param item  The sample, of `sample_bytes`.
 * @retval RINGBUF_FULL  The ring is lossless and has no room. */
RINGBUF_API int ringbuf_push(ringbuf_t *ring, const void *item);

/** Reserves room for samples that the caller writes in place.
 * No reader sees them before ringbuf_commit(). The oldest samples, which were in that place, can no longer be read. A
 * second reserve, or a put, drops the first reservation. Code that writes fewer than 16384 bytes with streaming
 * (non-temporal) stores of its own needs an SFENCE before the first and after the last of them.
 * @param      ring     The handle of the writer.
 * @param      count    The number of samples, from 1 to the capacity.
 * @param[out] samples  The place for `count` samples. It is contiguous; the pocket continues the ring's end.
 * @retval RINGBUF_FULL              The ring is lossless and has too little room.
 * @retval RINGBUF_NOT_CONTIGUOUS    The samples run over the ring's end by more than the pocket.
 * @retval RINGBUF_INVALID_ARGUMENT  count is 0 or more than the capacity. */
RINGBUF_API int ringbuf_reserve(ringbuf_t *ring, uint64_t count, void **samples);

/** Appends the first samples of the latest reservation, and ends it.
 * A put ends a reservation, too.
 * @param ring   The handle of the writer.
 * @param count  The number of samples. 0 gives the reservation up.
 * @retval RINGBUF_INVALID_ARGUMENT  count is more than was reserved, or nothing is reserved. */
RINGBUF_API int ringbuf_commit(ringbuf_t *ring, uint64_t count);

/** Gets how many samples fit now.
 * @param      ring   The handle of the writer.
 * @param[out] count  The number of samples: on a lossless ring the room that the slowest registered reader leaves, on an
 *                    overwriting ring the capacity. On a ring of messages: the bytes of the longest message that fits.
 * @return #RINGBUF_OK, or one of the codes that the group shares. */
RINGBUF_API int ringbuf_space(ringbuf_t *ring, uint64_t *count);

/** Waits until a number of samples fits, or on a ring of messages a message of that many bytes.
 * A deadlock is possible if a reader waits for a window so long that fewer than `count` samples of the capacity remain.
 * @param ring        The handle of the writer.
 * @param count       The number of samples, at most the capacity; or the bytes of the message.
 * @param timeout_ns  The longest wait in nanoseconds. 0 returns at once; negative waits without limit.
 * @retval RINGBUF_TIMEOUT           The time has passed.
 * @retval RINGBUF_INTERRUPTED       ringbuf_interrupt() ended the wait.
 * @retval RINGBUF_INVALID_ARGUMENT  count is more than the capacity, or than the longest message. */
RINGBUF_API int ringbuf_wait_space(ringbuf_t *ring, uint64_t count, int64_t timeout_ns);

/** Waits until at least a number of live readers is registered.
 * Call it, for example, before the first put on a lossless ring, which overwrites while it has no registered reader.
 * @param ring        The handle of the writer.
 * @param count       The number of readers, at most `max_readers` of the ring.
 * @param timeout_ns  The longest wait in nanoseconds. 0 returns at once; negative waits without limit.
 * @retval RINGBUF_TIMEOUT           The time has passed.
 * @retval RINGBUF_INTERRUPTED       ringbuf_interrupt() ended the wait.
 * @retval RINGBUF_INVALID_ARGUMENT  count is more than `max_readers` of the ring. */
RINGBUF_API int ringbuf_wait_readers(ringbuf_t *ring, uint32_t count, int64_t timeout_ns);

/** Replaces the metadata of the ring.
 * Metadata are for channel names, units and the like. They may be any bytes; docs/metadata.md describes the form that
 * the tools of ringbuf understand. A reader, or a writer that resumes after a crash, sees the old or the new metadata,
 * never a mixture.
 * @param ring   The handle of the writer.
 * @param bytes  The metadata.
 * @param size   Their size in bytes, at most `metadata_bytes` of the ring.
 * @retval RINGBUF_INVALID_ARGUMENT  The metadata are too long. */
RINGBUF_API int ringbuf_set_metadata(ringbuf_t *ring, const void *bytes, size_t size);

/** @} */

/** @defgroup reading_by_index Read by index
 * Readers and the writer may call these functions. None of them blocks, except ringbuf_wait() and ringbuf_wait_any().
 * @{ */

/** Checks whether samples can be read.
 * Call it after using a window: #RINGBUF_OK means that every byte read from the window was intact.
 *
 * Python: `RingBuffer.check_availablility`.
 * @param ring   The handle.
 * @param start  The index of the first sample.
 * @param end    The index after the last sample.
 * @retval RINGBUF_OVERWRITTEN  Some of the samples have been overwritten.
 * @retval RINGBUF_GAP          The writer has skipped some of the indices; see ringbuf_skip().
 * @retval RINGBUF_NOT_YET      Some of the samples have not been written yet.
 * @retval RINGBUF_BAD_INDEX    start is below first_index, or end is less than start.
 * @retval RINGBUF_STALE        The caller's memory has another ring. */
RINGBUF_API int ringbuf_check(ringbuf_t *ring, int64_t start, int64_t end);

/** Gets a window of samples in place.
 * The window is contiguous, also where it runs over the end of the ring. The writer continues meanwhile, so call
 * `ringbuf_check(ring, start, end)` after using the window.
 *
 * Python: `RingBuffer.get_data`.
 * @param      ring     The handle.
 * @param      start    The index of the first sample.
 * @param      end      The index after the last sample.
 * @param[out] samples  The samples: read only, valid until the handle is closed or reopened.
 * @retval RINGBUF_OVERWRITTEN     Some of the samples have been overwritten.
 * @retval RINGBUF_GAP             The writer has skipped some of the indices; see ringbuf_skip().
 * @retval RINGBUF_NOT_YET         Some of the samples have not been written yet.
 * @retval RINGBUF_BAD_INDEX       start is below first_index, or end is less than start.
 * @retval RINGBUF_NOT_CONTIGUOUS  The window runs over the end by more than the pocket. ringbuf_read() copies it.
 * @retval RINGBUF_STALE           The caller's memory has another ring. */
RINGBUF_API int ringbuf_view(ringbuf_t *ring, int64_t start, int64_t end, const void **samples);

/** Copies samples out of the ring, and checks them.
 * After any code other than #RINGBUF_OK the copy must not be used.
 * @param      ring     The handle.
 * @param      start    The index of the first sample.
 * @param      end      The index after the last sample; at most the capacity after start.
 * @param[out] samples  The destination, with room for end - start samples of `sample_bytes` each.
 * @retval RINGBUF_OVERWRITTEN  Some of the samples have been overwritten.
 * @retval RINGBUF_GAP          The writer has skipped some of the indices; see ringbuf_skip().
 * @retval RINGBUF_NOT_YET      Some of the samples have not been written yet.
 * @retval RINGBUF_BAD_INDEX    start is below first_index, or end is less than start.
 * @retval RINGBUF_STALE        The caller's memory has another ring. */
RINGBUF_API int ringbuf_read(ringbuf_t *ring, int64_t start, int64_t end, void *samples);

/** Waits until all samples before an index are written.
 * The thread sleeps meanwhile, so the wait takes next to no processor time.
 * @param ring        The handle.
 * @param end         The index after the last sample.
 * @param timeout_ns  The longest wait in nanoseconds. 0 returns at once; negative waits without limit.
 * @retval RINGBUF_TIMEOUT      The time has passed.
 * @retval RINGBUF_INTERRUPTED  ringbuf_interrupt() ended the wait.
 * @retval RINGBUF_CLOSED       The writer has ended the stream: the samples will never be written.
 * @retval RINGBUF_STALE        The writer died.
 * @retval RINGBUF_BAD_INDEX    end is below first_index. */
RINGBUF_API int ringbuf_wait(ringbuf_t *ring, int64_t end, int64_t timeout_ns);

/** Copies the metadata of the ring.
 * @param      ring   The handle.
 * @param[out] bytes  The destination. It may be NULL if room is 0.
 * @param      room   The size of the destination in bytes.
 * @param[out] size   The full size of the metadata in bytes, also when room is too small.
 * @retval RINGBUF_INVALID_ARGUMENT  room is too small. *size has the size needed.
 * @retval RINGBUF_CORRUPT           The metadata kept changing. */
RINGBUF_API int ringbuf_metadata(ringbuf_t *ring, void *bytes, size_t room, size_t *size);

/** Describes a ring and this handle.
 * @param         ring  The handle.
 * @param[in,out] info  The description. The caller sets `struct_size`. If that is larger than the library's struct, the
 *                      rest is zeroed.
 * @retval RINGBUF_INVALID_ARGUMENT  struct_size is smaller than the first version of the struct. */
RINGBUF_API int ringbuf_info(ringbuf_t *ring, ringbuf_info_t *info);

/** Visits the live registered readers of a ring.
 * Observers are not among them.
 * @param ring   The handle.
 * @param visit  Called as `visit(reader, user)` for each reader, until it returns non-zero. `reader` is valid during the
 *               call.
 * @param user   Passed on to visit.
 * @retval RINGBUF_STALE  The caller's memory has another ring. */
RINGBUF_API int ringbuf_readers(ringbuf_t *ring, int (*visit)(const ringbuf_reader_info_t *reader, void *user),
                                void *user);

/** @} */

/** @defgroup consuming_from_a_position Consume from a position
 * Only readers may call these functions. None of them blocks, except ringbuf_next() and ringbuf_next_copy(). An overrun
 * is reported once, as #RINGBUF_OVERWRITTEN. The position has then moved by the rule given at open, `lost` of
 * ringbuf_info() has grown by the number of samples missed, and the next call continues. A gap that the next window touches,
 * see ringbuf_skip(), is reported in the same way, and the position has moved to its end. A ring of messages has
 * ringbuf_receive() in place of the first four, which give #RINGBUF_UNSUPPORTED there. All of these functions share the return
 * values of the group.
 * @retval RINGBUF_READ_FORBIDDEN  The handle is the writer's.
 * @retval RINGBUF_FORKED          The handle belongs to the parent process.
 * @retval RINGBUF_CLOSED          This process is exiting and has closed the handle.
 * @{ */

/** Gets the next window of samples in place, and moves the position.
 * The call waits until the window is complete. On an overwriting ring call
 * `ringbuf_check(ring, *start, *start + window)` after using the window. On a lossless ring the window of a registered
 * reader stays intact until that reader next calls a function of this group.
 * @param      ring        The handle of the reader.
 * @param      window      The number of samples, from the position on. Up to `window` of the ring it is always contiguous.
 * @param      step        The number of samples to move the position by. It may be smaller than window.
 * @param      timeout_ns  The longest wait in nanoseconds. 0 returns at once; negative waits without limit.
 * @param[out] samples     The samples: read only, valid until the handle is closed or reopened.
 * @param[out] start       The index of the first sample.
 * @retval RINGBUF_TIMEOUT           The time has passed.
 * @retval RINGBUF_INTERRUPTED       ringbuf_interrupt() ended the wait.
 * @retval RINGBUF_OVERWRITTEN       An overrun: samples are lost and the position has moved.
 * @retval RINGBUF_CLOSED            The writer has ended the stream before the window was complete.
 * @retval RINGBUF_STALE             The writer died, or a newer ring has the name; see ringbuf_reopen().
 * @retval RINGBUF_NOT_CONTIGUOUS    window is longer than the ring's. The position stays; ringbuf_next_copy() copies it.
 * @retval RINGBUF_INVALID_ARGUMENT  window is 0 or more than the capacity, or step is more than 2^48, or step leads
 *                                   beyond the last index, 2^63 - 1. */
RINGBUF_API int ringbuf_next(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, const void **samples,
                             int64_t *start);

/** Copies the next window of samples, and moves the position if the copy is intact.
 * The call waits until the window is complete. The copy needs no check. On a lossless ring the writer may overwrite the
 * samples before the new position at once. After any code other than #RINGBUF_OK the copy must not be used.
 * @param      ring        The handle of the reader.
 * @param      window      The number of samples, from the position on, at most the capacity.
 * @param      step        The number of samples to move the position by. It may be smaller than window.
 * @param      timeout_ns  The longest wait in nanoseconds. 0 returns at once; negative waits without limit.
 * @param[out] samples     The destination, with room for `window` samples of `sample_bytes` each.
 * @param[out] start       The index of the first sample.
 * @retval RINGBUF_TIMEOUT           The time has passed.
 * @retval RINGBUF_INTERRUPTED       ringbuf_interrupt() ended the wait.
 * @retval RINGBUF_OVERWRITTEN       An overrun: samples are lost and the position has moved.
 * @retval RINGBUF_CLOSED            The writer has ended the stream before the window was complete.
 * @retval RINGBUF_STALE             The writer died, or a newer ring has the name; see ringbuf_reopen().
 * @retval RINGBUF_INVALID_ARGUMENT  window is 0 or more than the capacity, or step is more than 2^48, or step leads
 *                                   beyond the last index, 2^63 - 1. */
RINGBUF_API int ringbuf_next_copy(ringbuf_t *ring, uint64_t window, uint64_t step, int64_t timeout_ns, void *samples,
                                  int64_t *start);

/** Copies the next sample, and moves the position by one.
 *
 * Python: `SharedCircularBuffer.popitem`.
 * @param      ring  The handle of the reader.
 * @param[out] item  The destination, with room for `sample_bytes`.
 * @retval RINGBUF_EMPTY        There is no sample now.
 * @retval RINGBUF_OVERWRITTEN  An overrun: samples are lost and the position has moved.
 * @retval RINGBUF_CLOSED       There is no sample, and the writer has ended the stream.
 * @retval RINGBUF_STALE        There is no sample, and none can come: the writer died, or a newer ring has the name. */
RINGBUF_API int ringbuf_pop(ringbuf_t *ring, void *item);

/** Copies the samples that are there, up to a number, and moves the position past them.
 *
 * Python: `SharedCircularBuffer.popmany`.
 * @param      ring   The handle of the reader.
 * @param[out] items  The destination, with room for `max` samples of `sample_bytes` each.
 * @param      max    The largest number of samples.
 * @param[out] count  The number of samples copied; 0 with any code other than #RINGBUF_OK.
 * @retval RINGBUF_EMPTY        There is no sample now.
 * @retval RINGBUF_OVERWRITTEN  An overrun: samples are lost and the position has moved.
 * @retval RINGBUF_CLOSED       There is no sample, and the writer has ended the stream.
 * @retval RINGBUF_STALE        There is no sample, and none can come: the writer died, or a newer ring has the name. */
RINGBUF_API int ringbuf_pop_many(ringbuf_t *ring, void *items, uint64_t max, uint64_t *count);

/** Gets how many samples there are to consume.
 *
 * Python: `SharedCircularBuffer.usage`.
 * @param      ring   The handle of the reader.
 * @param[out] count  The samples between the position and the newest one, at most the capacity.
 * @return #RINGBUF_OK, or one of the codes that the group shares. */
RINGBUF_API int ringbuf_usage(ringbuf_t *ring, uint64_t *count);

/** Gets the position.
 * @param      ring      The handle of the reader.
 * @param[out] position  The index of the next sample.
 * @return #RINGBUF_OK, or one of the codes that the group shares. */
RINGBUF_API int ringbuf_tell(ringbuf_t *ring, int64_t *position);

/** Moves the position.
 * After any code other than #RINGBUF_OK the position stays. On a ring of messages the position must be one that
 * ringbuf_tell() can give: 24 bytes before the first byte of a message.
 * @param ring      The handle of the reader.
 * @param position  The index of a sample that can still be read, or of the next sample that will be written.
 * @retval RINGBUF_BAD_INDEX    position is below first_index, or no message starts 24 bytes after it.
 * @retval RINGBUF_OVERWRITTEN  The sample has been overwritten, or on a ring of messages the ones before it, from which its
 *                              place could be found.
 * @retval RINGBUF_CORRUPT      The messages before it are damaged.
 * @retval RINGBUF_GAP          The writer has skipped that index.
 * @retval RINGBUF_NOT_YET      The position is beyond the next sample.
 * @retval RINGBUF_STALE        The caller's memory has another ring. */
RINGBUF_API int ringbuf_seek(ringbuf_t *ring, int64_t position);

/** @} */

/** @defgroup messages Messages
 * A ring that is created with #RINGBUF_MESSAGES holds messages of any length up to `window` of its options, for events beside
 * the samples of another ring. It is a ring of bytes in which each message is a record: 24 bytes of header, the bytes of the
 * message, and zeros up to a multiple of 8. All functions but ringbuf_put(), ringbuf_push(), ringbuf_reserve(),
 * ringbuf_commit(), ringbuf_next(), ringbuf_next_copy(), ringbuf_pop() and ringbuf_pop_many() work there, with bytes for
 * samples. Positions are those of records, always: a reader that was overrun continues at the beginning of one. `lost` of
 * ringbuf_info() counts bytes.
 *
 * ringbuf_send() and ringbuf_send_event() are the writer's, ringbuf_receive() is a reader's, as in the groups above, with the
 * same codes for all others. ringbuf_message() is for both. Only ringbuf_receive() blocks. All of them share the return values
 * of the group.
 * @retval RINGBUF_UNSUPPORTED  The ring holds samples: it was created without #RINGBUF_MESSAGES.
 * @retval RINGBUF_FORKED       The handle belongs to the parent process (not ringbuf_message()).
 * @retval RINGBUF_CLOSED       This process is exiting and has closed the handle (not ringbuf_message()).
 * @{ */

/** Sends a message.
 * @param ring   The handle of the writer.
 * @param bytes  The message. It must not lie in this ring. NULL is fine if size is 0.
 * @param size   Its size in bytes. 0 is fine.
 * @retval RINGBUF_WRITE_FORBIDDEN   The handle is a reader's.
 * @retval RINGBUF_FULL              The ring is lossless and has too little room. Nothing is stored.
 * @retval RINGBUF_INVALID_ARGUMENT  size is more than the longest message, or too few indices are left. */
RINGBUF_API int ringbuf_send(ringbuf_t *ring, const void *bytes, size_t size);

/** Sends a message with a kind and a tag.
 * They are stored with the message, and mean what the programs that use the ring like.
 * @param ring   The handle of the writer.
 * @param kind   Less than 2^31. ringbuf_send() sends kind 0.
 * @param tag    Any number; by convention the index of the sample, in the ring that the metadata name as `"beside"`, to which
 *               the message belongs. ringbuf_send() sends tag 0.
 * @param bytes  The message, as for ringbuf_send().
 * @param size   Its size in bytes.
 * @retval RINGBUF_WRITE_FORBIDDEN   The handle is a reader's.
 * @retval RINGBUF_FULL              The ring is lossless and has too little room. Nothing is stored.
 * @retval RINGBUF_INVALID_ARGUMENT  size is more than the longest message, or kind is 2^31 or more, or too few indices are
 *                                   left. */
RINGBUF_API int ringbuf_send_event(ringbuf_t *ring, uint32_t kind, int64_t tag, const void *bytes, size_t size);

/** Gets the next message in place, and moves the position past it.
 * The call waits for the message. On an overwriting ring call `ringbuf_check(ring, *start, *start + size)` after using it. On
 * a lossless ring the message of a registered reader stays intact until that reader next calls this function or
 * ringbuf_seek().
 * @param      ring        The handle of the reader.
 * @param      timeout_ns  The longest wait in nanoseconds. 0 returns at once; negative waits without limit.
 * @param[out] bytes       The message: contiguous, read only, valid until the handle is closed or reopened. Its address is a
 *                         multiple of 8.
 * @param[out] size        Its size in bytes.
 * @param[out] start       The index of its first byte, for ringbuf_check() and ringbuf_message().
 * @retval RINGBUF_READ_FORBIDDEN  The handle is the writer's.
 * @retval RINGBUF_TIMEOUT         The time has passed.
 * @retval RINGBUF_INTERRUPTED     ringbuf_interrupt() ended the wait.
 * @retval RINGBUF_OVERWRITTEN     An overrun, or a gap: messages are lost and the position has moved to another one.
 * @retval RINGBUF_CLOSED          The writer has ended the stream, and all messages have been received.
 * @retval RINGBUF_STALE           The writer died, or a newer ring has the name; see ringbuf_reopen().
 * @retval RINGBUF_CORRUPT         What is there cannot be a message: something has damaged the ring. The position stays.
 *                                 ringbuf_seek() to `written` of ringbuf_info() continues after it. */
RINGBUF_API int ringbuf_receive(ringbuf_t *ring, int64_t timeout_ns, const void **bytes, size_t *size, int64_t *start);

/** Describes a message: its kind, tag, size and time.
 * For the message that was received last it takes few instructions. For any other one it looks at those before it, since no
 * index is taken for a message that is none.
 * @param         ring     The handle, of a reader or of the writer.
 * @param         start    The index of the first byte of a message.
 * @param[in,out] message  The description. The caller sets `struct_size`. If that is larger than the library's struct, the
 *                         rest is zeroed.
 * @retval RINGBUF_OVERWRITTEN       The message has been overwritten, or the ones before it, from which its place could be
 *                                   found.
 * @retval RINGBUF_GAP               The writer has skipped that index.
 * @retval RINGBUF_NOT_YET           That index has not been written yet.
 * @retval RINGBUF_BAD_INDEX         No message starts there.
 * @retval RINGBUF_CORRUPT           The message, or one before it, is damaged.
 * @retval RINGBUF_STALE             The caller's memory has another ring.
 * @retval RINGBUF_INVALID_ARGUMENT  struct_size is smaller than the first version of the struct. */
RINGBUF_API int ringbuf_message(ringbuf_t *ring, int64_t start, ringbuf_message_t *message);

/** @} */

/** @defgroup times_and_gaps Times and gaps
 * ringbuf_stamp() and ringbuf_skip() are the writer's. Readers and the writer may call the others. None of them blocks. A ring
 * of messages has its times in the messages.
 * @{ */

/** Gets when a sample was put, or taken, if the writer stamps its samples; see ringbuf_stamp().
 * The ring keeps 256 times over all samples that it holds, and the pauses between them. Between two such times the time grows
 * evenly, but never across a pause. So the result is right to within the time between two puts, if the writer does not pause
 * more often than 250 times while it writes the whole ring. A larger index never has an earlier time on the monotonic clock.
 * @param      ring          The handle.
 * @param      index         The index of the sample. It may lie in a gap.
 * @param[out] monotonic_ns  The time on the machine's monotonic clock. It may be NULL, if realtime_ns is not.
 * @param[out] realtime_ns   The time since 1970-01-01 UTC. It may be NULL, if monotonic_ns is not.
 * @retval RINGBUF_BAD_INDEX    index is below first_index.
 * @retval RINGBUF_NOT_YET      The sample is not written yet, or no time is known.
 * @retval RINGBUF_OVERWRITTEN  The sample has been overwritten.
 * @retval RINGBUF_STALE        The caller's memory has another ring.
 * @retval RINGBUF_UNSUPPORTED  The ring holds messages, which have their times with them. */
RINGBUF_API int ringbuf_time_at(ringbuf_t *ring, int64_t index, int64_t *monotonic_ns, int64_t *realtime_ns);

/** Finds the first sample that was put, or taken, at a time or after it.
 * @param      ring     The handle.
 * @param      clock    Enum #ringbuf_clock: of time_ns.
 * @param      time_ns  The time.
 * @param[out] index    The index of that sample; set with #RINGBUF_OK, #RINGBUF_NOT_YET and #RINGBUF_OVERWRITTEN.
 * @retval RINGBUF_NOT_YET           All samples are earlier. *index is the index of the next one.
 * @retval RINGBUF_OVERWRITTEN       The oldest sample that is left is later, and *index is its index. If the ring has
 *                                   overwritten nothing, that is #RINGBUF_OK.
 * @retval RINGBUF_INVALID_ARGUMENT  There is no such clock.
 * @retval RINGBUF_STALE             The caller's memory has another ring.
 * @retval RINGBUF_UNSUPPORTED       The ring holds messages, which have their times with them. */
RINGBUF_API int ringbuf_index_at(ringbuf_t *ring, uint32_t clock, int64_t time_ns, int64_t *index);

/** Says when a sample was taken.
 * For a writer whose device has a better clock than the time at which its samples were put. From the first stamp of a handle
 * on, the times of its puts count no more. A sample with a stamp has exactly that time; between stamps the time grows evenly.
 * A pause is stamped twice: at the last sample before it and at the first one after it.
 * @param ring          The handle of the writer.
 * @param index         The index of the sample, higher than that of the stamp before.
 * @param monotonic_ns  The time on the machine's monotonic clock, not before that of the stamp before.
 * @param realtime_ns   The time since 1970-01-01 UTC. 0: as far from monotonic_ns as the two clocks are apart now.
 * @retval RINGBUF_WRITE_FORBIDDEN   The handle is a reader's.
 * @retval RINGBUF_FORKED            The handle belongs to the parent process.
 * @retval RINGBUF_CLOSED            This process is exiting and has closed the handle.
 * @retval RINGBUF_BAD_INDEX         index is below first_index, or not after the stamp before, or not written yet.
 * @retval RINGBUF_INVALID_ARGUMENT  monotonic_ns is before that of the last stamp, or one of the two is out of range: 0
 *                                   to 2^61, and to 2^62.
 * @retval RINGBUF_UNSUPPORTED       The ring holds messages, which have their times with them. */
RINGBUF_API int ringbuf_stamp(ringbuf_t *ring, int64_t index, int64_t monotonic_ns, int64_t realtime_ns);

/** Leaves out indices: a gap.
 * The next sample gets an index `count` further on: for samples that were lost before they came here, in a copy of another
 * ring or in a recording that is replayed. The samples before the gap stay readable, as long as if samples had been put.
 * Indices of the gap give #RINGBUF_GAP. A reader that consumes is told once, by #RINGBUF_OVERWRITTEN, and continues after
 * the gap. The call drops a reservation. A ring holds the newest 62 gaps; before an older one nothing can be read.
 * @param ring   The handle of the writer.
 * @param count  The number of indices. 0 is fine.
 * @retval RINGBUF_WRITE_FORBIDDEN   The handle is a reader's.
 * @retval RINGBUF_FORKED            The handle belongs to the parent process.
 * @retval RINGBUF_CLOSED            This process is exiting and has closed the handle.
 * @retval RINGBUF_FULL              The ring is lossless, and a registered reader still needs samples that would be more than
 *                                   the capacity before the next index, or older than 62 gaps. Nothing is changed.
 *                                   ringbuf_wait_space() for `count` samples, at most the capacity, waits for it.
 * @retval RINGBUF_INVALID_ARGUMENT  Too few indices are left; or the ring is of messages and count is no multiple of 8. */
RINGBUF_API int ringbuf_skip(ringbuf_t *ring, uint64_t count);

/** Visits the gaps among the samples that the ring holds, from the oldest to the newest.
 * @param ring   The handle.
 * @param visit  Called as `visit(start, end, user)` for each gap, until it returns non-zero. The writer has skipped the
 *               indices from start to before end.
 * @param user   Passed on to visit.
 * @retval RINGBUF_STALE  The caller's memory has another ring. */
RINGBUF_API int ringbuf_gaps(ringbuf_t *ring, int (*visit)(int64_t start, int64_t end, void *user), void *user);

/** @} */

/** @defgroup waiting Wait for several rings, in event loops
 * ringbuf_wait_any() and ringbuf_interrupt() take any handle, the other two a reader's. Only ringbuf_wait_any() blocks. A
 * program that waits for other things as well asks for a descriptor once, by ringbuf_poll_fd(), and gives it to its event loop:
 * poll, epoll, libuv, asyncio, GLib, Qt. It arms the descriptor before each wait, by ringbuf_poll_arm(). Windows has no such
 * descriptor yet.
 * @{ */

/** Waits for the first of several rings.
 * The call waits until one of the rings has all samples before its end, or never will have. If several do, it answers for
 * the first of them in the array. The handles may be of readers and writers, and belong to this thread during the call. A
 * ring may occur more than once.
 *
 * On Linux the thread sleeps on up to 128 rings at once (since 5.16). With more rings it looks at all of them every 2 ms;
 * on other systems, and where a sandbox refuses `futex_waitv`, every millisecond.
 * @param      rings       The handles of the rings.
 * @param      ends        For each ring the index after the last sample.
 * @param      count       The number of rings, 1 to 65536.
 * @param      timeout_ns  The longest wait in nanoseconds. 0 returns at once; negative waits without limit.
 * @param[out] which       The position in the array of the ring that the result belongs to. It is set with #RINGBUF_OK,
 *                         #RINGBUF_CLOSED, #RINGBUF_STALE and #RINGBUF_INTERRUPTED.
 * @retval RINGBUF_TIMEOUT           The time has passed.
 * @retval RINGBUF_INTERRUPTED       ringbuf_interrupt() was called for one of the rings.
 * @retval RINGBUF_CLOSED            The writer has ended the stream: the samples will never be written.
 * @retval RINGBUF_STALE             The writer died.
 * @retval RINGBUF_BAD_INDEX         An end is below the first_index of its ring.
 * @retval RINGBUF_NOT_INITIALIZED   A handle is NULL. ringbuf_last_error() says which.
 * @retval RINGBUF_INVALID_ARGUMENT  count is 0 or more than 65536, or a pointer is NULL. */
RINGBUF_API int ringbuf_wait_any(ringbuf_t *const *rings, const int64_t *ends, size_t count, int64_t timeout_ns,
                                 size_t *which);

/** Ends a wait of another thread.
 * The blocking call that sleeps on this handle returns #RINGBUF_INTERRUPTED and changes nothing. If none sleeps, the next
 * call that would sleep does so. A call that finds what it waits for, or has a timeout of 0, takes no notice. Any thread
 * and any signal handler may call this function; it preserves errno. It must not overlap ringbuf_close() of the handle.
 * On systems other than Linux, and in ringbuf_reopen(), the sleeper may take up to 50 ms to notice.
 * @param ring  The handle.
 * @return #RINGBUF_OK, unless the handle is NULL. */
RINGBUF_API int ringbuf_interrupt(ringbuf_t *ring);

/** Gets a descriptor that becomes readable when samples come.
 * It is made at the first call and stays the same until the handle is closed, also over ringbuf_reopen(). It is the
 * handle's: the caller may wait for it, read from it and duplicate it, but not close it. Until ringbuf_poll_arm() is called
 * it is not readable. A child that is forked does not have it.
 *
 * A thread of the library waits for the rings; it receives no signals. There is one for every 127 rings. The writer does
 * for it what it does for any reader that waits.
 * @param      ring  The handle of the reader.
 * @param[out] fd    The descriptor: one end of a pair of sockets. It is closed when the handle is closed.
 * @retval RINGBUF_UNSUPPORTED  The handle is the writer's, or the system has no such descriptor.
 * @retval RINGBUF_FORKED       The handle belongs to the parent process.
 * @retval RINGBUF_CLOSED       This process is exiting and has closed the handle.
 * @retval RINGBUF_NO_MEMORY  This process is out of memory.
 * @retval RINGBUF_SYSTEM     The process has no descriptor or no thread left; ringbuf_last_error() has the reason. */
RINGBUF_API int ringbuf_poll_fd(ringbuf_t *ring, intptr_t *fd);

/** Makes the descriptor readable as soon as samples are there.
 * It becomes readable when all samples before `end` are written, or never will be: the writer has ended the stream, or has
 * died, which is noticed within 100 ms. It stays so until it is armed again, or until the byte in it is read. It may be
 * readable without a reason: ask ringbuf_wait(), ringbuf_next() or ringbuf_pop_many() with a timeout of 0, and arm it again.
 * After ringbuf_reopen() it has to be armed again.
 * @param ring  The handle of the reader, which has a descriptor.
 * @param end   The index after the last sample, for example the position plus the window.
 * @retval RINGBUF_UNSUPPORTED       The handle is the writer's.
 * @retval RINGBUF_FORKED            The handle belongs to the parent process.
 * @retval RINGBUF_CLOSED            This process is exiting and has closed the handle.
 * @retval RINGBUF_INVALID_ARGUMENT  ringbuf_poll_fd() has not been called for this handle.
 * @retval RINGBUF_BAD_INDEX         end is below first_index. */
RINGBUF_API int ringbuf_poll_arm(ringbuf_t *ring, int64_t end);

/** @} */

/** @defgroup sharing Share without a name
 * Any thread may call these functions. None of them waits for long. A ring can lie in memory of the caller, or be handed to
 * another process as a descriptor.
 * @{ */

/** Creates a ring in the caller's memory and becomes its writer.
 * @param[out] ring     The handle of the writer.
 * @param      raw      The memory. Its address is a multiple of 8. It must outlive all handles of the ring.
 * @param      bytes    The size of the memory in bytes, at least that of ringbuf_size().
 * @param      options  The options of the ring.
 * @retval RINGBUF_INVALID_ARGUMENT  The memory or an option is not acceptable.
 * @retval RINGBUF_EXISTS            A live ring is in that memory.
 * @retval RINGBUF_NO_MEMORY         This process is out of memory. */
RINGBUF_API int ringbuf_create_raw(ringbuf_t **ring, void *raw, size_t bytes, const ringbuf_options_t *options);

/** Opens a ring in the caller's memory, as a reader or as its writer.
 * A reader with #RINGBUF_OBSERVER writes nothing there, so read-only memory is enough.
 *
 * Python: `RingBuffer.initialize_from_raw`.
 * @param[out] ring   The handle.
 * @param      raw    The memory.
 * @param      bytes  The size of the memory in bytes.
 * @param      flags  For a reader, flags as for ringbuf_open(). #RINGBUF_AS_WRITER, alone, for the writer.
 * @retval RINGBUF_NOT_INITIALIZED   There is no ring in that memory yet.
 * @retval RINGBUF_INVALID_ARGUMENT  The memory or the flags are not acceptable.
 * @retval RINGBUF_BUSY              Another writer lives.
 * @retval RINGBUF_CORRUPT           The memory is not a sound ring.
 * @retval RINGBUF_VERSION_MISMATCH  The ring has another layout version.
 * @retval RINGBUF_TOO_MANY_READERS  The ring is lossless and every reader slot is in use.
 * @retval RINGBUF_NO_MEMORY         This process is out of memory. */
RINGBUF_API int ringbuf_open_raw(ringbuf_t **ring, void *raw, size_t bytes, uint32_t flags);

/** Gets the memory of a ring, as this handle maps it.
 *
 * Python: `RingBuffer.raw`.
 * @param      ring   The handle.
 * @param[out] raw    The start of the whole ring. It is valid until the handle is closed or reopened.
 * @param[out] bytes  The size of the ring in bytes.
 * @return #RINGBUF_OK, unless a pointer is NULL. */
RINGBUF_API int ringbuf_raw(const ringbuf_t *ring, void **raw, size_t *bytes);

/** Gets a descriptor of a ring's memory, to pass it to another process.
 * @param      ring  The handle.
 * @param[out] fd    The descriptor (on Windows a handle). It is closed when the ring's handle is closed or reopened.
 * @retval RINGBUF_UNSUPPORTED  The ring is in the caller's memory, which has no descriptor.
 * @retval RINGBUF_PERMISSION   The system does not allow it.
 * @retval RINGBUF_SYSTEM       The system reported an error. */
RINGBUF_API int ringbuf_fd(const ringbuf_t *ring, intptr_t *fd);

/** Opens a ring by a descriptor, as a reader or as its writer.
 * @param[out] ring   The handle.
 * @param      fd     The descriptor of the ring's memory, from ringbuf_fd(). The caller keeps it.
 * @param      flags  For a reader, flags as for ringbuf_open(). #RINGBUF_AS_WRITER, alone, for the writer, as in
 *                    ringbuf_resume().
 * @retval RINGBUF_INVALID_ARGUMENT  The descriptor or the flags are not acceptable.
 * @retval RINGBUF_BUSY              Another writer lives.
 * @retval RINGBUF_NOT_INITIALIZED   There is no ring in that memory yet.
 * @retval RINGBUF_CORRUPT           The file is not a sound ring.
 * @retval RINGBUF_VERSION_MISMATCH  The ring has another layout version.
 * @retval RINGBUF_TOO_MANY_READERS  The ring is lossless and every reader slot is in use.
 * @retval RINGBUF_UNSUPPORTED       The ring was created for pages smaller than this system's.
 * @retval RINGBUF_NO_SPACE          Pages of the ring are missing, as for ringbuf_resume().
 * @retval RINGBUF_NO_MEMORY         This process is out of memory or address space.
 * @retval RINGBUF_PERMISSION        The system does not allow it.
 * @retval RINGBUF_SYSTEM            The system reported an error. */
RINGBUF_API int ringbuf_open_fd(ringbuf_t **ring, intptr_t fd, uint32_t flags);

/** @} */

/** @defgroup around List, errors, types, version
 * Any thread may call these functions. They need no handle, and none of them blocks.
 * @{ */

/** Visits all rings of this machine that this process may read, dead ones included.
 * @param visit  Called as `visit(name, info, user)` for each ring, until it returns non-zero. `name` and `info` are valid
 *               during the call.
 * @param user   Passed on to visit.
 * @retval RINGBUF_SYSTEM     The system reported an error.
 * @retval RINGBUF_NO_MEMORY  This process is out of memory or address space; some rings were not visited. */
RINGBUF_API int ringbuf_list(int (*visit)(const char *name, const ringbuf_info_t *info, void *user), void *user);

/** Describes a code in words.
 * @param code  A code of enum #ringbuf_code, or any other int.
 * @return Static text, never NULL. */
RINGBUF_API const char *ringbuf_strerror(int code);

/** Names a code, for example "RINGBUF_OK".
 * @param code  A code of enum #ringbuf_code, or any other int.
 * @return Static text, never NULL. */
RINGBUF_API const char *ringbuf_error_name(int code);

/** Describes the last failure on this thread in words.
 * The text names the argument, its value and the value expected.
 * @return The text, never NULL. It is valid until the next call on this thread. */
RINGBUF_API const char *ringbuf_last_error(void);

/** Finds a data type by its name.
 *
 * Python: `datatypes.get_code`.
 * @param      name  "float32", "int16" and so on.
 * @param[out] code  The type, of enum #ringbuf_data_type.
 * @retval RINGBUF_INCOMPATIBLE  No data type has that name. */
RINGBUF_API int ringbuf_type_code(const char *name, uint32_t *code);

/** Names a data type.
 *
 * Python: `datatypes.get_type`.
 * @param code  The type, of enum #ringbuf_data_type.
 * @return Static text; NULL if there is no such type. */
RINGBUF_API const char *ringbuf_type_name(uint32_t code);

/** Gets the size of an element of a data type.
 * @param code  The type, of enum #ringbuf_data_type.
 * @return The size in bytes. 0 for #RINGBUF_BYTES, whose size each ring chooses, and if there is no such type. */
RINGBUF_API size_t ringbuf_type_size(uint32_t code);

/** Gets the version of the library that runs.
 * @return Static text: "MAJOR.MINOR.PATCH". */
RINGBUF_API const char *ringbuf_version(void);

/** @} */

#ifdef __cplusplus
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif

#endif
