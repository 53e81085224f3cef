package main

// #cgo pkg-config: ringbuf
// #include <ringbuf.h>
import "C"
import (
	"fmt"
	"os"
	"unsafe"
)

func main() {
	var ring *C.ringbuf_t
	var samples unsafe.Pointer // in the ring itself
	var start C.int64_t
	code := C.ringbuf_open(&ring, C.CString(os.Args[1]), C.RINGBUF_FROM_OLDEST)
	for code == 0 {
		if code = C.ringbuf_next(ring, 480, 240, -1, &samples, &start); code != 0 {
			break
		}
		row := *(*[2]float32)(samples)
		if C.ringbuf_check(ring, start, start+480) == 0 {
			fmt.Printf("%d: %g %g\n", start, row[0], row[1])
		}
	}
	fmt.Println(C.GoString(C.ringbuf_strerror(code)))
}
