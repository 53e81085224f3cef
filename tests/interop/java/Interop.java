import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/** Interop write|read NAME: see tests/interop/README.md. */
final class Interop {
    private static final int CAPACITY = 97;
    private static final int WINDOW = 16;
    private static final int STEP = 8;
    private static final int PUT = 10;
    private static final int SAMPLES = 1000;
    private static final int CHANNELS = 2;
    private static final int ITEM_BYTES = 13;
    private static final int BYTES = 255;
    private static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in));

    private enum Kind {
        INT64(8, 8, 0x8000000000000000L, 0x7fffffffffffffffL, 0xffffffffffffffffL, 0x0020000000000001L, 0, 1,
            0x00000000ffffffffL, 0xffffffff00000000L),
        FLOAT32(0, 4, 0x80000000, 0x7fc00001, 0x7f812345, 0xffc54321, 0x7f800000, 0xff800000, 1, 0x7f7fffff),
        FLOAT64(2, 8, 0x8000000000000000L, 0x7ff8000000000001L, 0x7ff0000012345678L, 0xfff8765432100001L,
            0x7ff0000000000000L, 0xfff0000000000000L, 1, 0x7fefffffffffffffL);

        final int dataType;
        final int elementBytes;
        final long[] special;

        Kind(int dataType, int elementBytes, long... special) {
            this.dataType = dataType;
            this.elementBytes = elementBytes;
            this.special = special;
        }

        String ring() {
            return name().toLowerCase();
        }

        int sampleBytes() {
            return CHANNELS * elementBytes;
        }

        byte[] samples() {
            var data = words(dataType, SAMPLES * sampleBytes());
            for (int i = 0; i < SAMPLES * CHANNELS; i += 4) {
                long element = special[i / 4 % 8];
                if (elementBytes == 4) data.putInt(i * 4, (int) element);
                else data.putLong(i * 8, element);
            }
            return data.array();
        }

        Ringbuf.Writer create(String name, int flags) {
            var options = new Ringbuf.Options();
            options.dataType = dataType;
            options.channels = CHANNELS;
            options.capacity = CAPACITY;
            options.window = WINDOW;
            options.flags = flags;
            return new Ringbuf.Writer(name, sampleBytes(), options);
        }
    }

    private Interop() {}

    private static ByteBuffer words(int seed, int bytes) {
        var data = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (data.hasRemaining()) {
            seed = 1664525 * seed + 1013904223;
            data.putInt(seed);
        }
        return data;
    }

    private static void expectGo() throws IOException {
        if (!"go".equals(INPUT.readLine())) throw new IOException("no go");
    }

    /** The name of the code that an action ends with. */
    private static String nameOf(Runnable action) {
        try {
            action.run();
            return "RINGBUF_OK";
        } catch (Ringbuf.RingbufException e) {
            return e.name;
        }
    }

    private static void printError(Runnable action) {
        try {
            action.run();
        } catch (Ringbuf.RingbufException e) {
            System.out.println("error " + e.name + ": " + e.getMessage());
        }
    }

    private static void putAll(Ringbuf.Writer writer, Kind kind) {
        byte[] data = kind.samples();
        int width = PUT * kind.sampleBytes();
        for (int at = 0; at < data.length; at += width) {
            writer.waitSpace(PUT);
            if (kind == Kind.FLOAT64) {
                writer.reserve(PUT).put(data, at, width);
                writer.commit(PUT);
            } else {
                writer.put(Arrays.copyOfRange(data, at, at + width));
            }
        }
    }

    private static void write(String name) throws IOException {
        var overwritten = Kind.INT64.create(name + ".overwritten", 0);
        var writers = new Ringbuf.Writer[Kind.values().length];
        for (Kind kind : Kind.values()) {
            writers[kind.ordinal()] = kind.create(name + "." + kind.ring(), Ringbuf.LOSSLESS);
        }
        var options = new Ringbuf.Options();
        options.dataType = BYTES;
        options.itemSize = ITEM_BYTES;
        options.capacity = CAPACITY;
        options.window = WINDOW;
        options.flags = Ringbuf.LOSSLESS;
        var items = new Ringbuf.Writer(name + ".items", ITEM_BYTES, options);

        byte[] data = Kind.INT64.samples();
        int width = Kind.INT64.sampleBytes();
        overwritten.put(Arrays.copyOf(data, WINDOW * width));
        printError(() -> Kind.INT64.create(name + ".int64", 0));
        System.out.println("ready");
        expectGo();
        overwritten.put(Arrays.copyOfRange(data, WINDOW * width, (WINDOW + 200) * width));
        System.out.println("overwritten");

        for (Kind kind : Kind.values()) {
            try (var writer = writers[kind.ordinal()]) {
                putAll(writer, kind);
            }
        }
        overwritten.close();
        byte[] all = words(BYTES, SAMPLES * ITEM_BYTES).array();
        for (int at = 0; at < all.length; at += ITEM_BYTES) {
            items.waitSpace(1);
            items.push(Arrays.copyOfRange(all, at, at + ITEM_BYTES));
        }
        System.out.println("done");
        INPUT.readLine();
    }

    /** What a reader has seen of a ring. */
    private static final class Seen {
        final Adler32 adler32 = new Adler32();
        int count;
        long sum;
        int nan;
        int minusZero;

        void add(double element) {
            if (Double.isNaN(element)) ++nan;
            else if (element == 0 && 1 / element < 0) ++minusZero;
        }

        void add(ByteBuffer window, Kind kind) {
            adler32.update(window.duplicate());
            for (int i = 0; i < WINDOW * CHANNELS; ++i) {
                switch (kind) {
                    case INT64 -> sum += window.getLong(i * 8);
                    case FLOAT32 -> add(window.getFloat(i * 4));
                    case FLOAT64 -> add(window.getDouble(i * 8));
                }
            }
        }
    }

    private static void readWindows(Ringbuf.Reader reader, Kind kind) {
        byte[] expected = kind.samples();
        var seen = new Seen();
        String end = nameOf(() -> {
            for (;; ++seen.count) {
                var window = reader.next(WINDOW, STEP);
                seen.add(window, kind);
                int at = (int) reader.start() * kind.sampleBytes();
                boolean same = window.equals(ByteBuffer.wrap(expected, at, window.remaining()));
                reader.check(); // from here on it is known that all this was whole
                if (!same) throw new IllegalStateException(kind + ": the window at " + reader.start() + " is wrong");
            }
        });
        String figure = kind == Kind.INT64 ? "sum=" + seen.sum : "nan=" + seen.nan + " minus_zero=" + seen.minusZero;
        System.out.printf("%s windows=%d adler32=%08x %s end=%s%n", kind.ring(), seen.count, seen.adler32.getValue(),
            figure, end);
    }

    private static void readItems(Ringbuf.Reader reader) {
        byte[] expected = words(BYTES, SAMPLES * ITEM_BYTES).array();
        var seen = new Seen();
        String end = nameOf(() -> {
            for (;; ++seen.count) {
                byte[] item = reader.pop();
                int at = seen.count * ITEM_BYTES;
                if (!Arrays.equals(item, Arrays.copyOfRange(expected, at, at + ITEM_BYTES))) {
                    throw new IllegalStateException("item " + seen.count + " is wrong");
                }
                seen.adler32.update(item);
            }
        });
        System.out.printf("items popped=%d adler32=%08x end=%s%n", seen.count, seen.adler32.getValue(), end);
    }

    private static void read(String name) throws IOException {
        printError(() -> new Ringbuf.Reader(name + ".nobody", 1));
        printError(() -> new Ringbuf.Reader("no/name", 1));
        var readers = new Ringbuf.Reader[Kind.values().length];
        for (Kind kind : Kind.values()) {
            readers[kind.ordinal()] = new Ringbuf.Reader(name + "." + kind.ring(), kind.sampleBytes());
        }
        var items = new Ringbuf.Reader(name + ".items", ITEM_BYTES);
        var overwritten = new Ringbuf.Reader(name + ".overwritten", Kind.INT64.sampleBytes());
        overwritten.next(WINDOW, WINDOW);
        System.out.println("ready");
        expectGo();
        System.out.println("overwritten check=" + nameOf(overwritten::check));
        for (Kind kind : Kind.values()) readWindows(readers[kind.ordinal()], kind);
        readItems(items);
    }

    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "write" -> write(args[1]);
            case "read" -> read(args[1]);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }
}
