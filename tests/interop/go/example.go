package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"ringbuf"
)

func main() {
	reader, err := ringbuf.Open[float32](os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()
	windows := reader.Windows(context.Background(), 480, 240)
	for windows.Next() {
		window := windows.Window()
		left, right := window.Samples[0], window.Samples[1] // in the ring itself
		if window.Check() == nil {
			fmt.Printf("%d: %g %g\n", window.Start, left, right)
		}
	}
	if windows.Err() != nil {
		log.Fatal(windows.Err())
	}
	fmt.Println("the writer has ended the stream")
}
