package ringbuf

// #include <ringbuf.h>
import "C"

import "unsafe"

// Samples is what the writer and the readers of a ring of samples have in common: samples by their index.
type Samples[T Sample] struct {
	Ring
	width int // elements in one sample
}

// typed is the ring as one of elements of type T, or it is closed.
func typed[T Sample](h *handle, info Info, err error) (Samples[T], error) {
	if err != nil {
		return Samples[T]{}, err
	}
	wanted := dataTypeOf[T]()
	switch {
	case info.Messages:
		err = refuse(ErrIncompatible, "the ring holds messages, expected samples of %v: use OpenMessages", wanted)
	case info.DataType != wanted && !(wanted == TypeUint8 && info.DataType == TypeBytes):
		err = refuse(ErrIncompatible, "the ring has elements of %v, expected %v: use [%s]", info.DataType, wanted,
			goType(info.DataType))
	}
	if err != nil {
		h.close()
		return Samples[T]{}, err
	}
	return Samples[T]{Ring{h}, info.SampleBytes / sizeOf[T]()}, nil
}

// Channels is how many elements of type T one sample has; with opaque items, how many bytes.
func (s Samples[T]) Channels() int { return s.width }

// Window is a look at samples in the ring itself.
type Window[T Sample] struct {
	// Samples are the elements, sample by sample. They are memory of the ring: read only, and gone after Close.
	Samples []T
	// Start is the index of the first sample, End that after the last one.
	Start, End int64

	width   int
	handle  *handle // nil: the samples are a copy
	opening int
}

// Row is sample i of the window, counted from 0: a slice of its elements.
func (w Window[T]) Row(i int) []T { return w.Samples[i*w.width : (i+1)*w.width : (i+1)*w.width] }

// Len is how many samples the window has.
func (w Window[T]) Len() int { return int(w.End - w.Start) }

// Check says, after the last use of a window, whether all that was read from it was intact: nil. It does not wait.
// [ErrOverwritten] says that the writer has overwritten some of it, [ErrStale] that the handle was reopened with another
// ring, [ErrNotInitialized] that it was closed.
func (w Window[T]) Check() error {
	if w.handle == nil {
		return nil
	}
	reopened := false
	err := w.handle.call(func(ring *C.ringbuf_t) C.int {
		reopened = ring != nil && w.handle.opening != w.opening
		return C.ringbuf_check(ring, C.int64_t(w.Start), C.int64_t(w.End))
	})
	if reopened {
		return refuse(ErrStale, "the handle was reopened: the window is of the ring before")
	}
	return err
}

func (s Samples[T]) window(at unsafe.Pointer, start, end int64, opening int) Window[T] {
	elements := unsafe.Slice((*T)(at), int(end-start)*s.width)
	return Window[T]{elements, start, end, s.width, s.handle, opening}
}

// View is the window of the samples from start to before end, without a copy: call [Window.Check] after its use. It does not
// wait. It fails with [ErrOverwritten], [ErrGap], [ErrNotYet] or [ErrBadIndex] if the samples cannot be read, and with
// [ErrNotContiguous] if they run over the ring's end by more than Options.Window; Read copies these, too.
func (s Samples[T]) View(start, end int64) (Window[T], error) {
	var at unsafe.Pointer
	var opening int
	err := s.get().call(func(ring *C.ringbuf_t) C.int {
		opening = s.get().opening
		return C.ringbuf_view(ring, C.int64_t(start), C.int64_t(end), &at)
	})
	if err != nil {
		return Window[T]{}, err
	}
	return s.window(at, start, end, opening), nil
}

// Latest is the window of the samples that were written last, without a copy, as of View. It does not wait. It fails with
// [ErrNotYet] if there are not so many yet.
func (s Samples[T]) Latest(count int) (Window[T], error) {
	if err := notNegative("count", count); err != nil {
		return Window[T]{}, err
	}
	for {
		info, err := s.Info()
		if err != nil {
			return Window[T]{}, err
		}
		if info.Written-info.FirstIndex < int64(count) {
			return Window[T]{}, refuse(ErrNotYet, "%d samples asked for, %d written", count, info.Written-info.FirstIndex)
		}
		window, err := s.View(info.Written-int64(count), info.Written)
		if err == nil || count > info.Capacity {
			return window, err
		}
		// The writer may have gone all the way round between the two calls.
		if again, failed := s.Info(); failed != nil || again.Written == info.Written {
			return window, err
		}
	}
}

// Read copies the samples from start to before end, at most the capacity. The copy is known to be intact. It does not wait.
// It fails with [ErrOverwritten], [ErrGap], [ErrNotYet] or [ErrBadIndex].
func (s Samples[T]) Read(start, end int64) ([]T, error) {
	count := end - start
	if count < 0 || count > int64(s.get().capacity) {
		count = 0 // the library says why
	}
	samples := make([]T, int(count)*s.width)
	err := s.get().call(func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_read(ring, C.int64_t(start), C.int64_t(end), addressOf(samples))
	})
	if err != nil {
		return nil, err
	}
	return samples, nil
}

// whole is how many samples the elements are.
func (s Samples[T]) whole(elements []T) (int, error) {
	if s.width == 0 { // closed from the beginning
		return 0, nil
	}
	if len(elements)%s.width != 0 {
		return 0, refuse(ErrIncompatible, "%d elements, expected a multiple of %d: whole samples", len(elements), s.width)
	}
	return len(elements) / s.width, nil
}
