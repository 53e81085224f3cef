package ringbuf_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ringbuf"
)

var background = context.Background()

// nameFor is the name of a ring of this test; nothing of the ring is left after the test.
func nameFor(t *testing.T) string {
	name := fmt.Sprintf("ringbuf-test-go-%d-%s", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-"))
	t.Cleanup(func() { ringbuf.Unlink(name) })
	return name
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, got, expected any) {
	t.Helper()
	if !reflect.DeepEqual(got, expected) {
		t.Fatalf("got %v, expected %v", got, expected)
	}
}

func expectCode(t *testing.T, err error, code ringbuf.Code) {
	t.Helper()
	var failure *ringbuf.Error
	if !errors.Is(err, code) || !errors.As(err, &failure) {
		t.Fatalf("got %v, expected %s", err, code.Name())
	}
	if failure.Detail == "" {
		t.Fatalf("%s has no words", code.Name())
	}
}

func create[T ringbuf.Sample](t *testing.T, name string, options ringbuf.Options) *ringbuf.Writer[T] {
	t.Helper()
	writer, err := ringbuf.Create[T](name, options)
	must(t, err)
	t.Cleanup(func() { writer.Close() })
	return writer
}

func open[T ringbuf.Sample](t *testing.T, name string, flags ...ringbuf.OpenFlag) *ringbuf.Reader[T] {
	t.Helper()
	reader, err := ringbuf.Open[T](name, flags...)
	must(t, err)
	t.Cleanup(func() { reader.Close() })
	return reader
}

// pairs are samples of two channels: i, -i.
func pairs(start, end int) []int32 {
	var samples []int32
	for i := start; i < end; i++ {
		samples = append(samples, int32(i), int32(-i))
	}
	return samples
}

func TestWindowsSlideOverAllSamples(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 97, Channels: 2, Window: 16, Lossless: true})
	reader := open[int32](t, name)
	expect(t, reader.Channels(), 2)
	failed := make(chan error, 1)
	go func() {
		for i := 0; i < 1000; i += 10 {
			if err := writer.PutWait(background, pairs(i, i+10)); err != nil {
				failed <- err
				break
			}
		}
		writer.Close()
		close(failed)
	}()
	windows, start := reader.Windows(background, 16, 8), 0
	for windows.Next() {
		w := windows.Window()
		expect(t, w.Samples, pairs(start, start+16))
		expect(t, []int64{w.Start, w.End}, []int64{int64(start), int64(start + 16)})
		expect(t, w.Len(), 16)
		expect(t, w.Row(15), pairs(start+15, start+16))
		must(t, w.Check())
		start += 8
	}
	must(t, windows.Err())
	must(t, <-failed)
	expect(t, start, 992)
	expect(t, windows.Next(), false)
	expect(t, windows.Window().Len(), 0)
}

func TestAWindowIsTheMemoryOfTheRing(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 32, Window: 16})
	reader := open[int32](t, name)
	must(t, writer.Put(make([]int32, 16)))
	window, err := reader.Next(background, 16, 16)
	must(t, err)
	must(t, window.Check())
	ones := make([]int32, 32)
	for i := range ones {
		ones[i] = 1
	}
	must(t, writer.Put(ones))
	expect(t, window.Samples[3], int32(1))
	expectCode(t, window.Check(), ringbuf.ErrOverwritten)
	_, err = reader.TryNext(16, 16)
	must(t, err)
}

func TestAnOverrunIsToldOnce(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 32, Window: 8})
	reader := open[int32](t, name, ringbuf.ResyncOldest)
	must(t, writer.Put(make([]int32, 100)))
	windows := reader.Windows(background, 8, 8)
	expect(t, windows.Next(), false)
	expectCode(t, windows.Err(), ringbuf.ErrOverwritten)
	windows = reader.Windows(background, 8, 8)
	expect(t, windows.Next(), true)
	expect(t, windows.Window().Start, int64(68))
	info, err := reader.Info()
	must(t, err)
	expect(t, []int{info.Lost, info.Overruns}, []int{68, 1})

	must(t, writer.Put(make([]int32, 100)))
	must(t, writer.Close())
	windows, count := reader.Windows(background, 8, 8), 0
	for windows.SkipOverruns = true; windows.Next(); count++ {
	}
	must(t, windows.Err())
	expect(t, count, 4)
}

