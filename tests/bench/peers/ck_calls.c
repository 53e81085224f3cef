#include "ck_calls.h"

#include <ck_ring.h>

size_t bench_ck_ring_bytes(void) { return sizeof(struct ck_ring); }
void bench_ck_init(struct ck_ring *ring, unsigned capacity) { ck_ring_init(ring, capacity); }

/* The casts are for its parameters, which are not const. */
#define CALLS(bytes)                                                                                           \
  struct slot_##bytes {                                                                                        \
    char data[bytes];                                                                                          \
  };                                                                                                           \
  CK_RING_PROTOTYPE(slot_##bytes, slot_##bytes)                                                                \
  bool bench_ck_enqueue_##bytes(struct ck_ring *ring, void *slots, const void *from) {                         \
    return ck_ring_enqueue_spsc_slot_##bytes(ring, (struct slot_##bytes *)slots, (struct slot_##bytes *)from); \
  }                                                                                                            \
  bool bench_ck_dequeue_##bytes(struct ck_ring *ring, void *slots, void *to) {                                 \
    return ck_ring_dequeue_spsc_slot_##bytes(ring, (struct slot_##bytes *)slots, (struct slot_##bytes *)to);   \
  }
CALLS(2)
CALLS(8)
CALLS(64)
CALLS(256)
CALLS(8192)
