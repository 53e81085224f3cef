c++ -std=c++20 -o levels levels.cpp $(pkg-config --cflags --libs-only-L ringbuf) -l:libringbuf.a
cc -o queue queue.c $(pkg-config --cflags --libs-only-L ringbuf) -l:libringbuf.a -lstdc++ -lm -lpthread
