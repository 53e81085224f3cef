package ringbuf

// #include <ringbuf.h>
import "C"

import "io/fs"

// Options are those of a new ring. A field that is 0 has its default; Capacity has none.
type Options struct {
	// Capacity is how many samples the ring holds. For messages it is in bytes, a multiple of 8: each message takes 24
	// bytes more than its own, and up to 7 bytes of padding.
	Capacity int
	// Channels is how many elements one sample has. Default: 1.
	Channels int
	// ItemSize makes a ring of opaque items of so many bytes each, of a Writer[byte]. Default: elements of type T.
	ItemSize int
	// Window is the longest window, in samples, that is contiguous wherever it lies; at most the capacity. For messages it
	// is the longest message in bytes. Default: 64 KiB of samples, at most an eighth of the capacity; one opaque item.
	Window int
	// Lossless makes registered readers hold the writer back, so that they lose nothing.
	Lossless bool
	// Keep leaves the name and the samples in place when the writer is closed.
	Keep bool
	// MaxReaders is how many reader slots there are, at most 1024. Default: 16.
	MaxReaders int
	// Mode is the permission bits; the umask does not apply. Default: 0600.
	Mode fs.FileMode
	// MetadataBytes is the room for metadata. Default: 4096.
	MetadataBytes int
	// SampleRate is in Hz. Default: 0, unknown.
	SampleRate float64
	// FirstIndex is the index of the first sample, which a copy of a ring keeps. Default: 0.
	FirstIndex int64
}

// inC are the options as C has them.
func (o Options) inC(dataType DataType, flags C.uint32_t) (*C.ringbuf_options_t, error) {
	for _, field := range []struct {
		name  string
		value int
	}{
		{"Capacity", o.Capacity}, {"Channels", o.Channels}, {"ItemSize", o.ItemSize}, {"Window", o.Window},
		{"MaxReaders", o.MaxReaders}, {"MetadataBytes", o.MetadataBytes},
	} {
		if err := notNegative(field.name, field.value); err != nil {
			return nil, err
		}
		if field.name != "Capacity" && field.name != "Window" && uint64(field.value) > 1<<32-1 {
			return nil, refuse(ErrInvalidArgument, "%s is %d, expected less than 2^32", field.name, field.value)
		}
	}
	if o.ItemSize != 0 {
		if dataType != TypeUint8 {
			return nil, refuse(ErrInvalidArgument, "ItemSize is %d for elements of %v, expected Writer[byte]", o.ItemSize, dataType)
		}
		dataType = TypeBytes
	}
	if o.Lossless {
		flags |= C.RINGBUF_LOSSLESS
	}
	if o.Keep {
		flags |= C.RINGBUF_KEEP
	}
	return &C.ringbuf_options_t{
		struct_size: C.sizeof_ringbuf_options_t, data_type: C.uint32_t(dataType), channels: C.uint32_t(o.Channels),
		item_size: C.uint32_t(o.ItemSize), capacity: C.uint64_t(o.Capacity), window: C.uint64_t(o.Window), flags: flags,
		max_readers: C.uint32_t(o.MaxReaders), mode: C.uint32_t(o.Mode), metadata_bytes: C.uint32_t(o.MetadataBytes),
		sample_rate: C.double(o.SampleRate), first_index: C.int64_t(o.FirstIndex),
	}, nil
}

// OpenFlag is a choice of how a reader is opened.
type OpenFlag uint32

// The choices of [Open]. One of the ResyncX says where the reader continues after an overrun; the default is the middle of
// the samples that the ring holds.
const (
	FromNewest   OpenFlag = C.RINGBUF_FROM_NEWEST   // start at the next sample that will be written, not at the oldest
	Observer     OpenFlag = C.RINGBUF_OBSERVER      // take no reader slot: never hold the writer back
	ResyncNewest OpenFlag = C.RINGBUF_RESYNC_NEWEST // continue at the next sample that will be written
	ResyncLap    OpenFlag = C.RINGBUF_RESYNC_LAP    // skip whole laps: the position modulo the capacity stays
	ResyncOldest OpenFlag = C.RINGBUF_RESYNC_OLDEST // continue at the oldest sample, which is overwritten next
	Lazy         OpenFlag = C.RINGBUF_LAZY          // map pages when they are first used
)

func allOf(flags []OpenFlag) C.uint32_t {
	var all OpenFlag
	for _, flag := range flags {
		all |= flag
	}
	return C.uint32_t(all)
}
