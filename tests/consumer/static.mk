# A Makefile for static programs.
CFLAGS ?= -O2
CPPFLAGS += $(shell pkg-config --cflags ringbuf)
LDLIBS += $(shell pkg-config --static --libs ringbuf)

all: queue c11

clean:
	rm -f queue c11
