module interop

go 1.19

require ringbuf v0.0.0

replace ringbuf => ../../../capi/go
