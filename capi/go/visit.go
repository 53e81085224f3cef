package ringbuf

// #include <ringbuf.h>
import "C"

import "runtime/cgo"

// The visitors that C calls for each ring, gap and reader: they append to the slice whose handle is given.

//export ringbufGoRing
func ringbufGoRing(name *C.char, info *C.ringbuf_info_t, list C.uintptr_t) {
	rings := cgo.Handle(list).Value().(*[]Listed)
	*rings = append(*rings, Listed{C.GoString(name), infoOf(info)})
}

//export ringbufGoGap
func ringbufGoGap(start, end C.int64_t, list C.uintptr_t) {
	gaps := cgo.Handle(list).Value().(*[]Gap)
	*gaps = append(*gaps, Gap{int64(start), int64(end)})
}

//export ringbufGoReader
func ringbufGoReader(r *C.ringbuf_reader_info_t, list C.uintptr_t) {
	readers := cgo.Handle(list).Value().(*[]ReaderInfo)
	*readers = append(*readers, ReaderInfo{
		ProcessID: int(r.process_id), Position: int64(r.position), Lag: int(r.lag), Lost: int(r.lost),
		Overruns: int(r.overruns), HoldsBack: r.holds_back != 0,
	})
}
