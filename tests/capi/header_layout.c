/* The header, included first and alone, in each dialect of C and C++; and the layout of its structs, on which programs
 * that were built long ago rely. Compiled only. */
#include "ringbuf.h"
#include "ringbuf.h" /* twice is fine */

#ifdef __cplusplus
#define CHECK(condition) static_assert(condition, #condition)
#else
#define CHECK(condition) _Static_assert(condition, #condition)
#endif
#define AT(type, field, offset) CHECK(offsetof(type, field) == (offset))

CHECK(sizeof(ringbuf_options_t) == 64);
AT(ringbuf_options_t, struct_size, 0);
AT(ringbuf_options_t, data_type, 4);
AT(ringbuf_options_t, channels, 8);
AT(ringbuf_options_t, item_size, 12);
AT(ringbuf_options_t, capacity, 16);
AT(ringbuf_options_t, window, 24);
AT(ringbuf_options_t, flags, 32);
AT(ringbuf_options_t, max_readers, 36);
AT(ringbuf_options_t, mode, 40);
AT(ringbuf_options_t, metadata_bytes, 44);
AT(ringbuf_options_t, sample_rate, 48);
AT(ringbuf_options_t, first_index, 56);

CHECK(sizeof(ringbuf_info_t) == 216);
AT(ringbuf_info_t, struct_size, 0);
AT(ringbuf_info_t, data_type, 4);
AT(ringbuf_info_t, channels, 8);
AT(ringbuf_info_t, item_size, 12);
AT(ringbuf_info_t, sample_bytes, 16);
AT(ringbuf_info_t, capacity, 24);
AT(ringbuf_info_t, window, 32);
AT(ringbuf_info_t, buf_size_bytes, 40);
AT(ringbuf_info_t, pocket_size_bytes, 48);
AT(ringbuf_info_t, written, 56);
AT(ringbuf_info_t, oldest, 64);
AT(ringbuf_info_t, write_ptr, 72);
AT(ringbuf_info_t, flags, 80);
AT(ringbuf_info_t, state, 84);
AT(ringbuf_info_t, readers, 88);
AT(ringbuf_info_t, max_readers, 92);
AT(ringbuf_info_t, sample_rate, 96);
AT(ringbuf_info_t, position, 104);
AT(ringbuf_info_t, overruns, 112);
AT(ringbuf_info_t, lost, 120);
AT(ringbuf_info_t, anchor_index, 128);
AT(ringbuf_info_t, anchor_monotonic_ns, 136);
AT(ringbuf_info_t, anchor_realtime_ns, 144);
AT(ringbuf_info_t, generation, 152);
AT(ringbuf_info_t, total_bytes, 160);
AT(ringbuf_info_t, writer_pid, 168);
AT(ringbuf_info_t, reserved, 172);
AT(ringbuf_info_t, data_offset, 176);
AT(ringbuf_info_t, first_index, 184);
AT(ringbuf_info_t, created_realtime_ns, 192);
AT(ringbuf_info_t, ring_id, 200);

CHECK(sizeof(ringbuf_reader_info_t) == 48);
AT(ringbuf_reader_info_t, struct_size, 0);
AT(ringbuf_reader_info_t, process_id, 4);
AT(ringbuf_reader_info_t, position, 8);
AT(ringbuf_reader_info_t, lag, 16);
AT(ringbuf_reader_info_t, lost, 24);
AT(ringbuf_reader_info_t, overruns, 32);
AT(ringbuf_reader_info_t, holds_back, 40);
AT(ringbuf_reader_info_t, reserved, 44);

CHECK(sizeof(ringbuf_message_t) == 40);
AT(ringbuf_message_t, struct_size, 0);
AT(ringbuf_message_t, kind, 4);
AT(ringbuf_message_t, size, 8);
AT(ringbuf_message_t, start, 16);
AT(ringbuf_message_t, tag, 24);
AT(ringbuf_message_t, monotonic_ns, 32);

CHECK(RINGBUF_OK == 0 && RINGBUF_NOT_INITIALIZED == 1 && RINGBUF_OVERWRITTEN == 2 && RINGBUF_NOT_YET == 3);
CHECK(RINGBUF_INCOMPATIBLE == 4 && RINGBUF_BAD_INDEX == 5 && RINGBUF_INVALID_ARGUMENT == 6 && RINGBUF_EXISTS == 7);
CHECK(RINGBUF_NOT_FOUND == 8 && RINGBUF_WRITE_FORBIDDEN == 9 && RINGBUF_READ_FORBIDDEN == 10 && RINGBUF_BUSY == 11);
CHECK(RINGBUF_FULL == 12 && RINGBUF_EMPTY == 13 && RINGBUF_TIMEOUT == 14 && RINGBUF_CLOSED == 15);
CHECK(RINGBUF_STALE == 16 && RINGBUF_NOT_CONTIGUOUS == 17 && RINGBUF_CORRUPT == 18);
CHECK(RINGBUF_VERSION_MISMATCH == 19 && RINGBUF_NO_SPACE == 20 && RINGBUF_NO_MEMORY == 21);
CHECK(RINGBUF_PERMISSION == 22 && RINGBUF_TOO_MANY_READERS == 23 && RINGBUF_UNSUPPORTED == 24);
CHECK(RINGBUF_FORKED == 25 && RINGBUF_SYSTEM == 26 && RINGBUF_INTERRUPTED == 27);

CHECK(RINGBUF_FLOAT32 == 0 && RINGBUF_INT16 == 1 && RINGBUF_FLOAT64 == 2 && RINGBUF_INT8 == 3 && RINGBUF_UINT8 == 4);
CHECK(RINGBUF_UINT16 == 5 && RINGBUF_INT32 == 6 && RINGBUF_UINT32 == 7 && RINGBUF_INT64 == 8 && RINGBUF_UINT64 == 9);
CHECK(RINGBUF_FLOAT16 == 10 && RINGBUF_COMPLEX64 == 11 && RINGBUF_COMPLEX128 == 12 && RINGBUF_BYTES == 255);
CHECK(RINGBUF_LOSSLESS == 1 && RINGBUF_KEEP == 2 && RINGBUF_MESSAGES == 4);
CHECK(RINGBUF_FROM_OLDEST == 0 && RINGBUF_FROM_NEWEST == 1 && RINGBUF_OBSERVER == 2 && RINGBUF_RESYNC_MIDDLE == 0);
CHECK(RINGBUF_RESYNC_NEWEST == 4 && RINGBUF_RESYNC_LAP == 8 && RINGBUF_RESYNC_OLDEST == 12);
CHECK(RINGBUF_AS_WRITER == 16 && RINGBUF_LAZY == 32 && RINGBUF_ANY_SHAPE == 64);
CHECK(RINGBUF_STATE_LIVE == 1 && RINGBUF_STATE_CLOSED == 2 && RINGBUF_STATE_SUPERSEDED == 3 && RINGBUF_STATE_DEAD == 4);
