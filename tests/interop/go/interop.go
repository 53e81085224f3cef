// interop write|read NAME: see tests/interop/README.md.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/adler32"
	"log"
	"math"
	"os"
	"unsafe"

	"ringbuf"
)

const (
	capacity, window, step, put = 97, 16, 8, 10
	samples, channels           = 1000, 2
	itemBytes                   = 13
	typeBytes                   = 255
)

// kind is a ring of elements of one type: how it is written and read, bit by bit.
type kind struct {
	name         string
	dataType     uint32
	elementBytes int
	special      [8]uint64
}

var kinds = []kind{
	{"int64", 8, 8, [8]uint64{0x8000000000000000, 0x7fffffffffffffff, 0xffffffffffffffff, 0x0020000000000001, 0, 1,
		0x00000000ffffffff, 0xffffffff00000000}},
	{"float32", 0, 4, [8]uint64{0x80000000, 0x7fc00001, 0x7f812345, 0xffc54321, 0x7f800000, 0xff800000, 1, 0x7f7fffff}},
	{"float64", 2, 8, [8]uint64{0x8000000000000000, 0x7ff8000000000001, 0x7ff0000012345678, 0xfff8765432100001,
		0x7ff0000000000000, 0xfff0000000000000, 1, 0x7fefffffffffffff}},
}

var input = bufio.NewReader(os.Stdin)

func main() {
	log.SetFlags(0)
	map[string]func(string){"write": write, "read": read}[os.Args[1]](os.Args[2])
}

func words(seed uint32, count int) []byte {
	data := make([]byte, 0, count)
	for len(data) < count {
		seed = 1664525*seed + 1013904223
		data = binary.LittleEndian.AppendUint32(data, seed)
	}
	return data
}

func (k kind) sampleBytes() int { return channels * k.elementBytes }