func TestAWindowLongerThanThePocketIsACopy(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 32, Window: 4, Channels: 2})
	reader := open[int32](t, name)
	must(t, writer.Put(pairs(0, 20)))
	_, err := reader.Next(background, 20, 20)
	must(t, err)
	must(t, writer.Put(pairs(20, 44)))
	window, err := reader.Next(background, 24, 24)
	must(t, err)
	expect(t, window.Samples, pairs(20, 44))
	must(t, writer.Put(pairs(44, 144)))
	must(t, window.Check())
	expect(t, window.Row(0), pairs(20, 21))
	_, err = reader.View(124, 144)
	expectCode(t, err, ringbuf.ErrNotContiguous)
	samples, err := reader.Read(124, 144)
	must(t, err)
	expect(t, samples, pairs(124, 144))
}

func TestSamplesByIndex(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 32, Channels: 2, Window: 16, FirstIndex: 5})
	reader := open[int32](t, name)
	_, err := reader.Latest(1)
	expectCode(t, err, ringbuf.ErrNotYet)
	must(t, writer.Put(pairs(5, 45)))
	latest, err := reader.Latest(3)
	must(t, err)
	expect(t, latest.Samples, pairs(42, 45))
	expect(t, latest.Start, int64(42))
	view, err := writer.View(30, 40) // the writer may look, too
	must(t, err)
	expect(t, view.Samples, pairs(30, 40))
	must(t, view.Check())
	empty, err := reader.View(40, 40)
	must(t, err)
	expect(t, len(empty.Samples), 0)
	samples, err := reader.Read(13, 45)
	must(t, err)
	expect(t, samples, pairs(13, 45))
	for _, wrong := range []struct {
		start, end int64
		code       ringbuf.Code
	}{{12, 20, ringbuf.ErrOverwritten}, {44, 46, ringbuf.ErrNotYet}, {4, 6, ringbuf.ErrBadIndex}, {9, 8, ringbuf.ErrBadIndex}} {
		_, err = reader.View(wrong.start, wrong.end)
		expectCode(t, err, wrong.code)
		_, err = reader.Read(wrong.start, wrong.end)
		expectCode(t, err, wrong.code)
	}
	_, err = reader.Latest(33)
	expectCode(t, err, ringbuf.ErrOverwritten)
	must(t, reader.Wait(background, 45))
}

func TestPop(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 32, Channels: 2, Lossless: true})
	reader := open[int32](t, name)
	some := make([]int32, 6)
	_, err := reader.PopMany(some)
	expectCode(t, err, ringbuf.ErrEmpty)
	must(t, writer.Put(pairs(0, 5)))
	usage, err := reader.Usage()
	must(t, err)
	expect(t, usage, 5)
	sample, err := reader.Pop(background)
	must(t, err)
	expect(t, sample, pairs(0, 1))
	count, err := reader.PopMany(some)
	must(t, err)
	expect(t, some[:count*2], pairs(1, 4))
	position, err := reader.Position()
	must(t, err)
	expect(t, position, int64(4))
	must(t, reader.SeekTo(3))
	count, err = reader.PopMany(some)
	must(t, err)
	expect(t, some[:count*2], pairs(3, 5))
	expectCode(t, reader.SeekTo(6), ringbuf.ErrNotYet)

	must(t, writer.Close())
	_, err = reader.Pop(background)
	expectCode(t, err, ringbuf.ErrClosed)
	_, err = reader.PopMany(some)
	expectCode(t, err, ringbuf.ErrClosed)
}

