use crate::error::{check, text};
use crate::handle::name_in_c;
use crate::{ffi, Info, Result};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};

/// The names and descriptions of all rings of this machine that this process may read, dead ones included. Does not block.
///
/// # Errors
/// [`System`](crate::ErrorKind::System); [`NoMemory`](crate::ErrorKind::NoMemory).
pub fn list() -> Result<Vec<(String, Info)>> {
    type Rings = Vec<(String, Info)>;
    extern "C" fn visit(name: *const c_char, info: *const ffi::ringbuf_info_t, rings: *mut c_void) -> c_int {
        // SAFETY: name and info are valid during the call; it is the vector below.
        unsafe {
            let name = CStr::from_ptr(name).to_string_lossy().into_owned();
            (*rings.cast::<Rings>()).push((name, Info::of(&*info)));
        }
        0
    }
    let mut rings = Rings::new();
    // SAFETY: the vector outlives the call.
    check(unsafe { ffi::ringbuf_list(visit, (&mut rings as *mut Rings).cast()) })?;
    Ok(rings)
}

/// Removes the name of a ring. A process that has the ring open keeps it. Does not block for long.
///
/// # Errors
/// [`NotFound`](crate::ErrorKind::NotFound), [`Permission`](crate::ErrorKind::Permission),
/// [`Busy`](crate::ErrorKind::Busy), [`InvalidArgument`](crate::ErrorKind::InvalidArgument); and
/// [`Corrupt`](crate::ErrorKind::Corrupt) if the name belongs to a file that is no ring.
pub fn unlink(name: &str) -> Result<()> {
    let name = name_in_c(name)?;
    // SAFETY: the name is valid.
    check(unsafe { ffi::ringbuf_unlink(name.as_ptr()) })
}

/// The version of the library that runs: `MAJOR.MINOR.PATCH`.
pub fn version() -> &'static str {
    // SAFETY: the text is static.
    unsafe { text(ffi::ringbuf_version()) }
}
