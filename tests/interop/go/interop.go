// interop write|read NAME: see tests/interop/README.md.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/adler32"
	"log"
	"math"
	"os"
	"runtime"
)

const (
	capacity, window, step, put = 97, 16, 8, 10
	samples, channels           = 1000, 2
	itemBytes                   = 13
	typeBytes                   = 255
)

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
	runtime.LockOSThread() // an error's details are kept by the thread
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
	var ringError *Error
	if err == nil {
		return "RINGBUF_OK"
	}
	if !errors.As(err, &ringError) {
		log.Fatal(err)
	}
	return ringError.Name
}

func create(name string, k kind, lossless bool) (*Writer, error) {
	return Create(name, k.sampleBytes(), Options{
		DataType: k.dataType, Channels: channels, Capacity: capacity, Window: window, Lossless: lossless})
}

func putAll(writer *Writer, k kind) {
	data := k.samples()
	for width := put * k.sampleBytes(); len(data) > 0; data = data[width:] {
		must(writer.WaitSpace(put))
		if k.name == "float64" {
			block, err := writer.Reserve(put)
			must(err)
			copy(block, data)
			must(writer.Commit(put))
		} else {
			must(writer.Put(data[:width]))
		}
	}
}

func write(name string) {
	overwritten, err := create(name+".overwritten", kinds[0], false)
	must(err)
	writers := make([]*Writer, len(kinds))
	for i, k := range kinds {
		writers[i], err = create(name+"."+k.name, k, true)
		must(err)
	}
	items, err := Create(name+".items", itemBytes, Options{
		DataType: typeBytes, ItemSize: itemBytes, Capacity: capacity, Window: window, Lossless: true})
	must(err)
	data, width := kinds[0].samples(), kinds[0].sampleBytes()
	must(overwritten.Put(data[:window*width]))
	_, err = create(name+".int64", kinds[0], true)
	fmt.Println("error", err)
	fmt.Println("ready")
	expectGo()
	must(overwritten.Put(data[window*width : (window+200)*width]))
	fmt.Println("overwritten")

	for i, k := range kinds {
		putAll(writers[i], k)
		must(writers[i].Close())
	}
	must(overwritten.Close())
	for data = words(typeBytes, samples*itemBytes); len(data) > 0; data = data[itemBytes:] {
		must(items.WaitSpace(1))
		must(items.Push(data[:itemBytes]))
	}
	fmt.Println("done")
	input.ReadString('\n')
}

type figures struct {
	sum            int64
	nan, minusZero int
}

func (f *figures) add(w Window, name string) {
	switch name {
	case "int64":
		for _, element := range Elements[int64](w) {
			f.sum += element
		}
	case "float32":
		addFloats(f, Elements[float32](w))
	case "float64":
		addFloats(f, Elements[float64](w))
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

func readWindows(reader *Reader, k kind) {
	expected := k.samples()
	hash := adler32.New()
	var seen figures
	for windows := 0; ; windows++ {
		w, err := reader.Next(window, step)
		if err != nil {
			figure := fmt.Sprintf("nan=%d minus_zero=%d", seen.nan, seen.minusZero)
			if k.name == "int64" {
				figure = fmt.Sprintf("sum=%d", seen.sum)
			}
			fmt.Printf("%s windows=%d adler32=%08x %s end=%s\n", k.name, windows, hash.Sum32(), figure, nameOf(err))
			return
		}
		hash.Write(w.Bytes)
		seen.add(w, k.name)
		at := w.Start * k.sampleBytes()
		same := bytes.Equal(w.Bytes, expected[at:at+len(w.Bytes)])
		must(w.Check()) // from here on it is known that all this was whole
		if !same {
			log.Fatalf("%s: the window at %d is wrong", k.name, w.Start)
		}
	}
}

func readItems(reader *Reader) {
	expected, item := words(typeBytes, samples*itemBytes), make([]byte, itemBytes)
	hash := adler32.New()
	for popped := 0; ; popped++ {
		if err := reader.Pop(item); err != nil {
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
		_, err := Open(wrong, 1)
		fmt.Println("error", err)
	}
	readers := make([]*Reader, len(kinds))
	var err error
	for i, k := range kinds {
		readers[i], err = Open(name+"."+k.name, k.sampleBytes())
		must(err)
	}
	items, err := Open(name+".items", itemBytes)
	must(err)
	overwritten, err := Open(name+".overwritten", kinds[0].sampleBytes())
	must(err)
	first, err := overwritten.Next(window, window)
	must(err)
	fmt.Println("ready")
	expectGo()
	fmt.Printf("overwritten check=%s\n", nameOf(first.Check()))
	for i, k := range kinds {
		readWindows(readers[i], k)
	}
	readItems(items)
}
