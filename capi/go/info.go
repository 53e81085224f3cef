package ringbuf

// #include <ringbuf.h>
import "C"

import "time"

// State is what has become of a ring's writer.
type State uint32

// The states of a ring.
const (
	StateLive       State = C.RINGBUF_STATE_LIVE       // a writer has the ring open
	StateClosed     State = C.RINGBUF_STATE_CLOSED     // the writer has ended the stream
	StateSuperseded State = C.RINGBUF_STATE_SUPERSEDED // a newer ring has taken the name
	StateDead       State = C.RINGBUF_STATE_DEAD       // the writer died
)

// String is the state in one word.
func (s State) String() string {
	switch s {
	case StateLive:
		return "live"
	case StateClosed:
		return "closed"
	case StateSuperseded:
		return "superseded"
	case StateDead:
		return "dead"
	}
	return "unknown"
}

// Info describes a ring, and the handle that asked for it.
type Info struct {
	DataType    DataType // type of one element
	Channels    int      // elements in one sample
	ItemSize    int      // bytes in one element
	SampleBytes int      // bytes in one sample
	Capacity    int      // samples that the ring holds; bytes, if it holds messages
	Window      int      // samples in the pocket: the longest window that is always contiguous
	Lossless    bool     // registered readers hold the writer back
	Keep        bool     // closing the writer leaves the name and the samples in place
	Messages    bool     // the ring holds messages
	State       State
	Written     int64   // index of the next sample
	Oldest      int64   // index of the oldest sample that can still be read
	FirstIndex  int64   // index of the first sample
	SampleRate  float64 // in Hz; 0 is unknown

	Position int64 // index of the next sample that this reader consumes; for a writer Written
	Overruns int   // times this reader was overrun
	Lost     int   // samples this reader missed in overruns

	Readers    int       // reader slots in use
	MaxReaders int       // reader slots in total
	Generation int       // writers the ring has had
	WriterPID  int       // process id of a live writer; 0 is none, or unknown here
	TotalBytes int       // size of the shared memory
	Created    time.Time // when the ring was made
	ID         [16]byte  // random: no other ring has it

	AnchorIndex int64 // index of the last sample of the put that Anchor belongs to; -1 is none
	Anchor      Time  // when that put was
}

func infoOf(i *C.ringbuf_info_t) Info {
	info := Info{
		DataType: DataType(i.data_type), Channels: int(i.channels), ItemSize: int(i.item_size),
		SampleBytes: int(i.sample_bytes), Capacity: int(i.capacity), Window: int(i.window),
		Lossless: i.flags&C.RINGBUF_LOSSLESS != 0, Keep: i.flags&C.RINGBUF_KEEP != 0,
		Messages: i.flags&C.RINGBUF_MESSAGES != 0, State: State(i.state),
		Written: int64(i.written), Oldest: int64(i.oldest), FirstIndex: int64(i.first_index),
		SampleRate: float64(i.sample_rate),
		Position:   int64(i.position), Overruns: int(i.overruns), Lost: int(i.lost),
		Readers: int(i.readers), MaxReaders: int(i.max_readers), Generation: int(i.generation),
		WriterPID: int(i.writer_pid), TotalBytes: int(i.total_bytes), Created: time.Unix(0, int64(i.created_realtime_ns)),
		AnchorIndex: int64(i.anchor_index),
		Anchor:      Time{time.Duration(i.anchor_monotonic_ns), time.Unix(0, int64(i.anchor_realtime_ns))},
	}
	for n, value := range i.ring_id {
		info.ID[n] = byte(value)
	}
	return info
}

func (h *handle) info() (Info, error) {
	info := C.ringbuf_info_t{struct_size: C.sizeof_ringbuf_info_t}
	if err := h.call(func(ring *C.ringbuf_t) C.int { return C.ringbuf_info(ring, &info) }); err != nil {
		return Info{}, err
	}
	return infoOf(&info), nil
}

// Info describes the ring and this handle, as they are now. It does not wait.
func (r Ring) Info() (Info, error) { return r.get().info() }

// Gap is a range of indices that the writer has skipped, from Start to before End.
type Gap struct{ Start, End int64 }

// ReaderInfo describes one registered reader.
type ReaderInfo struct {
	ProcessID int   // 0 is unknown here
	Position  int64 // index of the next sample it reads
	Lag       int   // samples between its position and the newest one
	Lost      int   // samples it missed in overruns
	Overruns  int   // times it was overrun
	HoldsBack bool  // the writer does not overwrite samples that this reader still needs
}

// Listed is a ring of this machine.
type Listed struct {
	Name string
	Info Info
}