func TestALosslessRingIsFull(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8, Lossless: true})
	reader := open[int32](t, name)
	must(t, writer.WaitReaders(background, 1))
	must(t, writer.Put(make([]int32, 6)))
	expectCode(t, writer.Put(make([]int32, 3)), ringbuf.ErrFull)
	space, err := writer.Space()
	must(t, err)
	expect(t, space, 2)
	expectCode(t, writer.PutWait(background, make([]int32, 9)), ringbuf.ErrInvalidArgument)
	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	expect(t, writer.PutWait(ctx, make([]int32, 3)), context.DeadlineExceeded)
	done := make(chan error)
	go func() { done <- writer.PutWait(background, make([]int32, 3)) }()
	_, err = reader.Pop(background)
	must(t, err)
	must(t, <-done)
}

func TestReserve(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 32, Channels: 2, Window: 8})
	room, err := writer.Reserve(8)
	must(t, err)
	expect(t, len(room), 16)
	copy(room, pairs(0, 8))
	expectCode(t, writer.Commit(9), ringbuf.ErrInvalidArgument)
	must(t, writer.Commit(5))
	latest, err := writer.Latest(5)
	must(t, err)
	expect(t, latest.Samples, pairs(0, 5))
	_, err = writer.Reserve(0)
	expectCode(t, err, ringbuf.ErrInvalidArgument)
}

func roundTrip[T ringbuf.Sample](t *testing.T, dataType ringbuf.DataType, size int, values ...T) {
	t.Run(fmt.Sprint(dataType), func(t *testing.T) {
		name := nameFor(t)
		writer := create[T](t, name, ringbuf.Options{Capacity: 8})
		must(t, writer.Put(values))
		samples, err := open[T](t, name).Read(0, int64(len(values)))
		must(t, err)
		expect(t, samples, values)
		info, err := writer.Info()
		must(t, err)
		expect(t, info.DataType, dataType)
		expect(t, info.SampleBytes, size)
	})
}

func TestTypes(t *testing.T) {
	roundTrip(t, ringbuf.TypeInt8, 1, int8(-128), 127)
	roundTrip(t, ringbuf.TypeUint8, 1, uint8(0), 255)
	roundTrip(t, ringbuf.TypeInt16, 2, int16(-32768), 32767)
	roundTrip(t, ringbuf.TypeUint16, 2, uint16(0), 65535)
	roundTrip(t, ringbuf.TypeInt32, 4, int32(-1<<31), 1<<31-1)
	roundTrip(t, ringbuf.TypeUint32, 4, uint32(0), 1<<32-1)
	roundTrip(t, ringbuf.TypeInt64, 8, int64(-1<<63), 1<<63-1)
	roundTrip(t, ringbuf.TypeUint64, 8, uint64(0), 1<<64-1)
	roundTrip(t, ringbuf.TypeFloat16, 2, ringbuf.Float16(0x3c00), 0xfc00)
	roundTrip(t, ringbuf.TypeFloat32, 4, float32(-0.5), 3e38)
	roundTrip(t, ringbuf.TypeFloat64, 8, -0.5, 1e308)
	roundTrip(t, ringbuf.TypeComplex64, 8, complex64(1-2i), 3i)
	roundTrip(t, ringbuf.TypeComplex128, 16, 1-2i, 3i)
	expect(t, fmt.Sprint(ringbuf.DataType(77)), "DataType(77)")
}

func TestOpaqueItems(t *testing.T) {
	name := nameFor(t)
	writer := create[byte](t, name, ringbuf.Options{Capacity: 8, ItemSize: 13})
	must(t, writer.Put([]byte("thirteen byteanother item!")))
	reader := open[byte](t, name)
	expect(t, reader.Channels(), 13)
	item, err := reader.Pop(background)
	must(t, err)
	expect(t, string(item), "thirteen byte")
	_, err = ringbuf.Create[int16](name, ringbuf.Options{Capacity: 8, ItemSize: 13})
	expectCode(t, err, ringbuf.ErrInvalidArgument)
}

func TestARingOfAnotherType(t *testing.T) {
	name := nameFor(t)
	create[int16](t, name, ringbuf.Options{Capacity: 8})
	for _, open := range []func() error{
		func() error { _, err := ringbuf.Open[float32](name); return err },
		func() error { _, err := ringbuf.Open[uint16](name); return err },
		func() error { _, err := ringbuf.Open[byte](name); return err },
	} {
		err := open()
		expectCode(t, err, ringbuf.ErrIncompatible)
		if !strings.Contains(err.Error(), "elements of int16") || !strings.Contains(err.Error(), "use [int16]") {
			t.Fatal(err)
		}
	}
	_, err := ringbuf.OpenMessages(name)
	expectCode(t, err, ringbuf.ErrIncompatible)
	readers, err := open[int16](t, name, ringbuf.Observer).Readers()
	must(t, err)
	expect(t, len(readers), 0) // the refused ones are closed
}

