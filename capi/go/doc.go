// Package ringbuf is ringbuf for Go: ring buffers in shared memory.
//
// One process, the writer, appends samples to a named ring. Any number of readers, in other processes or in this one, look
// at windows of samples without a copy, or consume the samples one by one. A sample is a row of channels: elements of one
// type. The first sample has index 0, unless the ring was made with another one, and indices only grow.
//
//	reader, err := ringbuf.Open[float32]("hello")
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer reader.Close()
//	windows := reader.Windows(context.Background(), 480, 240)
//	for windows.Next() {
//		window := windows.Window()
//		peak := peakOf(window.Samples) // in the ring itself
//		if window.Check() == nil {     // the writer has not overwritten it meanwhile
//			fmt.Println(window.Start, peak)
//		}
//	}
//	if err := windows.Err(); err != nil {
//		log.Fatal(err)
//	}
//
// # Conventions
//
// Counts are in samples, unless they say bytes. A slice of samples is flat: sample i of a ring of n channels is
// elements i*n to i*n+n-1. Ranges of indices are half open: from start to before end.
//
// Methods that take a context wait; all others return at once. When the context ends, they return its error within a
// moment. Everything else that fails is an [*Error]; errors.Is compares it with a [Code]:
//
//	if errors.Is(err, ringbuf.ErrOverwritten) {
//
// Any goroutine may call any method. Those of one handle take turns, also while one of them waits: give each goroutine a
// reader of its own. Close may be called at any time, and ends the wait of another goroutine.
//
// # Memory
//
// The samples of a [Window] are memory of the ring, not of Go. They must not be changed, and they must not be touched after
// Close or Reopen: the memory may be gone, and the program ends with a fault that cannot be recovered. A handle that is
// no longer reachable is closed by a finaliser, and a slice of the ring's memory does not keep its handle reachable. So
// call Close when the last window has been used, by defer for example.
//
// On an overwriting ring the writer continues while a window is used: call [Window.Check] after the last use. Samples that
// are copied out, by Read, Pop or NextCopy, are known to be intact. The race detector does not know of the writer.
package ringbuf
