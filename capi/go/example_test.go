package ringbuf_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"ringbuf"
)

func Example() {
	name := fmt.Sprintf("ringbuf-test-go-example-%d", os.Getpid())
	writer, err := ringbuf.Create[float32](name, ringbuf.Options{Capacity: 48000, Channels: 2})
	if err != nil {
		log.Fatal(err)
	}
	reader, err := ringbuf.Open[float32](name)
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()
	for i := 0; i < 480; i++ {
		if err := writer.Put([]float32{float32(i), float32(2 * i)}); err != nil {
			log.Fatal(err)
		}
	}
	writer.Close() // ends the stream

	windows := reader.Windows(context.Background(), 240, 120)
	for windows.Next() {
		window := windows.Window()
		left, right := window.Row(0)[0], window.Row(0)[1] // in the ring itself
		if window.Check() == nil {
			fmt.Printf("%d: %g %g\n", window.Start, left, right)
		}
	}
	if err := windows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 0: 0 0
	// 120: 120 240
	// 240: 240 480
}
