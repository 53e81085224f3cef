package main

// What the test needs of ringbuf, with cgo: methods return an *Error.

// #cgo pkg-config: ringbuf
// #include <ringbuf.h>
// #include <stdlib.h>
import "C"

import "unsafe"

// Error is a code of the library, and what it had to say about it.
type Error struct {
	Code         C.int
	Name, Detail string
}

func (e *Error) Error() string { return e.Name + ": " + e.Detail }

// The details belong to the thread: a goroutine that comes here has called runtime.LockOSThread.
func check(code C.int) error {
	if code == C.RINGBUF_OK {
		return nil
	}
	return &Error{code, C.GoString(C.ringbuf_error_name(code)), C.GoString(C.ringbuf_last_error())}
}

// Options are those of ringbuf_options_t that the test sets.
type Options struct {
	DataType, Channels, ItemSize uint32
	Capacity, Window             uint64
	Lossless                     bool
}

// Writer is a handle of the ring's writer.
type Writer struct {
	ring        *C.ringbuf_t
	sampleBytes int
}

// Create makes a ring; sampleBytes is the size of one sample.
func Create(name string, sampleBytes int, options Options) (*Writer, error) {
	filled := C.ringbuf_options_t{
		struct_size: C.sizeof_ringbuf_options_t,
		data_type:   C.uint32_t(options.DataType),
		channels:    C.uint32_t(options.Channels),
		item_size:   C.uint32_t(options.ItemSize),
		capacity:    C.uint64_t(options.Capacity),
		window:      C.uint64_t(options.Window),
	}
	if options.Lossless {
		filled.flags = C.RINGBUF_LOSSLESS
	}
	writer := &Writer{sampleBytes: sampleBytes}
	cName := C.CString(name)
	defer C.free(unsafe.Pointer(cName))
	return writer, check(C.ringbuf_create(&writer.ring, cName, &filled))
}

// WaitSpace waits until a put of count samples fits.
func (w *Writer) WaitSpace(count int) error {
	return check(C.ringbuf_wait_space(w.ring, C.uint64_t(count), -1))
}

// Put appends whole samples.
func (w *Writer) Put(samples []byte) error {
	return check(C.ringbuf_put(w.ring, unsafe.Pointer(&samples[0]), C.uint64_t(len(samples)/w.sampleBytes)))
}

// Push appends one sample.
func (w *Writer) Push(item []byte) error {
	return check(C.ringbuf_push(w.ring, unsafe.Pointer(&item[0])))
}

// Reserve is where to write in the ring; Commit appends it.
func (w *Writer) Reserve(count int) ([]byte, error) {
	var at unsafe.Pointer
	if err := check(C.ringbuf_reserve(w.ring, C.uint64_t(count), &at)); err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(at), count*w.sampleBytes), nil
}

// Commit appends what was reserved.
func (w *Writer) Commit(count int) error { return check(C.ringbuf_commit(w.ring, C.uint64_t(count))) }

// Close ends the stream.
func (w *Writer) Close() error { return check(C.ringbuf_close(w.ring)) }

// Reader is a handle of one of the ring's readers.
type Reader struct {
	ring        *C.ringbuf_t
	sampleBytes int
}

// Open opens a ring.
func Open(name string, sampleBytes int) (*Reader, error) {
	reader := &Reader{sampleBytes: sampleBytes}
	cName := C.CString(name)
	defer C.free(unsafe.Pointer(cName))
	return reader, check(C.ringbuf_open(&reader.ring, cName, C.RINGBUF_FROM_OLDEST))
}

// Window is a look at samples in the ring.
type Window struct {
	Bytes  []byte
	Start  int
	count  int
	reader *Reader
}

// Next is the next window, from the position, which moves on by step.
func (r *Reader) Next(count, step int) (Window, error) {
	var at unsafe.Pointer
	var start C.int64_t
	if err := check(C.ringbuf_next(r.ring, C.uint64_t(count), C.uint64_t(step), -1, &at, &start)); err != nil {
		return Window{}, err
	}
	return Window{unsafe.Slice((*byte)(at), count*r.sampleBytes), int(start), count, r}, nil
}

// Check says, after use, whether all that was read from the window was whole.
func (w Window) Check() error {
	return check(C.ringbuf_check(w.reader.ring, C.int64_t(w.Start), C.int64_t(w.Start+w.count)))
}

// Elements are those of the window, in place.
func Elements[T any](w Window) []T {
	var element T
	return unsafe.Slice((*T)(unsafe.Pointer(&w.Bytes[0])), len(w.Bytes)/int(unsafe.Sizeof(element)))
}

// Pop copies the next item; it waits for one.
func (r *Reader) Pop(item []byte) error {
	for {
		code := C.ringbuf_pop(r.ring, unsafe.Pointer(&item[0]))
		if code != C.RINGBUF_EMPTY {
			return check(code)
		}
		var position C.int64_t
		if err := check(C.ringbuf_tell(r.ring, &position)); err != nil {
			return err
		}
		if err := check(C.ringbuf_wait(r.ring, position+1, -1)); err != nil {
			return err
		}
	}
}
