package ringbuf

// #include <ringbuf.h>
import "C"

import (
	"context"
	"errors"
	"time"
	"unsafe"
)

// Reading is what readers of samples and of messages have in common besides [Ring].
type Reading struct{ ring Ring }

// Usage is how many samples there are to consume, at most the capacity; in a ring of messages, bytes. It does not wait.
func (r Reading) Usage() (int, error) {
	var count C.uint64_t
	err := r.ring.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_usage(ring, &count) })
	return int(count), err
}

// Position is the index of the next sample that this reader consumes. It does not wait.
func (r Reading) Position() (int64, error) {
	var position C.int64_t
	err := r.ring.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_tell(ring, &position) })
	return int64(position), err
}

// SeekTo moves the position: to a sample that can still be read, or to the next one that will be written; in a ring of
// messages to what Position has been. It does not wait. It fails with [ErrOverwritten], [ErrGap], [ErrNotYet] or
// [ErrBadIndex], and the position stays.
func (r Reading) SeekTo(position int64) error {
	return r.ring.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_seek(ring, C.int64_t(position)) })
}

// Reopen continues with the live ring of the same name, after [ErrStale] or [ErrClosed], and waits for it. What is still
// unread of the old ring is given up. If a writer has resumed the same ring, the position stays; else the reader is opened
// anew, as the flags say, and the windows before must not be used any more. It fails with [ErrIncompatible] if the new ring
// has another shape, as [Open] does, or with the error of the context; then the reader is as before.
func (r Reading) Reopen(ctx context.Context, flags ...OpenFlag) error {
	h := r.ring.get()
	return h.wait(ctx, func(ring *C.ringbuf_t, timeout C.int64_t) C.int {
		before, after := C.ringbuf_info_t{struct_size: C.sizeof_ringbuf_info_t}, C.ringbuf_info_t{struct_size: C.sizeof_ringbuf_info_t}
		C.ringbuf_info(ring, &before)
		code := C.ringbuf_reopen(ring, allOf(flags), timeout)
		if code == C.RINGBUF_OK && C.ringbuf_info(ring, &after) == C.RINGBUF_OK && before.ring_id != after.ring_id {
			h.opening++
		}
		return code
	})
}

// Reader looks at windows of samples, or consumes them. It is made by [Open] or [OpenWait].
type Reader[T Sample] struct {
	Samples[T]
	Reading
}

func newReader[T Sample](h *handle, info Info, err error) (*Reader[T], error) {
	samples, err := typed[T](h, info, err)
	if err != nil {
		return nil, err
	}
	return &Reader[T]{samples, Reading{samples.Ring}}, nil
}

// Open opens a ring of elements of type T as a reader; Reader[byte] is for opaque items, too. The reader starts at the oldest
// sample, or close to it, unless a flag says otherwise. It does not wait. It fails with [ErrNotFound], with
// [ErrIncompatible] if the elements have another type, with [ErrTooManyReaders], [ErrInvalidArgument], [ErrPermission],
// [ErrNotInitialized], [ErrCorrupt], [ErrVersionMismatch], [ErrUnsupported], [ErrNoMemory] or [ErrSystem].
func Open[T Sample](name string, flags ...OpenFlag) (*Reader[T], error) {
	return newReader[T](opened(name, func(ring **C.ringbuf_t, name *C.char) C.int {
		return C.ringbuf_open(ring, name, allOf(flags))
	}))
}

// OpenWait opens a ring as soon as its writer lives, so that a reader may start before its writer. It waits while no ring has
// the name, and while the ring that has it is closed or dead. It fails as Open does, or with the error of the context, which
// it looks at every 50 ms.
func OpenWait[T Sample](ctx context.Context, name string, flags ...OpenFlag) (*Reader[T], error) {
	return newReader[T](openedWait(ctx, name, flags))
}

func openedWait(ctx context.Context, name string, flags []OpenFlag) (*handle, Info, error) {
	slice := int64(50 * time.Millisecond)
	if ctx.Done() == nil {
		slice = -1
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, Info{}, err
		}
		h, info, err := opened(name, func(ring **C.ringbuf_t, name *C.char) C.int {
			return C.ringbuf_open_wait(ring, name, allOf(flags), C.int64_t(slice))
		})
		if !errors.Is(err, ErrTimeout) {
			return h, info, err
		}
	}
}

// Next is the next window of samples, without a copy; the position then moves on by step. It waits until the window is
// complete. On an overwriting ring call [Window.Check] after its use. On a lossless ring it stays intact until the next call
// of Next, NextCopy, Pop, PopMany or SeekTo. A window that runs over the ring's end by more than Options.Window is a copy.
//
// It fails with [ErrOverwritten] after an overrun or a gap: the position has moved on, and the next call continues. It fails
// with [ErrClosed] if the writer has ended the stream before the window was complete, with [ErrStale] if the writer died or
// a newer ring has the name, with [ErrInvalidArgument] if window is 0 or more than the capacity, or with the error of the
// context.
func (r *Reader[T]) Next(ctx context.Context, window, step int) (Window[T], error) {
	return r.next(window, step, func(call func(*C.ringbuf_t, C.int64_t) C.int) error { return r.get().wait(ctx, call) })
}

