use std::{env, ffi::{c_void, CStr, CString}, os::raw::{c_char, c_int}, ptr};

#[link(name = "ringbuf")]
extern "C" {
    fn ringbuf_open(ring: *mut *mut c_void, name: *const c_char, flags: u32) -> c_int;
    fn ringbuf_next(ring: *mut c_void, window: u64, step: u64, timeout_ns: i64, samples: *mut *const c_void,
                    start: *mut i64) -> c_int;
    fn ringbuf_check(ring: *mut c_void, start: i64, end: i64) -> c_int;
    fn ringbuf_strerror(code: c_int) -> *const c_char;
}

fn main() {
    let name = CString::new(env::args().nth(1).unwrap()).unwrap();
    let (mut ring, mut samples, mut start) = (ptr::null_mut(), ptr::null(), 0);
    unsafe {
        let mut code = ringbuf_open(&mut ring, name.as_ptr(), 0);
        while code == 0 {
            code = ringbuf_next(ring, 480, 240, -1, &mut samples, &mut start);
            if code != 0 { break }
            let [left, right] = *(samples as *const [f32; 2]); // in the ring itself
            if ringbuf_check(ring, start, start + 480) == 0 { println!("{start}: {left} {right}") }
        }
        println!("{}", CStr::from_ptr(ringbuf_strerror(code)).to_string_lossy());
    }
}
