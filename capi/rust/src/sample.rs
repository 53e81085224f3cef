use crate::ffi;
use std::fmt;

/// The type of one element, as a ring names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DataType(pub(crate) u32);

impl DataType {
    /// Opaque items of [`Options::item_size`](crate::Options::item_size) bytes.
    pub const BYTES: DataType = DataType(ffi::RINGBUF_BYTES);
}

impl fmt::Display for DataType {
    /// The name of the type: `float32`, `bytes` and so on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: any code is fine, and the text is static.
        let name = unsafe { ffi::ringbuf_type_name(self.0) };
        if name.is_null() {
            return write!(f, "type {}", self.0);
        }
        // SAFETY: the text is static.
        f.write_str(unsafe { crate::error::text(name) })
    }
}

impl fmt::Debug for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The bits of an IEEE 754 number of 2 bytes, a type that Rust does not have.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Float16(pub u16);

/// A complex number.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Complex<T> {
    /// The real part.
    pub re: T,
    /// The imaginary part.
    pub im: T,
}

/// The type of one element of a sample. `u8` is also for opaque items; see
/// [`Options::item_size`](crate::Options::item_size).
///
/// # Safety
///
/// Any bits are a value of the type, it has no padding, and `DATA_TYPE` is what the library calls it. The crate implements
/// it for all types that the library has.
pub unsafe trait Sample: Copy + Default + Send + 'static {
    /// What a ring of such elements has.
    const DATA_TYPE: DataType;
}

macro_rules! samples {
    ($($type:ty: $code:ident,)+) => {
        $(
            // SAFETY: numbers, and pairs of them.
            unsafe impl Sample for $type {
                const DATA_TYPE: DataType = DataType(ffi::$code);
            }
        )+
    };
}

samples! {
    i8: RINGBUF_INT8,
    u8: RINGBUF_UINT8,
    i16: RINGBUF_INT16,
    u16: RINGBUF_UINT16,
    i32: RINGBUF_INT32,
    u32: RINGBUF_UINT32,
    i64: RINGBUF_INT64,
    u64: RINGBUF_UINT64,
    Float16: RINGBUF_FLOAT16,
    f32: RINGBUF_FLOAT32,
    f64: RINGBUF_FLOAT64,
    Complex<f32>: RINGBUF_COMPLEX64,
    Complex<f64>: RINGBUF_COMPLEX128,
}
