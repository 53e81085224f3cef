//! What the test needs of ringbuf: a Writer and a Reader whose methods return a Result.

use std::ffi::{CStr, CString};
use std::fmt;
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;
use std::slice;

#[repr(C)]
struct Handle {
    _opaque: [u8; 0],
}

/// ringbuf_options_t; a zero field means its default.
#[repr(C)]
#[derive(Default)]
pub struct Options {
    pub struct_size: u32,
    pub data_type: u32,
    pub channels: u32,
    pub item_size: u32,
    pub capacity: u64,
    pub window: u64,
    pub flags: u32,
    pub max_readers: u32,
    pub mode: u32,
    pub metadata_bytes: u32,
    pub sample_rate: f64,
    pub first_index: i64,
}

#[link(name = "ringbuf")]
extern "C" {
    fn ringbuf_create(ring: *mut *mut Handle, name: *const c_char, options: *const Options) -> c_int;
    fn ringbuf_open(ring: *mut *mut Handle, name: *const c_char, flags: u32) -> c_int;
    fn ringbuf_close(ring: *mut Handle) -> c_int;
    fn ringbuf_put(ring: *mut Handle, samples: *const c_void, count: u64) -> c_int;
    fn ringbuf_push(ring: *mut Handle, item: *const c_void) -> c_int;
    fn ringbuf_reserve(ring: *mut Handle, count: u64, samples: *mut *mut c_void) -> c_int;
    fn ringbuf_commit(ring: *mut Handle, count: u64) -> c_int;
    fn ringbuf_wait_space(ring: *mut Handle, count: u64, timeout_ns: i64) -> c_int;
    fn ringbuf_next(
        ring: *mut Handle,
        window: u64,
        step: u64,
        timeout_ns: i64,
        samples: *mut *const c_void,
        start: *mut i64,
    ) -> c_int;
    fn ringbuf_check(ring: *mut Handle, start: i64, end: i64) -> c_int;
    fn ringbuf_pop(ring: *mut Handle, item: *mut c_void) -> c_int;
    fn ringbuf_tell(ring: *mut Handle, position: *mut i64) -> c_int;
    fn ringbuf_wait(ring: *mut Handle, end: i64, timeout_ns: i64) -> c_int;
    fn ringbuf_error_name(code: c_int) -> *const c_char;
    fn ringbuf_last_error() -> *const c_char;
}

pub const LOSSLESS: u32 = 1;
const EMPTY: c_int = 13;

/// A code of the library, and what it had to say about it.
#[derive(Debug)]
pub struct Error {
    code: c_int,
    pub name: &'static str,
    detail: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.detail)
    }
}

impl std::error::Error for Error {}

pub type Result<T> = std::result::Result<T, Error>;

fn check(code: c_int) -> Result<()> {
    if code == 0 {
        return Ok(());
    }
    // SAFETY: the name is static, the details are valid until the next call on this thread.
    let (name, detail) = unsafe { (CStr::from_ptr(ringbuf_error_name(code)), CStr::from_ptr(ringbuf_last_error())) };
    Err(Error { code, name: name.to_str().unwrap_or("?"), detail: detail.to_string_lossy().into_owned() })
}

/// A handle, closed when it goes out of scope.
struct Ring(*mut Handle);

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the handle is open and nobody else's.
        unsafe { ringbuf_close(self.0) };
    }
}

pub struct Writer {
    ring: Ring,
    sample_bytes: usize,
}

impl Writer {
    pub fn new(name: &str, sample_bytes: usize, mut options: Options) -> Result<Writer> {
        options.struct_size = std::mem::size_of::<Options>() as u32;
        let (name, mut ring) = (CString::new(name).expect("no NUL"), ptr::null_mut());
        // SAFETY: both pointers are valid for the call.
        check(unsafe { ringbuf_create(&mut ring, name.as_ptr(), &options) })?;
        Ok(Writer { ring: Ring(ring), sample_bytes })
    }

