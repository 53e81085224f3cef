//! What the crate uses of ringbuf.h, by the same names. The tests at the end compare it with the header.

use std::os::raw::{c_char, c_int, c_void};

#[repr(C)]
pub struct ringbuf_t {
    _opaque: [u8; 0],
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct ringbuf_options_t {
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

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct ringbuf_info_t {
    pub struct_size: u32,
    pub data_type: u32,
    pub channels: u32,
    pub item_size: u32,
    pub sample_bytes: u64,
    pub capacity: u64,
    pub window: u64,
    pub buf_size_bytes: u64,
    pub pocket_size_bytes: u64,
    pub written: i64,
    pub oldest: i64,
    pub write_ptr: i64,
    pub flags: u32,
    pub state: u32,
    pub readers: u32,
    pub max_readers: u32,
    pub sample_rate: f64,
    pub position: i64,
    pub overruns: u64,
    pub lost: u64,
    pub anchor_index: i64,
    pub anchor_monotonic_ns: i64,
    pub anchor_realtime_ns: i64,
    pub generation: u64,
    pub total_bytes: u64,
    pub writer_pid: u32,
    pub reserved: u32,
    pub data_offset: u64,
    pub first_index: i64,
    pub created_realtime_ns: i64,
    pub ring_id: [u8; 16],
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct ringbuf_reader_info_t {
    pub struct_size: u32,
    pub process_id: u32,
    pub position: i64,
    pub lag: u64,
    pub lost: u64,
    pub overruns: u64,
    pub holds_back: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct ringbuf_message_t {
    pub struct_size: u32,
    pub kind: u32,
    pub size: u64,
    pub start: i64,
    pub tag: i64,
    pub monotonic_ns: i64,
}

pub const RINGBUF_OK: c_int = 0;

pub const RINGBUF_FLOAT32: u32 = 0;
pub const RINGBUF_INT16: u32 = 1;
pub const RINGBUF_FLOAT64: u32 = 2;
pub const RINGBUF_INT8: u32 = 3;
pub const RINGBUF_UINT8: u32 = 4;
pub const RINGBUF_UINT16: u32 = 5;
pub const RINGBUF_INT32: u32 = 6;
pub const RINGBUF_UINT32: u32 = 7;
pub const RINGBUF_INT64: u32 = 8;
pub const RINGBUF_UINT64: u32 = 9;
pub const RINGBUF_FLOAT16: u32 = 10;
pub const RINGBUF_COMPLEX64: u32 = 11;
pub const RINGBUF_COMPLEX128: u32 = 12;
pub const RINGBUF_BYTES: u32 = 255;

pub const RINGBUF_LOSSLESS: u32 = 1;
pub const RINGBUF_KEEP: u32 = 2;
pub const RINGBUF_MESSAGES: u32 = 4;

pub const RINGBUF_FROM_NEWEST: u32 = 1;
pub const RINGBUF_OBSERVER: u32 = 2;
pub const RINGBUF_RESYNC_MIDDLE: u32 = 0;
pub const RINGBUF_RESYNC_NEWEST: u32 = 4;
pub const RINGBUF_RESYNC_LAP: u32 = 8;
pub const RINGBUF_RESYNC_OLDEST: u32 = 12;
pub const RINGBUF_LAZY: u32 = 32;

pub const RINGBUF_STATE_LIVE: u32 = 1;
pub const RINGBUF_STATE_CLOSED: u32 = 2;
pub const RINGBUF_STATE_SUPERSEDED: u32 = 3;
pub const RINGBUF_STATE_DEAD: u32 = 4;

pub const RINGBUF_CLOCK_MONOTONIC: u32 = 0;
pub const RINGBUF_CLOCK_REALTIME: u32 = 1;

pub type VisitRing = extern "C" fn(*const c_char, *const ringbuf_info_t, *mut c_void) -> c_int;
pub type VisitReader = extern "C" fn(*const ringbuf_reader_info_t, *mut c_void) -> c_int;
pub type VisitGap = extern "C" fn(i64, i64, *mut c_void) -> c_int;

#[rustfmt::skip] // a function a line
extern "C" {
    pub fn ringbuf_create(ring: *mut *mut ringbuf_t, name: *const c_char, options: *const ringbuf_options_t) -> c_int;
    pub fn ringbuf_resume(ring: *mut *mut ringbuf_t, name: *const c_char) -> c_int;
    pub fn ringbuf_create_or_resume(ring: *mut *mut ringbuf_t, name: *const c_char, options: *const ringbuf_options_t) -> c_int;
    pub fn ringbuf_open(ring: *mut *mut ringbuf_t, name: *const c_char, flags: u32) -> c_int;
    pub fn ringbuf_open_wait(ring: *mut *mut ringbuf_t, name: *const c_char, flags: u32, timeout_ns: i64) -> c_int;
    pub fn ringbuf_reopen(ring: *mut ringbuf_t, flags: u32, timeout_ns: i64) -> c_int;
    pub fn ringbuf_close(ring: *mut ringbuf_t) -> c_int;
    pub fn ringbuf_unlink(name: *const c_char) -> c_int;
    pub fn ringbuf_put(ring: *mut ringbuf_t, samples: *const c_void, count: u64) -> c_int;
    pub fn ringbuf_reserve(ring: *mut ringbuf_t, count: u64, samples: *mut *mut c_void) -> c_int;
    pub fn ringbuf_commit(ring: *mut ringbuf_t, count: u64) -> c_int;
    pub fn ringbuf_space(ring: *mut ringbuf_t, count: *mut u64) -> c_int;
    pub fn ringbuf_wait_space(ring: *mut ringbuf_t, count: u64, timeout_ns: i64) -> c_int;
    pub fn ringbuf_wait_readers(ring: *mut ringbuf_t, count: u32, timeout_ns: i64) -> c_int;
    pub fn ringbuf_set_metadata(ring: *mut ringbuf_t, bytes: *const c_void, size: usize) -> c_int;
    pub fn ringbuf_check(ring: *mut ringbuf_t, start: i64, end: i64) -> c_int;
    pub fn ringbuf_view(ring: *mut ringbuf_t, start: i64, end: i64, samples: *mut *const c_void) -> c_int;
    pub fn ringbuf_read(ring: *mut ringbuf_t, start: i64, end: i64, samples: *mut c_void) -> c_int;
    pub fn ringbuf_wait(ring: *mut ringbuf_t, end: i64, timeout_ns: i64) -> c_int;
    pub fn ringbuf_metadata(ring: *mut ringbuf_t, bytes: *mut c_void, room: usize, size: *mut usize) -> c_int;
    pub fn ringbuf_info(ring: *mut ringbuf_t, info: *mut ringbuf_info_t) -> c_int;
    pub fn ringbuf_readers(ring: *mut ringbuf_t, visit: VisitReader, user: *mut c_void) -> c_int;
    pub fn ringbuf_next(ring: *mut ringbuf_t, window: u64, step: u64, timeout_ns: i64, samples: *mut *const c_void, start: *mut i64) -> c_int;
    pub fn ringbuf_next_copy(ring: *mut ringbuf_t, window: u64, step: u64, timeout_ns: i64, samples: *mut c_void, start: *mut i64) -> c_int;
    pub fn ringbuf_pop_many(ring: *mut ringbuf_t, items: *mut c_void, max: u64, count: *mut u64) -> c_int;
    pub fn ringbuf_usage(ring: *mut ringbuf_t, count: *mut u64) -> c_int;
    pub fn ringbuf_tell(ring: *mut ringbuf_t, position: *mut i64) -> c_int;
    pub fn ringbuf_seek(ring: *mut ringbuf_t, position: i64) -> c_int;
    pub fn ringbuf_send_event(ring: *mut ringbuf_t, kind: u32, tag: i64, bytes: *const c_void, size: usize) -> c_int;
    pub fn ringbuf_receive(ring: *mut ringbuf_t, timeout_ns: i64, bytes: *mut *const c_void, size: *mut usize, start: *mut i64) -> c_int;
    pub fn ringbuf_message(ring: *mut ringbuf_t, start: i64, message: *mut ringbuf_message_t) -> c_int;
    pub fn ringbuf_time_at(ring: *mut ringbuf_t, index: i64, monotonic_ns: *mut i64, realtime_ns: *mut i64) -> c_int;
    pub fn ringbuf_index_at(ring: *mut ringbuf_t, clock: u32, time_ns: i64, index: *mut i64) -> c_int;
    pub fn ringbuf_stamp(ring: *mut ringbuf_t, index: i64, monotonic_ns: i64, realtime_ns: i64) -> c_int;
    pub fn ringbuf_skip(ring: *mut ringbuf_t, count: u64) -> c_int;
    pub fn ringbuf_gaps(ring: *mut ringbuf_t, visit: VisitGap, user: *mut c_void) -> c_int;
    pub fn ringbuf_interrupt(ring: *mut ringbuf_t) -> c_int;
    pub fn ringbuf_list(visit: VisitRing, user: *mut c_void) -> c_int;
    pub fn ringbuf_strerror(code: c_int) -> *const c_char;
    pub fn ringbuf_error_name(code: c_int) -> *const c_char;
    pub fn ringbuf_last_error() -> *const c_char;
    pub fn ringbuf_type_name(code: u32) -> *const c_char;
    pub fn ringbuf_version() -> *const c_char;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    /// Assertions in C, about a struct's size and the place and size of each of its fields.
    macro_rules! layout {
        ($c:ident, $name:ident: $($field:ident)+) => {{
            let (value, at) = ($name::default(), |field: *const u8, start: *const u8| field as usize - start as usize);
            let start = &value as *const $name as *const u8;
            assert!(*$c != "", "the header comes first");
            assert_that($c, &format!("sizeof({})", stringify!($name)), std::mem::size_of::<$name>());
            $(
                let field = format!("{}, {}", stringify!($name), stringify!($field));
                assert_that($c, &format!("offsetof({field})"), at(&value.$field as *const _ as *const u8, start));
                let size = std::mem::size_of_val(&value.$field);
                assert_that($c, &format!("sizeof ((({} *)0)->{})", stringify!($name), stringify!($field)), size);
            )+
        }};
    }

    macro_rules! constants {
        ($c:ident: $($name:ident)+) => { $( assert_that($c, stringify!($name), $name as usize); )+ };
    }

    fn assert_that(c: &mut String, expression: &str, value: usize) {
        writeln!(c, "_Static_assert({expression} == {value}, \"ffi.rs has {value}\");").unwrap();
    }

    /// How C writes a type of the declarations above.
    fn in_c(rust: &str) -> String {
        if let Some(pointed) = rust.strip_prefix("*mut ") {
            return format!("{} *", in_c(pointed));
        }
        if let Some(pointed) = rust.strip_prefix("*const ") {
            return format!("const {} *", in_c(pointed));
        }
        match rust {
            "c_int" => "int",
            "c_char" => "char",
            "c_void" => "void",
            "u32" => "uint32_t",
            "u64" => "uint64_t",
            "i64" => "int64_t",
            "usize" => "size_t",
            "VisitRing" => "visit_ring",
            "VisitReader" => "visit_reader",
            "VisitGap" => "visit_gap",
            name if name.starts_with("ringbuf_") => name,
            other => panic!("{other} has no type in C"),
        }
        .into()
    }

    /// Each function once more, as a declaration in C: the compiler refuses one that is not the header's.
    fn declare_functions(c: &mut String) -> usize {
        let (mut count, source) = (0, include_str!("ffi.rs"));
        let block = source.split("extern \"C\" {\n").nth(1).unwrap().split("\n}\n").next().unwrap();
        for line in block.lines() {
            let line = line.trim().strip_prefix("pub fn ").unwrap().strip_suffix(';').unwrap();
            let (name, rest) = line.split_once('(').unwrap();
            let (parameters, result) = rest.split_once(") -> ").unwrap();
            let types = parameters.split(", ").filter(|parameter| !parameter.is_empty());
            let types: Vec<String> = types.map(|parameter| in_c(parameter.split_once(": ").unwrap().1)).collect();
            let types = if types.is_empty() { "void".into() } else { types.join(", ") };
            writeln!(c, "{} {name}({types});", in_c(result)).unwrap();
            count += 1;
        }
        count
    }

    #[test]
    fn is_the_header() {
        let mut text = String::from(
            "#include <ringbuf.h>\n\
             typedef int (*visit_ring)(const char *, const ringbuf_info_t *, void *);\n\
             typedef int (*visit_reader)(const ringbuf_reader_info_t *, void *);\n\
             typedef int (*visit_gap)(int64_t, int64_t, void *);\n",
        );
        let c = &mut text;
        assert!(declare_functions(c) > 40);
        layout!(c, ringbuf_options_t: struct_size data_type channels item_size capacity window flags max_readers mode
            metadata_bytes sample_rate first_index);
        layout!(c, ringbuf_info_t: struct_size data_type channels item_size sample_bytes capacity window buf_size_bytes
            pocket_size_bytes written oldest write_ptr flags state readers max_readers sample_rate position overruns lost
            anchor_index anchor_monotonic_ns anchor_realtime_ns generation total_bytes writer_pid reserved data_offset
            first_index created_realtime_ns ring_id);
        layout!(c, ringbuf_reader_info_t: struct_size process_id position lag lost overruns holds_back reserved);
        layout!(c, ringbuf_message_t: struct_size kind size start tag monotonic_ns);
        constants!(c: RINGBUF_OK RINGBUF_FLOAT32 RINGBUF_INT16 RINGBUF_FLOAT64 RINGBUF_INT8 RINGBUF_UINT8 RINGBUF_UINT16
            RINGBUF_INT32 RINGBUF_UINT32 RINGBUF_INT64 RINGBUF_UINT64 RINGBUF_FLOAT16 RINGBUF_COMPLEX64
            RINGBUF_COMPLEX128 RINGBUF_BYTES RINGBUF_LOSSLESS RINGBUF_KEEP RINGBUF_MESSAGES RINGBUF_FROM_NEWEST
            RINGBUF_OBSERVER RINGBUF_RESYNC_MIDDLE RINGBUF_RESYNC_NEWEST RINGBUF_RESYNC_LAP RINGBUF_RESYNC_OLDEST
            RINGBUF_LAZY RINGBUF_STATE_LIVE RINGBUF_STATE_CLOSED RINGBUF_STATE_SUPERSEDED RINGBUF_STATE_DEAD
            RINGBUF_CLOCK_MONOTONIC RINGBUF_CLOCK_REALTIME);
        let flags = Command::new("pkg-config").args(["--cflags", "ringbuf"]).output().expect("pkg-config runs");
        let flags = String::from_utf8(flags.stdout).unwrap();
        let mut compiler = Command::new("cc")
            .args(["-std=c11", "-fsyntax-only", "-x", "c", "-"])
            .args(flags.split_whitespace())
            .stdin(Stdio::piped())
            .spawn()
            .expect("cc runs");
        compiler.stdin.take().unwrap().write_all(c.as_bytes()).unwrap();
        assert!(compiler.wait().unwrap().success(), "ffi.rs is not ringbuf.h; see what the compiler says");
    }
}
