/* LATEST + WRITTEN: puts of one sample, each also beside the counter; the writer dies at step CRASH, another one goes on with
   other samples. A reader copies the newest sample from there.
   Mutants: M_NO_REL_FENCE M_NO_ACQ_FENCE M_PUBLISH_RLX M_OBSERVE_RLX M_LATEST_LATE M_NO_RESET */
#include "common.h"
#ifndef N
#define N 2
#endif
#ifndef CRASH
#define CRASH 1000
#endif
atomic_int written, latest, bytes[2];
#define STEP \
  if (step++ == crash) return
static void run(int crash, int count, int base) {
  int step = 0, w = LD(written, RLX);
  (void)step;
#ifndef M_NO_RESET
  STEP;
  ST(latest, 0, RLX);
#endif
  for (int i = w + 1; i <= w + count; i++) {
#ifndef M_LATEST_LATE
    STEP;
    ST(latest, i, RLX);
#endif
#ifndef M_NO_REL_FENCE
    FENCE(REL);
#endif
    STEP;
    ST(bytes[0], base + i, RLX);
    STEP;
    ST(bytes[1], base + i, RLX);
#ifdef M_LATEST_LATE
    STEP;
    ST(latest, i, RLX);
#endif
    STEP;
#ifdef M_PUBLISH_RLX
    ST(written, i, RLX);
#else
    ST(written, i, REL);
#endif
  }
}
/* The samples of the second writer after a death are not put beside the counter. */
static void other(int count) {
  int w = LD(written, RLX);
#ifndef M_NO_RESET
  ST(latest, 0, RLX);
#endif
  for (int i = w + 1; i <= w + count; i++) ST(written, i, REL);
}
void *writer(void *a) {
  run(CRASH, N, 10);
#if CRASH < 1000
  other(N); /* it holds the lock that the first one released */
#endif
  return 0;
}
void *reader(void *a) {
#ifdef M_OBSERVE_RLX
  int w = LD(written, RLX);
#else
  int w = LD(written, ACQ);
#endif
  if (w == 0) return 0;
  int x = LD(bytes[0], RLX), y = LD(bytes[1], RLX);
#ifndef M_NO_ACQ_FENCE
  FENCE(ACQ);
#endif
  if (LD(latest, RLX) == w) assert(x == 10 + w && y == 10 + w);
  return 0;
}
int main() {
  pthread_t w, r;
  pthread_create(&w, 0, writer, 0);
  pthread_create(&r, 0, reader, 0);
  pthread_join(w, 0);
  pthread_join(r, 0);
  return 0;
}
