/* Concurrency Kit's ring for slots of the sizes that the rows need. Its header is C and no C++, so that each of these is a
 * call, as the functions of a library are. */
#ifndef RINGBUF_BENCH_CK_CALLS_H
#define RINGBUF_BENCH_CK_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ck_ring;

size_t bench_ck_ring_bytes(void);
void bench_ck_init(struct ck_ring *ring, unsigned capacity);

#define RINGBUF_BENCH_CK_CALLS(bytes)                                                 \
  bool bench_ck_enqueue_##bytes(struct ck_ring *ring, void *slots, const void *from); \
  bool bench_ck_dequeue_##bytes(struct ck_ring *ring, void *slots, void *to);
RINGBUF_BENCH_CK_CALLS(2)
RINGBUF_BENCH_CK_CALLS(8)
RINGBUF_BENCH_CK_CALLS(64)
RINGBUF_BENCH_CK_CALLS(256)
RINGBUF_BENCH_CK_CALLS(8192)
#undef RINGBUF_BENCH_CK_CALLS

#ifdef __cplusplus
}
#endif

#endif
