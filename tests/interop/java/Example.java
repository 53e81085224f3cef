import com.sun.jna.*;
import com.sun.jna.ptr.*;

public class Example {
    public static void main(String[] args) {
        var lib = NativeLibrary.getInstance("libringbuf.so.1");
        Function next = lib.getFunction("ringbuf_next"), check = lib.getFunction("ringbuf_check");
        PointerByReference ring = new PointerByReference(), samples = new PointerByReference();
        var start = new LongByReference();
        int code = lib.getFunction("ringbuf_open").invokeInt(new Object[] {ring, args[0], 0});
        while (code == 0) {
            code = next.invokeInt(new Object[] {ring.getValue(), 480L, 240L, -1L, samples, start});
            if (code != 0) break;
            float left = samples.getValue().getFloat(0), right = samples.getValue().getFloat(4); // in the ring itself
            long first = start.getValue();
            if (check.invokeInt(new Object[] {ring.getValue(), first, first + 480}) == 0)
                System.out.printf("%d: %.0f %.0f%n", first, left, right);
        }
        System.out.println(lib.getFunction("ringbuf_strerror").invokeString(new Object[] {code}, false));
    }
}