func TestBadArguments(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8, Channels: 2})
	reader := open[int32](t, name)
	expectCode(t, writer.Put(make([]int32, 3)), ringbuf.ErrIncompatible)
	for _, call := range []func() error{
		func() error { _, err := reader.Next(background, -1, 1); return err },
		func() error { _, err := reader.Next(background, 1, -1); return err },
		func() error { _, err := reader.Next(background, 0, 1); return err },
		func() error { _, err := reader.Next(background, 9, 1); return err },
		func() error { _, err := reader.Latest(-1); return err },
		func() error { _, err := writer.Reserve(-1); return err },
		func() error { return writer.Skip(-1) },
		func() error { return writer.Commit(-1) },
		func() error { return writer.WaitReaders(background, 17) },
		func() error { _, err := ringbuf.Create[int32](name, ringbuf.Options{Capacity: -1}); return err },
		func() error {
			_, err := ringbuf.Create[int32](name, ringbuf.Options{Capacity: 8, Channels: 1 << 40})
			return err
		},
		func() error { _, err := ringbuf.Open[int32]("no/name"); return err },
		func() error { _, err := ringbuf.Open[int32]("no\x00name"); return err },
		func() error { return ringbuf.Unlink("no\x00name") },
	} {
		expectCode(t, call(), ringbuf.ErrInvalidArgument)
	}
	must(t, writer.Put(nil))
	_, err := ringbuf.Create[int32](name, ringbuf.Options{Capacity: 8})
	expectCode(t, err, ringbuf.ErrExists)
}

// The text of an error belongs to a thread of C, which goroutines share.
func TestEachErrorHasItsOwnText(t *testing.T) {
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for i := 0; i < 300; i++ {
				name := fmt.Sprintf("ringbuf-test-go-nobody-%d-%d-%d", os.Getpid(), worker, i)
				_, err := ringbuf.Open[int32](name)
				if !errors.Is(err, ringbuf.ErrNotFound) || !strings.Contains(err.Error(), name) {
					t.Errorf("%s: %v", name, err)
					return
				}
				if i%3 == 0 {
					runtime.Gosched()
				}
			}
		}(worker)
	}
	group.Wait()
}

func TestCodes(t *testing.T) {
	expect(t, ringbuf.ErrClosed.Error(), "the writer has ended the stream")
	expect(t, ringbuf.ErrGap.Name(), "RINGBUF_GAP")
	expect(t, (ringbuf.ErrGap + 1).Name(), ringbuf.Code(1000).Name()) // and no code is after it
	expect(t, strings.Count(ringbuf.Version(), "."), 2)
}

func TestTheContextEndsAWait(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8})
	reader := open[int32](t, name)
	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	_, err := reader.Next(ctx, 1, 1)
	expect(t, err, context.DeadlineExceeded)

	ctx, cancel = context.WithCancel(background)
	cancel()
	must(t, writer.Put([]int32{1}))
	_, err = reader.Next(ctx, 1, 1) // also where it need not wait
	expect(t, err, context.Canceled)
	_, err = reader.Pop(background)
	must(t, err)
	_, err = ringbuf.OpenWait[int32](ctx, name+"-nobody")
	expect(t, err, context.Canceled)
}