    pub fn wait_space(&mut self, count: usize) -> Result<()> {
        check(unsafe { ringbuf_wait_space(self.ring.0, count as u64, -1) })
    }

    pub fn put(&mut self, samples: &[u8]) -> Result<()> {
        let count = samples.len() / self.sample_bytes;
        // SAFETY: there are so many.
        check(unsafe { ringbuf_put(self.ring.0, samples.as_ptr().cast(), count as u64) })
    }

    pub fn push(&mut self, item: &[u8]) -> Result<()> {
        assert_eq!(item.len(), self.sample_bytes);
        check(unsafe { ringbuf_push(self.ring.0, item.as_ptr().cast()) })
    }

    /// Samples to be written in the ring; `commit` appends them.
    pub fn reserve(&mut self, count: usize) -> Result<&mut [u8]> {
        let mut at = ptr::null_mut();
        check(unsafe { ringbuf_reserve(self.ring.0, count as u64, &mut at) })?;
        // SAFETY: nobody reads them before the commit, for which this borrow has to end.
        Ok(unsafe { slice::from_raw_parts_mut(at.cast(), count * self.sample_bytes) })
    }

    pub fn commit(&mut self, count: usize) -> Result<()> {
        check(unsafe { ringbuf_commit(self.ring.0, count as u64) })
    }
}

pub struct Reader {
    ring: Ring,
    sample_bytes: usize,
}

/// Where samples lie in the ring. On an overwriting ring they change at any time, so it is a pointer, and no slice.
pub struct Window {
    pub start: usize,
    pub end: usize,
    pub bytes: usize,
    at: *const u8,
}

impl Window {
    pub fn copy_to(&self, bytes: &mut [u8]) {
        assert_eq!(bytes.len(), self.bytes);
        // SAFETY: the ring outlives its windows in these programs; what was torn is told by Reader::check.
        unsafe { ptr::copy_nonoverlapping(self.at, bytes.as_mut_ptr(), self.bytes) };
    }

    /// Element `i`, in place.
    pub fn element<T: Copy>(&self, i: usize) -> T {
        assert!((i + 1) * std::mem::size_of::<T>() <= self.bytes);
        // SAFETY: within the window, which is aligned to its elements; any bits are an element.
        unsafe { self.at.cast::<T>().add(i).read_volatile() }
    }
}

impl Reader {
    pub fn new(name: &str, sample_bytes: usize) -> Result<Reader> {
        let (name, mut ring) = (CString::new(name).expect("no NUL"), ptr::null_mut());
        check(unsafe { ringbuf_open(&mut ring, name.as_ptr(), 0) })?;
        Ok(Reader { ring: Ring(ring), sample_bytes })
    }

    pub fn next(&mut self, window: usize, step: usize) -> Result<Window> {
        let (mut at, mut start) = (ptr::null(), 0);
        check(unsafe { ringbuf_next(self.ring.0, window as u64, step as u64, -1, &mut at, &mut start) })?;
        let start = start as usize;
        Ok(Window { start, end: start + window, bytes: window * self.sample_bytes, at: at.cast() })
    }

    /// After use: whether all that was read from the window was whole.
    pub fn check(&mut self, window: &Window) -> Result<()> {
        check(unsafe { ringbuf_check(self.ring.0, window.start as i64, window.end as i64) })
    }

    /// Copies the next item; waits for one.
    pub fn pop(&mut self, item: &mut [u8]) -> Result<()> {
        assert_eq!(item.len(), self.sample_bytes);
        loop {
            match check(unsafe { ringbuf_pop(self.ring.0, item.as_mut_ptr().cast()) }) {
                Err(error) if error.code == EMPTY => {}
                result => return result,
            }
            let mut position = 0;
            check(unsafe { ringbuf_tell(self.ring.0, &mut position) })?;
            check(unsafe { ringbuf_wait(self.ring.0, position + 1, -1) })?;
        }
    }
}
