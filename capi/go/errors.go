package ringbuf

// #cgo pkg-config: ringbuf
// #include <ringbuf.h>
import "C"

import (
	"fmt"
	"runtime"
)

// Code is a result code of the library. The codes are errors themselves, for errors.Is.
type Code int

// The codes of the library. [Error] says more about each failure.
const (
	ErrNotInitialized  Code = C.RINGBUF_NOT_INITIALIZED  // no ring there yet, or the handle is closed
	ErrOverwritten     Code = C.RINGBUF_OVERWRITTEN      // (some of) the samples have already been overwritten
	ErrNotYet          Code = C.RINGBUF_NOT_YET          // (some of) the samples have not been written yet
	ErrIncompatible    Code = C.RINGBUF_INCOMPATIBLE     // data of another shape or type
	ErrBadIndex        Code = C.RINGBUF_BAD_INDEX        // an index below the first one, or an end before its start
	ErrInvalidArgument Code = C.RINGBUF_INVALID_ARGUMENT // an argument is not acceptable
	ErrExists          Code = C.RINGBUF_EXISTS           // the name is taken
	ErrNotFound        Code = C.RINGBUF_NOT_FOUND        // no ring has that name
	ErrWriteForbidden  Code = C.RINGBUF_WRITE_FORBIDDEN  // a reader was asked to write
	ErrReadForbidden   Code = C.RINGBUF_READ_FORBIDDEN   // a writer was asked to consume
	ErrBusy            Code = C.RINGBUF_BUSY             // another writer lives
	ErrFull            Code = C.RINGBUF_FULL             // lossless: no room until a reader moves on
	ErrEmpty           Code = C.RINGBUF_EMPTY            // nothing to read now
	ErrTimeout         Code = C.RINGBUF_TIMEOUT          // not there yet, and the call does not wait
	ErrClosed          Code = C.RINGBUF_CLOSED           // the writer has ended the stream
	ErrStale           Code = C.RINGBUF_STALE            // the writer died, or the name now belongs to a newer ring
	ErrNotContiguous   Code = C.RINGBUF_NOT_CONTIGUOUS   // the window runs over the end by more than the pocket
	ErrCorrupt         Code = C.RINGBUF_CORRUPT          // what is there is not a sound ring
	ErrVersionMismatch Code = C.RINGBUF_VERSION_MISMATCH // a ring of another layout version
	ErrNoSpace         Code = C.RINGBUF_NO_SPACE         // the shared memory file system is full
	ErrNoMemory        Code = C.RINGBUF_NO_MEMORY        // this process is out of memory or address space
	ErrPermission      Code = C.RINGBUF_PERMISSION       // the system does not allow it
	ErrTooManyReaders  Code = C.RINGBUF_TOO_MANY_READERS // lossless: every slot in the reader table is taken
	ErrUnsupported     Code = C.RINGBUF_UNSUPPORTED      // not available for this ring or on this system
	ErrForked          Code = C.RINGBUF_FORKED           // the handle belongs to the parent process
	ErrSystem          Code = C.RINGBUF_SYSTEM           // the system reported an error
	ErrInterrupted     Code = C.RINGBUF_INTERRUPTED      // Close has ended the wait
	ErrGap             Code = C.RINGBUF_GAP              // the writer has skipped (some of) the samples
)

// Error describes the code in words.
func (c Code) Error() string { return C.GoString(C.ringbuf_strerror(C.int(c))) }

// Name is the code's name in C, for example "RINGBUF_NOT_FOUND".
func (c Code) Name() string { return C.GoString(C.ringbuf_error_name(C.int(c))) }

// Error is a failed call.
type Error struct {
	// Code is what kind of failure it was.
	Code Code
	// Detail is what the library said: it names the argument, its value and the value expected.
	Detail string
}

// Error is the name of the code and the detail.
func (e *Error) Error() string { return e.Code.Name() + ": " + e.Detail }

// Unwrap is the code, so that errors.Is(err, ringbuf.ErrClosed) holds.
func (e *Error) Unwrap() error { return e.Code }

// failure makes an error of a code. The thread is that of the call, since the text belongs to the thread.
func failure(code C.int) error {
	if code == C.RINGBUF_OK {
		return nil
	}
	return &Error{Code(code), C.GoString(C.ringbuf_last_error())}
}

// try makes one call on a thread and asks the same thread for the text of its error.
func try(call func() C.int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return failure(call())
}

func refuse(code Code, format string, values ...any) error {
	return &Error{code, fmt.Sprintf(format, values...)}
}

// notNegative refuses a count that C would take for a very large one.
func notNegative(name string, count int) error {
	if count < 0 {
		return refuse(ErrInvalidArgument, "%s is %d, expected 0 or more", name, count)
	}
	return nil
}

// Version is the version of the library that runs: "MAJOR.MINOR.PATCH".
func Version() string { return C.GoString(C.ringbuf_version()) }