// A cancellation may come before, in or after the wait; what comes too late must not end the next wait.
func TestACancellationMeetsOneWaitOnly(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8, Lossless: true})
	reader := open[int32](t, name)
	next := int32(0)
	for round := 0; round < 500; round++ {
		ctx, cancel := context.WithCancel(background)
		done := make(chan error)
		go func() {
			sample, err := reader.Pop(ctx)
			if err == nil {
				next = sample[0] + 1
			}
			done <- err
		}()
		for i := 0; i < round%7; i++ {
			runtime.Gosched()
		}
		if round%2 == 0 {
			go cancel()
			must(t, writer.PutWait(background, []int32{next}))
		} else {
			cancel()
		}
		err := <-done
		cancel()
		if err != nil && err != context.Canceled {
			t.Fatal(err)
		}
		if round%2 == 0 && err != nil {
			sample, err := reader.Pop(background)
			must(t, err)
			expect(t, sample[0], next)
			next++
		}
	}
}

func TestCloseEndsAWait(t *testing.T) {
	for round := 0; round < 100; round++ {
		name := nameFor(t)
		writer := create[int32](t, name, ringbuf.Options{Capacity: 8})
		reader := open[int32](t, name)
		done := make(chan error)
		go func() {
			_, err := reader.Next(background, 1, 1)
			done <- err
		}()
		for i := 0; i < round; i++ {
			runtime.Gosched()
		}
		must(t, reader.Close())
		if err := <-done; !errors.Is(err, ringbuf.ErrInterrupted) && !errors.Is(err, ringbuf.ErrNotInitialized) {
			t.Fatal(err)
		}
		must(t, writer.Close())
	}
}

func TestAClosedHandleIsRefused(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8, Keep: true})
	reader := open[int32](t, name)
	must(t, writer.Put([]int32{1}))
	window, err := reader.Next(background, 1, 1)
	must(t, err)
	must(t, writer.Close())
	must(t, writer.Close())
	must(t, reader.Close())
	for _, call := range []func() error{
		window.Check,
		func() error { return writer.Put([]int32{1}) },
		func() error { return writer.WaitSpace(background, 1) },
		func() error { return writer.SetMetadata(nil) },
		func() error { _, err := reader.Next(background, 1, 1); return err },
		func() error { _, err := reader.Pop(background); return err },
		func() error { _, err := reader.Latest(1); return err },
		func() error { _, err := reader.Metadata(); return err },
		func() error { _, err := reader.Gaps(); return err },
		func() error { _, err := reader.Readers(); return err },
		func() error { _, err := reader.TimeAt(0); return err },
		func() error { return reader.Reopen(background) },
		func() error { _, err := new(ringbuf.Reader[int32]).Info(); return err },
		func() error { return new(ringbuf.Writer[int32]).Put([]int32{1}) },
	} {
		expectCode(t, call(), ringbuf.ErrNotInitialized)
	}
	must(t, new(ringbuf.Reader[int32]).Close())
}

func TestTheFinaliserClosesAHandle(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8})
	func() {
		reader, err := ringbuf.Open[int32](name)
		must(t, err)
		_, err = reader.Info()
		must(t, err)
	}()
	for {
		readers, err := writer.Readers()
		must(t, err)
		if len(readers) == 0 {
			return
		}
		runtime.GC()
	}
}

func TestReopen(t *testing.T) {
	name := nameFor(t)
	first := create[int32](t, name, ringbuf.Options{Capacity: 8})
	reader := open[int32](t, name)
	must(t, first.Put([]int32{1, 2}))
	window, err := reader.Next(background, 1, 1)
	must(t, err)
	must(t, first.Close())
	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	expect(t, reader.Reopen(ctx), context.DeadlineExceeded)
	second := create[int32](t, name, ringbuf.Options{Capacity: 8})
	must(t, second.Put([]int32{7, 8}))
	must(t, reader.Reopen(background))
	expectCode(t, window.Check(), ringbuf.ErrStale)
	sample, err := reader.Pop(background)
	must(t, err)
	expect(t, sample, []int32{7})
	must(t, second.Close())
	create[int32](t, name, ringbuf.Options{Capacity: 16})
	expectCode(t, reader.Reopen(background), ringbuf.ErrIncompatible)
}

