package ringbuf

// #include <ringbuf.h>
import "C"

import (
	"context"
	"time"
	"unsafe"
)

// Writing is what writers of samples and of messages have in common besides [Ring].
type Writing struct{ ring Ring }

// WaitSpace waits until count samples fit; in a ring of messages, a message of so many bytes. An overwriting ring always has
// room. It fails with [ErrInvalidArgument] for more than fits at all, or with the error of the context.
func (w Writing) WaitSpace(ctx context.Context, count int) error {
	if err := notNegative("count", count); err != nil {
		return err
	}
	return w.ring.get().wait(ctx, func(ring *C.ringbuf_t, timeout C.int64_t) C.int {
		return C.ringbuf_wait_space(ring, C.uint64_t(count), timeout)
	})
}

// WaitReaders waits until so many live readers are registered, for example before the first put on a lossless ring. It fails
// with [ErrInvalidArgument] for more than Options.MaxReaders, or with the error of the context.
func (w Writing) WaitReaders(ctx context.Context, count int) error {
	if err := notNegative("count", count); err != nil {
		return err
	}
	return w.ring.get().wait(ctx, func(ring *C.ringbuf_t, timeout C.int64_t) C.int {
		return C.ringbuf_wait_readers(ring, C.uint32_t(count), timeout)
	})
}

// Space is how many samples fit now: on an overwriting ring the capacity, on a ring of messages the bytes of the longest
// message that fits. It does not wait.
func (w Writing) Space() (int, error) {
	var count C.uint64_t
	err := w.ring.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_space(ring, &count) })
	return int(count), err
}

// SetMetadata replaces the metadata, at most Options.MetadataBytes. Readers see the old or the new ones. It does not wait.
func (w Writing) SetMetadata(metadata []byte) error {
	return w.ring.get().call(func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_set_metadata(ring, addressOf(metadata), C.size_t(len(metadata)))
	})
}

// Skip leaves out indices: a gap, for samples that were lost before they came here. In a ring of messages count is in bytes,
// a multiple of 8. It does not wait. It fails with [ErrFull] if a reader of a lossless ring still needs the samples before.
func (w Writing) Skip(count int) error {
	if err := notNegative("count", count); err != nil {
		return err
	}
	return w.ring.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_skip(ring, C.uint64_t(count)) })
}

// Writer appends samples to a ring. It is made by [Create], [Resume] or [CreateOrResume].
type Writer[T Sample] struct {
	Samples[T]
	Writing
}

func newWriter[T Sample](h *handle, info Info, err error) (*Writer[T], error) {
	samples, err := typed[T](h, info, err)
	if err != nil {
		return nil, err
	}
	return &Writer[T]{samples, Writing{samples.Ring}}, nil
}

// Create makes a ring of elements of type T and becomes its writer. All memory is allocated now. If the name belongs to a
// ring whose writer is gone, the new ring replaces it. It does not wait. It fails with [ErrInvalidArgument], [ErrExists],
// [ErrBusy], [ErrNoSpace], [ErrNoMemory], [ErrPermission] or [ErrSystem].
//
// A name is 1 to 200 characters of A-Z a-z 0-9 . _ -, not starting with a dot.
func Create[T Sample](name string, options Options) (*Writer[T], error) {
	filled, err := options.inC(dataTypeOf[T](), 0)
	if err != nil {
		return nil, err
	}
	return newWriter[T](opened(name, func(ring **C.ringbuf_t, name *C.char) C.int {
		return C.ringbuf_create(ring, name, filled)
	}))
}

// Resume becomes the writer of a ring whose writer died or left it (Options.Keep). It continues after the last sample. It
// does not wait. It fails with [ErrBusy] if another writer lives, with [ErrNotFound], with [ErrIncompatible] if the elements
// are not of type T, or as Open does.
func Resume[T Sample](name string) (*Writer[T], error) {
	return newWriter[T](opened(name, func(ring **C.ringbuf_t, name *C.char) C.int { return C.ringbuf_resume(ring, name) }))
}

// CreateOrResume becomes the writer of a ring, whether it exists or not: as Resume if its writer is gone, else as Create. It
// fails with [ErrIncompatible] if the ring has another shape.
func CreateOrResume[T Sample](name string, options Options) (*Writer[T], error) {
	filled, err := options.inC(dataTypeOf[T](), 0)
	if err != nil {
		return nil, err
	}
	return newWriter[T](opened(name, func(ring **C.ringbuf_t, name *C.char) C.int {
		return C.ringbuf_create_or_resume(ring, name, filled)
	}))
}

// Put appends samples: whole ones, one after the other. It does not wait. A full lossless ring gives [ErrFull] and stores
// nothing; elements that are no whole samples give [ErrIncompatible].
func (w *Writer[T]) Put(samples []T) error {
	count, err := w.whole(samples)
	if err != nil {
		return err
	}
	return w.get().call(func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_put(ring, addressOf(samples), C.uint64_t(count))
	})
}

// PutWait is Put that waits for room on a lossless ring. At most the capacity fits at once: more gives [ErrInvalidArgument].
func (w *Writer[T]) PutWait(ctx context.Context, samples []T) error {
	count, err := w.whole(samples)
	if err != nil {
		return err
	}
	if err := w.WaitSpace(ctx, count); err != nil {
		return err
	}
	return w.Put(samples)
}

// Reserve is room for samples to be written in place, in the ring itself; [Writer.Commit] appends them. A put drops it, and
// so does another Reserve; it must not be touched after that. It does not wait. It fails with [ErrFull], with
// [ErrNotContiguous] if the room runs over the ring's end by more than Options.Window, and with [ErrInvalidArgument] if count
// is 0 or more than the capacity.
func (w *Writer[T]) Reserve(count int) ([]T, error) {
	if err := notNegative("count", count); err != nil {
		return nil, err
	}
	var at unsafe.Pointer
	err := w.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_reserve(ring, C.uint64_t(count), &at) })
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*T)(at), count*w.width), nil
}

// Commit appends the first samples of the latest reservation, and ends it. 0 gives it up. It does not wait. It fails with
// [ErrInvalidArgument] for more than was reserved.
func (w *Writer[T]) Commit(count int) error {
	if err := notNegative("count", count); err != nil {
		return err
	}
	return w.get().call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_commit(ring, C.uint64_t(count)) })
}

// Stamp says when a sample was taken: for a writer whose device has a better clock than the time of the puts. From the first
// stamp on these times count no more; between two stamps the time grows evenly. A zero Real is as far from Monotonic as the
// two clocks are apart now. It does not wait. It fails with [ErrBadIndex] or [ErrInvalidArgument] if the sample is not
// written yet, or if the index or the time is not after those of the stamp before.
func (w *Writer[T]) Stamp(index int64, moment Time) error {
	var realtime int64
	if !moment.Real.IsZero() {
		realtime = moment.Real.UnixNano()
	}
	return w.get().call(func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_stamp(ring, C.int64_t(index), C.int64_t(moment.Monotonic/time.Nanosecond), C.int64_t(realtime))
	})
}
