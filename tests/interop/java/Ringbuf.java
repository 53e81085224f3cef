import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the test needs of ringbuf, with JNA: a Writer and a Reader whose methods throw a RingbufException. */
final class Ringbuf {
    static final int LOSSLESS = 1;
    private static final int EMPTY = 13;
    private static final Functions LIBRARY = Native.load("libringbuf.so.1", Functions.class);

    private interface Functions extends Library {
        int ringbuf_create(PointerByReference ring, String name, Options options);
        int ringbuf_open(PointerByReference ring, String name, int flags);
        int ringbuf_close(Pointer ring);
        int ringbuf_put(Pointer ring, byte[] samples, long count);
        int ringbuf_push(Pointer ring, byte[] item);
        int ringbuf_reserve(Pointer ring, long count, PointerByReference samples);
        int ringbuf_commit(Pointer ring, long count);
        int ringbuf_wait_space(Pointer ring, long count, long timeoutNs);
        int ringbuf_next(Pointer ring, long window, long step, long timeoutNs, PointerByReference samples,
            LongByReference start);
        int ringbuf_check(Pointer ring, long start, long end);
        int ringbuf_pop(Pointer ring, byte[] item);
        int ringbuf_tell(Pointer ring, LongByReference position);
        int ringbuf_wait(Pointer ring, long end, long timeoutNs);
        String ringbuf_error_name(int code);
        String ringbuf_last_error();
    }

    /** How to make a ring; a zero field means its default. */
    @Structure.FieldOrder({"structSize", "dataType", "channels", "itemSize", "capacity", "window", "flags",
        "maxReaders", "mode", "metadataBytes", "sampleRate", "firstIndex"})
    public static final class Options extends Structure {
        public int structSize = size();
        public int dataType;
        public int channels;
        public int itemSize;
        public long capacity;
        public long window;
        public int flags;
        public int maxReaders;
        public int mode;
        public int metadataBytes;
        public double sampleRate;
        public long firstIndex;
    }

    /** A code of the library; the message is what it had to say about it. */
    static final class RingbufException extends RuntimeException {
        private static final long serialVersionUID = 1;
        final int code;
        final String name;

        RingbufException(int code) {
            super(LIBRARY.ringbuf_last_error());
            this.code = code;
            this.name = LIBRARY.ringbuf_error_name(code);
        }
    }

    private Ringbuf() {}

    private static void checked(int code) {
        if (code != 0) throw new RingbufException(code);
    }

    static final class Writer implements AutoCloseable {
        private final Pointer ring;
        private final int sampleBytes;

        Writer(String name, int sampleBytes, Options options) {
            var created = new PointerByReference();
            checked(LIBRARY.ringbuf_create(created, name, options));
            this.ring = created.getValue();
            this.sampleBytes = sampleBytes;
        }

        void waitSpace(int count) {
            checked(LIBRARY.ringbuf_wait_space(ring, count, -1));
        }

        void put(byte[] samples) {
            checked(LIBRARY.ringbuf_put(ring, samples, samples.length / sampleBytes));
        }

        void push(byte[] item) {
            checked(LIBRARY.ringbuf_push(ring, item));
        }

        /** Where to write in the ring; commit appends it. */
        ByteBuffer reserve(int count) {
            var at = new PointerByReference();
            checked(LIBRARY.ringbuf_reserve(ring, count, at));
            return at.getValue().getByteBuffer(0, (long) count * sampleBytes).order(ByteOrder.nativeOrder());
        }

        void commit(int count) {
            checked(LIBRARY.ringbuf_commit(ring, count));
        }

        @Override public void close() {
            checked(LIBRARY.ringbuf_close(ring));
        }
    }

    static final class Reader implements AutoCloseable {
        private final Pointer ring;
        private final int sampleBytes;
        private long start;
        private long end;

        Reader(String name, int sampleBytes) {
            var opened = new PointerByReference();
            checked(LIBRARY.ringbuf_open(opened, name, 0));
            this.ring = opened.getValue();
            this.sampleBytes = sampleBytes;
        }

        /** The next window, in the ring; check after use. */
        ByteBuffer next(int window, int step) {
            var at = new PointerByReference();
            var first = new LongByReference();
            checked(LIBRARY.ringbuf_next(ring, window, step, -1, at, first));
            start = first.getValue();
            end = start + window;
            var bytes = at.getValue().getByteBuffer(0, (long) window * sampleBytes);
            return bytes.asReadOnlyBuffer().order(ByteOrder.nativeOrder());
        }

        /** The index of the first sample of the window. */
        long start() {
            return start;
        }

        /** Throws unless all that was read from the window was whole. */
        void check() {
            checked(LIBRARY.ringbuf_check(ring, start, end));
        }

        /** The next item; waits for one. */
        byte[] pop() {
            var item = new byte[sampleBytes];
            while (true) {
                int code = LIBRARY.ringbuf_pop(ring, item);
                if (code != EMPTY) {
                    checked(code);
                    return item;
                }
                var position = new LongByReference();
                checked(LIBRARY.ringbuf_tell(ring, position));
                checked(LIBRARY.ringbuf_wait(ring, position.getValue() + 1, -1));
            }
        }

        @Override public void close() {
            checked(LIBRARY.ringbuf_close(ring));
        }
    }
}