func TestResume(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8, Keep: true})
	must(t, writer.Put([]int32{1, 2}))
	_, err := ringbuf.Resume[int32](name)
	expectCode(t, err, ringbuf.ErrBusy)
	must(t, writer.Close())
	writer, err = ringbuf.Resume[int32](name)
	must(t, err)
	must(t, writer.Put([]int32{3}))
	samples, err := writer.Read(0, 3)
	must(t, err)
	expect(t, samples, []int32{1, 2, 3})
	must(t, writer.Close())
	_, err = ringbuf.CreateOrResume[int32](name, ringbuf.Options{Capacity: 16})
	expectCode(t, err, ringbuf.ErrIncompatible)
	writer, err = ringbuf.CreateOrResume[int32](name, ringbuf.Options{Capacity: 8, Keep: true})
	must(t, err)
	info, err := writer.Info()
	must(t, err)
	expect(t, info.Generation, 3)
	must(t, writer.Close())
}

func TestAReaderMayComeFirst(t *testing.T) {
	name := nameFor(t)
	done := make(chan error)
	go func() {
		reader, err := ringbuf.OpenWait[int32](background, name)
		if err == nil {
			_, err = reader.Pop(background)
			reader.Close()
		}
		done <- err
	}()
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8})
	must(t, writer.Put([]int32{1}))
	must(t, <-done)
}

func TestMessages(t *testing.T) {
	name := nameFor(t)
	writer, err := ringbuf.CreateMessages(name, ringbuf.Options{Capacity: 1024, Window: 104})
	must(t, err)
	defer writer.Close()
	reader, err := ringbuf.OpenMessages(name)
	must(t, err)
	defer reader.Close()
	_, err = ringbuf.Open[byte](name)
	expectCode(t, err, ringbuf.ErrIncompatible)
	_, err = reader.TryReceive()
	expectCode(t, err, ringbuf.ErrTimeout)
	must(t, writer.Send([]byte("started"), 3, -7))
	must(t, writer.Send(nil, 0, 0))
	expectCode(t, writer.Send(make([]byte, 105), 0, 0), ringbuf.ErrInvalidArgument)
	message, err := reader.Receive(background)
	must(t, err)
	expect(t, string(message.Bytes), "started")
	expect(t, []int64{int64(message.Kind), message.Tag, message.Start}, []int64{3, -7, 24})
	if message.Monotonic <= 0 {
		t.Fatal(message)
	}
	message, err = reader.TryReceive()
	must(t, err)
	expect(t, message.Bytes, []byte{})
	for i := 0; i < 100; i++ {
		must(t, writer.Send([]byte{byte(i)}, 0, 0))
	}
	_, err = reader.Receive(background)
	expectCode(t, err, ringbuf.ErrOverwritten)
	must(t, writer.Close())
	messages, last := reader.Messages(background), byte(0)
	for messages.Next() {
		last = messages.Message().Bytes[0]
	}
	must(t, messages.Err())
	expect(t, last, byte(99))
}

// A message that the writer overwrites while it is copied must not be handed out.
func TestMessagesAreWholeBesideAFastWriter(t *testing.T) {
	name := nameFor(t)
	writer, err := ringbuf.CreateMessages(name, ringbuf.Options{Capacity: 8192, Window: 4000})
	must(t, err)
	defer writer.Close()
	reader, err := ringbuf.OpenMessages(name, ringbuf.ResyncOldest)
	must(t, err)
	defer reader.Close()
	stop, stopped := make(chan bool), make(chan error)
	go func() {
		for i := byte(0); ; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := writer.Send(bytes.Repeat([]byte{i}, 3500), uint32(i), 0); err != nil {
				stopped <- err
				return
			}
		}
	}()
	for received, overruns := 0, 0; received < 2000 || overruns == 0; {
		message, err := reader.Receive(background)
		if errors.Is(err, ringbuf.ErrOverwritten) {
			overruns++
			continue
		}
		must(t, err)
		received++
		if len(message.Bytes) != 3500 || bytes.Count(message.Bytes, []byte{byte(message.Kind)}) != 3500 {
			t.Fatalf("message of kind %d: %v", message.Kind, message.Bytes)
		}
	}
	close(stop)
	must(t, <-stopped)
}