func (k kind) samples() []byte {
	data := words(k.dataType, samples*k.sampleBytes())
	for i := 0; i < samples*channels; i += 4 {
		element := k.special[i/4%8]
		if k.elementBytes == 4 {
			binary.LittleEndian.PutUint32(data[i*4:], uint32(element))
		} else {
			binary.LittleEndian.PutUint64(data[i*8:], element)
		}
	}
	return data
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func expectGo() {
	if line, _ := input.ReadString('\n'); line != "go\n" {
		log.Fatal("no go")
	}
}

// nameOf is that of the library's error; any other one ends the program.
func nameOf(err error) string {
	var code ringbuf.Code
	if err == nil {
		return "RINGBUF_OK"
	}
	if !errors.As(err, &code) {
		log.Fatal(err)
	}
	return code.Name()
}

// elements are the bytes as what they are, and bytesOf the other way round.
func elements[T ringbuf.Sample](data []byte) []T {
	var element T
	return unsafe.Slice((*T)(unsafe.Pointer(&data[0])), len(data)/int(unsafe.Sizeof(element)))
}

func bytesOf[T ringbuf.Sample](samples []T) []byte {
	var element T
	return unsafe.Slice((*byte)(unsafe.Pointer(&samples[0])), len(samples)*int(unsafe.Sizeof(element)))
}

func create[T ringbuf.Sample](name string, lossless bool) (*ringbuf.Writer[T], error) {
	return ringbuf.Create[T](name, ringbuf.Options{
		Capacity: capacity, Channels: channels, Window: window, Lossless: lossless})
}

// creator makes the ring of one kind, and gives what fills and closes it.
func creator[T ringbuf.Sample](name string, k kind) func() {
	writer, err := create[T](name+"."+k.name, true)
	must(err)
	return func() {
		data := elements[T](k.samples())
		for width := put * channels; len(data) > 0; data = data[width:] {
			if k.name == "float64" {
				must(writer.WaitSpace(context.Background(), put))
				block, err := writer.Reserve(put)
				must(err)
				copy(block, data)
				must(writer.Commit(put))
			} else {
				must(writer.PutWait(context.Background(), data[:width]))
			}
		}
		must(writer.Close())
	}
}

func write(name string) {
	overwritten, err := create[int64](name+".overwritten", false)
	must(err)
	fills := []func(){creator[int64](name, kinds[0]), creator[float32](name, kinds[1]), creator[float64](name, kinds[2])}
	items, err := ringbuf.Create[byte](name+".items", ringbuf.Options{
		ItemSize: itemBytes, Capacity: capacity, Window: window, Lossless: true})
	must(err)
	numbers := elements[int64](kinds[0].samples())
	must(overwritten.Put(numbers[:window*channels]))
	_, err = create[int64](name+".int64", true)
	fmt.Println("error", err)
	fmt.Println("ready")
	expectGo()
	must(overwritten.Put(numbers[window*channels : (window+200)*channels]))
	fmt.Println("overwritten")

	for _, fill := range fills {
		fill()
	}
	must(overwritten.Close())
	for data := words(typeBytes, samples*itemBytes); len(data) > 0; data = data[itemBytes:] {
		must(items.PutWait(context.Background(), data[:itemBytes]))
	}
	fmt.Println("done")
	input.ReadString('\n')
}

type figures struct {
	sum            int64
	nan, minusZero int
}

func add[T ringbuf.Sample](f *figures, samples []T) {
	switch numbers := any(samples).(type) {
	case []int64:
		for _, number := range numbers {
			f.sum += number
		}
	case []float32:
		addFloats(f, numbers)
	case []float64:
		addFloats(f, numbers)
	}
}

func addFloats[T float32 | float64](f *figures, elements []T) {
	for _, element := range elements {
		if math.IsNaN(float64(element)) {
			f.nan++
		} else if element == 0 && math.Signbit(float64(element)) {
			f.minusZero++
		}
	}
}

// opener opens the ring of one kind, and gives what reads it.
func opener[T ringbuf.Sample](name string, k kind) func() {
	reader, err := ringbuf.Open[T](name + "." + k.name)
	must(err)
	return func() { readWindows(reader, k) }
}

func readWindows[T ringbuf.Sample](reader *ringbuf.Reader[T], k kind) {
	expected := k.samples()
	hash := adler32.New()
	var seen figures
	for windows := 0; ; windows++ {
		w, err := reader.Next(context.Background(), window, step)
		if err != nil {
			figure := fmt.Sprintf("nan=%d minus_zero=%d", seen.nan, seen.minusZero)
			if k.name == "int64" {
				figure = fmt.Sprintf("sum=%d", seen.sum)
			}
			fmt.Printf("%s windows=%d adler32=%08x %s end=%s\n", k.name, windows, hash.Sum32(), figure, nameOf(err))
			return
		}
		bits := bytesOf(w.Samples)
		hash.Write(bits)
		add(&seen, w.Samples)
		at := int(w.Start) * k.sampleBytes()
		same := bytes.Equal(bits, expected[at:at+len(bits)])
		must(w.Check()) // from here on it is known that all this was whole
		if !same {
			log.Fatalf("%s: the window at %d is wrong", k.name, w.Start)
		}
	}
}

func readItems(reader *ringbuf.Reader[byte]) {
	expected := words(typeBytes, samples*itemBytes)
	hash := adler32.New()
	for popped := 0; ; popped++ {
		item, err := reader.Pop(context.Background())
		if err != nil {
			fmt.Printf("items popped=%d adler32=%08x end=%s\n", popped, hash.Sum32(), nameOf(err))
			return
		}
		if !bytes.HasPrefix(expected[popped*itemBytes:], item) {
			log.Fatalf("item %d is wrong", popped)
		}
		hash.Write(item)
	}
}

func read(name string) {
	for _, wrong := range []string{name + ".nobody", "no/name"} {
		_, err := ringbuf.Open[int64](wrong)
		fmt.Println("error", err)
	}
	readers := []func(){opener[int64](name, kinds[0]), opener[float32](name, kinds[1]), opener[float64](name, kinds[2])}
	items, err := ringbuf.Open[byte](name + ".items")
	must(err)
	overwritten, err := ringbuf.Open[int64](name + ".overwritten")
	must(err)
	first, err := overwritten.Next(context.Background(), window, window)
	must(err)
	fmt.Println("ready")
	expectGo()
	fmt.Printf("overwritten check=%s\n", nameOf(first.Check()))
	for _, read := range readers {
		read()
	}
	readItems(items)
}