// TryNext is Next that does not wait: it fails with [ErrTimeout] if the window is not complete yet.
func (r *Reader[T]) TryNext(window, step int) (Window[T], error) {
	return r.next(window, step, r.get().once)
}

func (r *Reader[T]) next(window, step int, wait func(func(*C.ringbuf_t, C.int64_t) C.int) error) (Window[T], error) {
	if err := notNegative("window", window); err != nil {
		return Window[T]{}, err
	}
	if err := notNegative("step", step); err != nil {
		return Window[T]{}, err
	}
	var at unsafe.Pointer
	var start C.int64_t
	var opening int
	err := wait(func(ring *C.ringbuf_t, timeout C.int64_t) C.int {
		opening = r.get().opening
		return C.ringbuf_next(ring, C.uint64_t(window), C.uint64_t(step), timeout, &at, &start)
	})
	if errors.Is(err, ErrNotContiguous) {
		samples := make([]T, window*r.width)
		first, err := r.nextCopy(samples, step, wait)
		return Window[T]{Samples: samples, Start: first, End: first + int64(window), width: r.width}, err
	}
	if err != nil {
		return Window[T]{}, err
	}
	return r.window(at, int64(start), int64(start)+int64(window), opening), nil
}

// NextCopy copies the next window of samples, as long as samples is, and moves the position on by step. It waits until the
// window is complete. The copy is known to be intact. Its result is the index of the first sample. It fails as Next does.
func (r *Reader[T]) NextCopy(ctx context.Context, samples []T, step int) (int64, error) {
	return r.nextCopy(samples, step, func(call func(*C.ringbuf_t, C.int64_t) C.int) error { return r.get().wait(ctx, call) })
}

func (r *Reader[T]) nextCopy(samples []T, step int, wait func(func(*C.ringbuf_t, C.int64_t) C.int) error) (int64, error) {
	if err := notNegative("step", step); err != nil {
		return 0, err
	}
	count, err := r.whole(samples)
	if err != nil {
		return 0, err
	}
	var start C.int64_t
	err = wait(func(ring *C.ringbuf_t, timeout C.int64_t) C.int {
		return C.ringbuf_next_copy(ring, C.uint64_t(count), C.uint64_t(step), timeout, addressOf(samples), &start)
	})
	return int64(start), err
}

// Pop waits for the next sample and copies it, and moves the position by one. It fails with [ErrOverwritten] after an overrun
// or a gap, and the next call continues; with [ErrClosed] or [ErrStale] if there is no sample and none will come; or with the
// error of the context.
func (r *Reader[T]) Pop(ctx context.Context) ([]T, error) {
	sample := make([]T, r.width)
	_, err := r.NextCopy(ctx, sample, 1)
	if err != nil {
		return nil, err
	}
	return sample, nil
}

// PopMany copies the samples that are there, as many as fit into samples, and moves the position past them. It does not wait.
// Its result is how many samples it has copied. It fails with [ErrEmpty] if there is none now, or as Pop does.
func (r *Reader[T]) PopMany(samples []T) (int, error) {
	room, err := r.whole(samples)
	if err != nil {
		return 0, err
	}
	var count C.uint64_t
	err = r.get().call(func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_pop_many(ring, addressOf(samples), C.uint64_t(room), &count)
	})
	return int(count), err
}

// Windows are windows that slide over the samples, one after the other:
//
//	windows := reader.Windows(ctx, 480, 240)
//	for windows.Next() {
//		use(windows.Window())
//	}
//	err := windows.Err()
type Windows[T Sample] struct {
	// SkipOverruns makes Next go on after an overrun or a gap; Info counts what was lost. By default they end the loop with
	// [ErrOverwritten], and a new one continues.
	SkipOverruns bool

	reader       *Reader[T]
	ctx          context.Context
	window, step int
	current      Window[T]
	err          error
}

// Windows slides over the samples: each window has window samples and begins step samples after the one before. Nothing
// waits before the first call of [Windows.Next].
func (r *Reader[T]) Windows(ctx context.Context, window, step int) *Windows[T] {
	return &Windows[T]{reader: r, ctx: ctx, window: window, step: step}
}

// Next waits for the next window, as [Reader.Next] does. It returns false when the writer has ended the stream, or after a
// failure, which Err has.
func (w *Windows[T]) Next() bool {
	for w.err == nil {
		w.current, w.err = w.reader.Next(w.ctx, w.window, w.step)
		if w.err == nil {
			return true
		}
		if w.SkipOverruns && errors.Is(w.err, ErrOverwritten) {
			w.err = nil
		}
	}
	w.current = Window[T]{}
	return false
}

// Window is the window that Next has found.
func (w *Windows[T]) Window() Window[T] { return w.current }

// Err is why Next has returned false; nil if the writer has ended the stream. The samples of an incomplete window at its end
// are between [Reading.Position] and Info.Written.
func (w *Windows[T]) Err() error {
	if errors.Is(w.err, ErrClosed) {
		return nil
	}
	return w.err
}
