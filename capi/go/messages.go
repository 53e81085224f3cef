package ringbuf

// #include <ringbuf.h>
import "C"

import (
	"context"
	"errors"
	"time"
	"unsafe"
)

// Message is a message that was received.
type Message struct {
	Bytes     []byte        // a copy, known to be intact
	Kind      uint32        // of the program's own
	Tag       int64         // by convention the index of the sample, in another ring, to which the message belongs
	Start     int64         // index of its first byte
	Monotonic time.Duration // when it was sent, on the machine's monotonic clock
}

// messages is the ring as one of messages, or it is closed.
func messages(h *handle, info Info, err error) (Ring, error) {
	if err == nil && !info.Messages {
		err = refuse(ErrIncompatible, "the ring has samples of %v, expected messages", info.DataType)
		h.close()
	}
	return Ring{h}, err
}

// MessageWriter sends messages of any length, to a ring of messages. It is made by [CreateMessages] or [ResumeMessages].
type MessageWriter struct {
	Ring
	Writing
}

func newMessageWriter(ring Ring, err error) (*MessageWriter, error) {
	if err != nil {
		return nil, err
	}
	return &MessageWriter{ring, Writing{ring}}, nil
}

// CreateMessages makes a ring of messages and becomes its writer. The options Channels and ItemSize have no meaning. It does
// not wait. It fails as [Create] does.
func CreateMessages(name string, options Options) (*MessageWriter, error) {
	options.Channels, options.ItemSize = 0, 0
	filled, err := options.inC(TypeBytes, C.RINGBUF_MESSAGES)
	if err != nil {
		return nil, err
	}
	return newMessageWriter(messages(opened(name, func(ring **C.ringbuf_t, name *C.char) C.int {
		return C.ringbuf_create(ring, name, filled)
	})))
}

// ResumeMessages becomes the writer of a ring of messages whose writer died or left it, as [Resume] does.
func ResumeMessages(name string) (*MessageWriter, error) {
	return newMessageWriter(messages(opened(name, func(ring **C.ringbuf_t, name *C.char) C.int {
		return C.ringbuf_resume(ring, name)
	})))
}

// Send sends a message; nothing is a message, too. Kind, less than 2^31, and tag are the program's own. It does not wait. It
// fails with [ErrFull] if a lossless ring has no room (see [Writing.WaitSpace]), and with [ErrInvalidArgument] if the message
// is longer than the longest, Options.Window.
func (w *MessageWriter) Send(message []byte, kind uint32, tag int64) error {
	return w.get().call(func(ring *C.ringbuf_t) C.int {
		return C.ringbuf_send_event(ring, C.uint32_t(kind), C.int64_t(tag), addressOf(message), C.size_t(len(message)))
	})
}

// MessageReader receives messages. It is made by [OpenMessages] or [OpenMessagesWait].
type MessageReader struct {
	Ring
	Reading
}

func newMessageReader(ring Ring, err error) (*MessageReader, error) {
	if err != nil {
		return nil, err
	}
	return &MessageReader{ring, Reading{ring}}, nil
}

// OpenMessages opens a ring of messages as a reader. It does not wait. It fails as [Open] does, with [ErrIncompatible] if the
// ring holds samples.
func OpenMessages(name string, flags ...OpenFlag) (*MessageReader, error) {
	return newMessageReader(messages(opened(name, func(ring **C.ringbuf_t, name *C.char) C.int {
		return C.ringbuf_open(ring, name, allOf(flags))
	})))
}

// OpenMessagesWait opens a ring of messages as soon as its writer lives, as [OpenWait] does.
func OpenMessagesWait(ctx context.Context, name string, flags ...OpenFlag) (*MessageReader, error) {
	return newMessageReader(messages(openedWait(ctx, name, flags)))
}

// Receive waits for the next message and copies it. It fails with [ErrOverwritten] after an overrun or a gap, and the next
// call continues; with [ErrClosed] if the writer has ended the stream and nothing is left; with [ErrStale] if it died; with
// [ErrCorrupt] if something has damaged the ring; or with the error of the context.
func (r *MessageReader) Receive(ctx context.Context) (Message, error) {
	return r.receive(func(call func(*C.ringbuf_t, C.int64_t) C.int) error { return r.get().wait(ctx, call) })
}

// TryReceive is Receive that does not wait: it fails with [ErrTimeout] if there is no message now.
func (r *MessageReader) TryReceive() (Message, error) { return r.receive(r.get().once) }

func (r *MessageReader) receive(wait func(func(*C.ringbuf_t, C.int64_t) C.int) error) (Message, error) {
	var message Message
	err := wait(func(ring *C.ringbuf_t, timeout C.int64_t) C.int {
		var at unsafe.Pointer
		var size C.size_t
		var start C.int64_t
		if code := C.ringbuf_receive(ring, timeout, &at, &size, &start); code != C.RINGBUF_OK {
			return code
		}
		info := C.ringbuf_message_t{struct_size: C.sizeof_ringbuf_message_t}
		if code := C.ringbuf_message(ring, start, &info); code != C.RINGBUF_OK {
			return code
		}
		message = Message{
			Bytes: append([]byte{}, unsafe.Slice((*byte)(at), int(size))...), Kind: uint32(info.kind), Tag: int64(info.tag),
			Start: int64(start), Monotonic: time.Duration(info.monotonic_ns),
		}
		return C.ringbuf_check(ring, start, start+C.int64_t(size))
	})
	if err != nil {
		return Message{}, err
	}
	return message, nil
}

// Messages are the messages, one after the other:
//
//	messages := reader.Messages(ctx)
//	for messages.Next() {
//		use(messages.Message())
//	}
//	err := messages.Err()
type Messages struct {
	// SkipOverruns makes Next go on after an overrun or a gap, which by default end the loop with [ErrOverwritten].
	SkipOverruns bool

	reader  *MessageReader
	ctx     context.Context
	current Message
	err     error
}

// Messages goes over the messages. Nothing waits before the first call of [Messages.Next].
func (r *MessageReader) Messages(ctx context.Context) *Messages {
	return &Messages{reader: r, ctx: ctx}
}

// Next waits for the next message, as [MessageReader.Receive] does. It returns false when the writer has ended the stream, or
// after a failure, which Err has.
func (m *Messages) Next() bool {
	for m.err == nil {
		m.current, m.err = m.reader.Receive(m.ctx)
		if m.err == nil {
			return true
		}
		if m.SkipOverruns && errors.Is(m.err, ErrOverwritten) {
			m.err = nil
		}
	}
	m.current = Message{}
	return false
}

// Message is the message that Next has found.
func (m *Messages) Message() Message { return m.current }

// Err is why Next has returned false; nil if the writer has ended the stream.
func (m *Messages) Err() error {
	if errors.Is(m.err, ErrClosed) {
		return nil
	}
	return m.err
}
