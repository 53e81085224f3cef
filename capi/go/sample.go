package ringbuf

// #include <ringbuf.h>
import "C"

import (
	"fmt"
	"unsafe"
)

// Float16 holds the bits of an IEEE 754 number of 2 bytes, a type that Go does not have.
type Float16 uint16

// Sample is the type of one element of a sample. byte is also for opaque items; see [Options].
type Sample interface {
	int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64 | Float16 | float32 | float64 | complex64 | complex128
}

// DataType is the type of one element, as a ring names it.
type DataType uint32

// The types of elements. The comment has the Go type.
const (
	TypeFloat32    DataType = C.RINGBUF_FLOAT32    // float32
	TypeInt16      DataType = C.RINGBUF_INT16      // int16
	TypeFloat64    DataType = C.RINGBUF_FLOAT64    // float64
	TypeInt8       DataType = C.RINGBUF_INT8       // int8
	TypeUint8      DataType = C.RINGBUF_UINT8      // uint8
	TypeUint16     DataType = C.RINGBUF_UINT16     // uint16
	TypeInt32      DataType = C.RINGBUF_INT32      // int32
	TypeUint32     DataType = C.RINGBUF_UINT32     // uint32
	TypeInt64      DataType = C.RINGBUF_INT64      // int64
	TypeUint64     DataType = C.RINGBUF_UINT64     // uint64
	TypeFloat16    DataType = C.RINGBUF_FLOAT16    // Float16
	TypeComplex64  DataType = C.RINGBUF_COMPLEX64  // complex64
	TypeComplex128 DataType = C.RINGBUF_COMPLEX128 // complex128
	TypeBytes      DataType = C.RINGBUF_BYTES      // byte: opaque items of Options.ItemSize bytes
)

// String is the name of the type: "float32", "bytes" and so on.
func (t DataType) String() string {
	if name := C.ringbuf_type_name(C.uint32_t(t)); name != nil {
		return C.GoString(name)
	}
	return fmt.Sprintf("DataType(%d)", uint32(t))
}

func dataTypeOf[T Sample]() DataType {
	var element T
	switch any(element).(type) {
	case int8:
		return TypeInt8
	case uint8:
		return TypeUint8
	case int16:
		return TypeInt16
	case uint16:
		return TypeUint16
	case int32:
		return TypeInt32
	case uint32:
		return TypeUint32
	case int64:
		return TypeInt64
	case uint64:
		return TypeUint64
	case Float16:
		return TypeFloat16
	case float32:
		return TypeFloat32
	case float64:
		return TypeFloat64
	case complex64:
		return TypeComplex64
	}
	return TypeComplex128
}

// goType is how Go writes the type of a ring's elements.
func goType(t DataType) string {
	switch t {
	case TypeFloat16:
		return "ringbuf.Float16"
	case TypeBytes:
		return "byte"
	}
	return t.String()
}

func sizeOf[T Sample]() int {
	var element T
	return int(unsafe.Sizeof(element))
}

var nothing [8]byte

// addressOf is that of the first element. C takes NULL for a mistake, so no elements have an address, too.
func addressOf[T Sample](elements []T) unsafe.Pointer {
	if len(elements) == 0 {
		return unsafe.Pointer(&nothing)
	}
	return unsafe.Pointer(&elements[0])
}
