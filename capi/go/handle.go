package ringbuf

// #include <ringbuf.h>
// #include <stdlib.h>
import "C"

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// handle is an open ring. Its calls take turns.
type handle struct {
	turn    sync.Mutex   // held during each call, also while that waits
	ring    *C.ringbuf_t // nil when closed; it changes under both locks
	state   sync.Mutex   // held while ring changes, and by an interrupt, which must not overlap a close
	closing atomic.Bool  // no call sleeps from here on
	opening int          // how often Reopen has found another ring, under turn

	sampleBytes int
	capacity    int
}

// nameInC is a name that the caller frees.
func nameInC(name string) (*C.char, error) {
	if strings.IndexByte(name, 0) >= 0 {
		return nil, refuse(ErrInvalidArgument, "name is %q, which has a zero byte", name)
	}
	return C.CString(name), nil
}

// opened calls open with the name in C, and describes the ring that it has opened.
func opened(name string, open func(ring **C.ringbuf_t, name *C.char) C.int) (*handle, Info, error) {
	cName, err := nameInC(name)
	if err != nil {
		return nil, Info{}, err
	}
	defer C.free(unsafe.Pointer(cName))
	var ring *C.ringbuf_t
	if err := try(func() C.int { return open(&ring, cName) }); err != nil {
		return nil, Info{}, err
	}
	h := &handle{ring: ring}
	runtime.SetFinalizer(h, (*handle).close)
	info, err := h.info()
	if err != nil {
		h.close()
		return nil, Info{}, err
	}
	h.sampleBytes, h.capacity = info.SampleBytes, info.Capacity
	return h, info, nil
}

// call makes a call that does not wait.
func (h *handle) call(call func(ring *C.ringbuf_t) C.int) error {
	h.turn.Lock()
	defer h.turn.Unlock()
	return try(func() C.int { return call(h.ring) })
}

// once makes a call that could wait, without waiting.
func (h *handle) once(call func(ring *C.ringbuf_t, timeout C.int64_t) C.int) error {
	return h.call(func(ring *C.ringbuf_t) C.int { return call(ring, 0) })
}

// wait makes a call that waits as long as its timeout says: not at all, or until the context ends.
func (h *handle) wait(ctx context.Context, call func(ring *C.ringbuf_t, timeout C.int64_t) C.int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h.turn.Lock()
	defer h.turn.Unlock()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if code := call(h.ring, 0); code != C.RINGBUF_TIMEOUT {
		return failure(code)
	}
	defer h.interruptAtEnd(ctx)()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if h.closing.Load() {
			return refuse(ErrInterrupted, "the handle was closed during the call")
		}
		// An interrupt that came too late for the wait before ends this one: it begins again.
		if code := call(h.ring, -1); code != C.RINGBUF_INTERRUPTED {
			return failure(code)
		}
	}
}

// interruptAtEnd interrupts the wait when the context ends. What it returns is called when the wait is over, and leaves
// nothing behind that could meet a close.
func (h *handle) interruptAtEnd(ctx context.Context) func() {
	if ctx.Done() == nil {
		return func() {}
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
			C.ringbuf_interrupt(h.ring)
		case <-stop:
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}

func (h *handle) close() error {
	h.state.Lock()
	h.closing.Store(true)
	C.ringbuf_interrupt(h.ring) // nil is fine
	h.state.Unlock()

	h.turn.Lock()
	defer h.turn.Unlock()
	h.state.Lock()
	defer h.state.Unlock()
	runtime.SetFinalizer(h, nil)
	C.ringbuf_close(h.ring) // always RINGBUF_OK
	h.ring = nil
	return nil
}

// Ring is what all handles have in common. The zero Ring is closed.
type Ring struct{ handle *handle }

func (r Ring) get() *handle {
	if r.handle == nil {
		return &handle{}
	}
	return r.handle
}

// Close closes the handle; a second time it does nothing. Closing the writer ends the stream: readers get the samples that
// are left, then [ErrClosed]. It also removes the name, unless the ring was made with Keep. Windows must not be used after
// Close. A wait of another goroutine ends with [ErrInterrupted]. All other methods fail with [ErrNotInitialized] then. The
// result is always nil.
func (r Ring) Close() error { return r.get().close() }

// Wait waits until all samples before an index are written; in a ring of messages, all bytes. It fails with [ErrClosed] if
// the writer has ended the stream before, with [ErrStale] if it died, with [ErrBadIndex] for an end before the first index,
// or with the error of the context.
func (r Ring) Wait(ctx context.Context, end int64) error {
	return r.get().wait(ctx, func(ring *C.ringbuf_t, timeout C.int64_t) C.int {
		return C.ringbuf_wait(ring, C.int64_t(end), timeout)
	})
}

// Metadata is a copy of the ring's metadata: any bytes, by convention JSON. It does not wait.
func (r Ring) Metadata() ([]byte, error) {
	metadata := make([]byte, 4096)
	var size C.size_t
	read := func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_metadata(ring, addressOf(metadata), C.size_t(len(metadata)), &size)
	}
	err := r.get().call(read)
	for err != nil && int(size) > len(metadata) { // once more, unless they have grown meanwhile
		metadata = make([]byte, int(size))
		err = r.get().call(read)
	}
	if err != nil {
		return nil, err
	}
	return metadata[:size], nil
}

// Time is when a sample was put, or taken, if its writer says so.
type Time struct {
	// Monotonic is the time on the machine's monotonic clock (CLOCK_MONOTONIC), which never steps.
	Monotonic time.Duration
	// Real is the time of day.
	Real time.Time
}

// TimeAt is when a sample was put, or taken, if the writer stamps its samples. It does not wait. It fails with
// [ErrBadIndex], [ErrNotYet] (also if no time is known), [ErrOverwritten], and in a ring of messages with [ErrUnsupported].
func (r Ring) TimeAt(index int64) (Time, error) {
	var monotonic, realtime C.int64_t
	err := r.get().call(func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_time_at(ring, C.int64_t(index), &monotonic, &realtime)
	})
	if err != nil {
		return Time{}, err
	}
	return Time{time.Duration(monotonic), time.Unix(0, int64(realtime))}, nil
}

// IndexAt is the index of the first sample that was put, or taken, at a time of day or after it. It does not wait. With
// [ErrNotYet] (all samples are earlier) the index is that of the next sample, with [ErrOverwritten] (the oldest one left is
// later) that of the oldest.
func (r Ring) IndexAt(moment time.Time) (int64, error) {
	return r.indexAt(C.RINGBUF_CLOCK_REALTIME, moment.UnixNano())
}

// IndexAtMonotonic is IndexAt for a time on the machine's monotonic clock.
func (r Ring) IndexAtMonotonic(moment time.Duration) (int64, error) {
	return r.indexAt(C.RINGBUF_CLOCK_MONOTONIC, int64(moment))
}

func (r Ring) indexAt(clock C.uint32_t, ns int64) (int64, error) {
	var index C.int64_t
	err := r.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_index_at(ring, clock, C.int64_t(ns), &index) })
	return int64(index), err
}
