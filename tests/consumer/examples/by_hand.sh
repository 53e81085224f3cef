cc -o writer writer.c $(pkg-config --cflags --libs ringbuf)
cc -o reader reader.c $(pkg-config --cflags --libs ringbuf)
