package ringbuf

/*
#include <ringbuf.h>
#include <stdlib.h>

extern void ringbufGoRing(char *name, ringbuf_info_t *info, uintptr_t list);
extern void ringbufGoGap(int64_t start, int64_t end, uintptr_t list);
extern void ringbufGoReader(ringbuf_reader_info_t *reader, uintptr_t list);

static int visit_ring(const char *name, const ringbuf_info_t *info, void *list) {
  ringbufGoRing((char *)name, (ringbuf_info_t *)info, (uintptr_t)list);
  return 0;
}
static int visit_gap(int64_t start, int64_t end, void *list) {
  ringbufGoGap(start, end, (uintptr_t)list);
  return 0;
}
static int visit_reader(const ringbuf_reader_info_t *reader, void *list) {
  ringbufGoReader((ringbuf_reader_info_t *)reader, (uintptr_t)list);
  return 0;
}
static int list_rings(uintptr_t list) { return ringbuf_list(visit_ring, (void *)list); }
static int list_gaps(ringbuf_t *ring, uintptr_t list) { return ringbuf_gaps(ring, visit_gap, (void *)list); }
static int list_readers(ringbuf_t *ring, uintptr_t list) { return ringbuf_readers(ring, visit_reader, (void *)list); }
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// List describes all rings of this machine that this process may read, dead ones included. It does not wait.
func List() ([]Listed, error) {
	var rings []Listed
	list := cgo.NewHandle(&rings)
	defer list.Delete()
	err := try(func() C.int { return C.list_rings(C.uintptr_t(list)) })
	return rings, err
}

// Unlink removes the name of a ring. A process that has the ring open keeps it. It fails with [ErrNotFound], [ErrPermission],
// [ErrCorrupt] if the name belongs to a file that is no ring, and with [ErrBusy].
func Unlink(name string) error {
	cName, err := nameInC(name)
	if err != nil {
		return err
	}
	defer C.free(unsafe.Pointer(cName))
	return try(func() C.int { return C.ringbuf_unlink(cName) })
}

// Gaps are the ranges of indices, among those that the ring holds, that the writer has skipped, from the oldest to the
// newest. It does not wait.
func (r Ring) Gaps() ([]Gap, error) {
	var gaps []Gap
	list := cgo.NewHandle(&gaps)
	defer list.Delete()
	err := r.get().call(func(ring *C.ringbuf_t) C.int { return C.list_gaps(ring, C.uintptr_t(list)) })
	return gaps, err
}

// Readers describes the live registered readers of the ring. Observers are not among them. It does not wait.
func (r Ring) Readers() ([]ReaderInfo, error) {
	var readers []ReaderInfo
	list := cgo.NewHandle(&readers)
	defer list.Delete()
	err := r.get().call(func(ring *C.ringbuf_t) C.int { return C.list_readers(ring, C.uintptr_t(list)) })
	return readers, err
}
