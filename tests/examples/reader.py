import ctypes, sys

lib = ctypes.CDLL("libringbuf.so.1")
lib.ringbuf_last_error.restype = ctypes.c_char_p

def call(function, *args):
    if getattr(lib, function)(*args) != 0:
        sys.exit(lib.ringbuf_last_error().decode())

ring = ctypes.c_void_p()
samples = (ctypes.c_float * 2 * 480)()  # 480 samples of 2 channels
start, end = ctypes.c_int64(0), ctypes.c_int64(480)
call("ringbuf_open", ctypes.byref(ring), sys.argv[1].encode(), 0)
call("ringbuf_wait", ring, end, ctypes.c_int64(-1))
call("ringbuf_read", ring, start, end, samples)
call("ringbuf_close", ring)
print([list(row) for row in samples[:3]])