func TestMetadata(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 8, MetadataBytes: 10000})
	reader := open[int32](t, name)
	metadata, err := reader.Metadata()
	must(t, err)
	expect(t, len(metadata), 0)
	long := bytes.Repeat([]byte("0123456789"), 1000)
	must(t, writer.SetMetadata(long))
	metadata, err = reader.Metadata()
	must(t, err)
	expect(t, metadata, long)
	expectCode(t, writer.SetMetadata(append(long, 0)), ringbuf.ErrInvalidArgument)
	must(t, writer.SetMetadata(nil))
	metadata, err = reader.Metadata()
	must(t, err)
	expect(t, len(metadata), 0)
}

func TestTimesAndGaps(t *testing.T) {
	name := nameFor(t)
	writer := create[int32](t, name, ringbuf.Options{Capacity: 100, SampleRate: 10})
	reader := open[int32](t, name)
	_, err := reader.TimeAt(0)
	expectCode(t, err, ringbuf.ErrNotYet)
	must(t, writer.Put(make([]int32, 30)))
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	must(t, writer.Stamp(0, ringbuf.Time{Monotonic: time.Second, Real: day}))
	must(t, writer.Stamp(20, ringbuf.Time{Monotonic: 3 * time.Second, Real: day.Add(2 * time.Second)}))
	moment, err := reader.TimeAt(10)
	must(t, err)
	expect(t, moment.Monotonic, 2*time.Second)
	expect(t, moment.Real.UTC(), day.Add(time.Second))
	index, err := reader.IndexAt(day.Add(500 * time.Millisecond))
	must(t, err)
	expect(t, index, int64(5))
	index, err = reader.IndexAtMonotonic(1500 * time.Millisecond)
	must(t, err)
	expect(t, index, int64(5))
	expectCode(t, writer.Stamp(20, ringbuf.Time{Monotonic: 4 * time.Second}), ringbuf.ErrBadIndex)

	gaps, err := reader.Gaps()
	must(t, err)
	expect(t, len(gaps), 0)
	must(t, writer.Skip(5))
	must(t, writer.Put(make([]int32, 2)))
	must(t, writer.Skip(3))
	gaps, err = reader.Gaps()
	must(t, err)
	expect(t, gaps, []ringbuf.Gap{{30, 35}, {37, 40}})
	_, err = reader.View(29, 36)
	expectCode(t, err, ringbuf.ErrGap)
}

func TestListAndInfo(t *testing.T) {
	name := nameFor(t)
	writer := create[float64](t, name, ringbuf.Options{
		Capacity: 100, Channels: 3, Window: 20, Lossless: true, MaxReaders: 5, SampleRate: 250, FirstIndex: 7})
	reader := open[float64](t, name)
	must(t, writer.Put(make([]float64, 30)))
	_, err := reader.Pop(background)
	must(t, err)
	rings, err := ringbuf.List()
	must(t, err)
	var listed *ringbuf.Listed
	for i := range rings {
		if rings[i].Name == name {
			listed = &rings[i]
		}
	}
	if listed == nil {
		t.Fatalf("%s is not among %v", name, rings)
	}
	info, err := reader.Info()
	must(t, err)
	for _, i := range []ringbuf.Info{info, listed.Info} {
		expect(t, []any{i.DataType, i.Channels, i.SampleBytes, i.Capacity, i.Window, i.Lossless, i.Keep, i.Messages, i.State,
			i.Written, i.FirstIndex, i.SampleRate, i.MaxReaders, i.Readers, i.Generation, i.WriterPID},
			[]any{ringbuf.TypeFloat64, 3, 24, 100, 20, true, false, false, ringbuf.StateLive,
				int64(17), int64(7), 250.0, 5, 1, 1, os.Getpid()})
		expect(t, i.ID, info.ID)
	}
	expect(t, info.Position, int64(8))
	readers, err := writer.Readers()
	must(t, err)
	expect(t, readers, []ringbuf.ReaderInfo{{ProcessID: os.Getpid(), Position: 8, Lag: 9, HoldsBack: true}})
	must(t, ringbuf.Unlink(name))
	expectCode(t, ringbuf.Unlink(name), ringbuf.ErrNotFound)
	expect(t, fmt.Sprint(ringbuf.StateLive, ringbuf.State(9)), "live unknown")
}
