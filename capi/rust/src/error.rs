use crate::ffi;
use std::ffi::CStr;
use std::fmt;
use std::os::raw::{c_char, c_int};

/// The result of everything that may fail.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! kinds {
    ($($(#[$comment:meta])+ $name:ident = $code:literal,)+) => {
        /// What kind of failure it was: the codes of the library.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$comment])+ $name,)+
            /// A code that this crate does not know; [`Error::code`] has it.
            Unknown,
        }

        impl ErrorKind {
            fn of(code: c_int) -> ErrorKind {
                match code {
                    $($code => ErrorKind::$name,)+
                    _ => ErrorKind::Unknown,
                }
            }

            pub(crate) fn code(self) -> c_int {
                match self {
                    $(ErrorKind::$name => $code,)+
                    ErrorKind::Unknown => -1,
                }
            }
        }
    };
}

kinds! {
    /// There is no ring there yet.
    NotInitialized = 1,
    /// (Some of) the samples have already been overwritten.
    Overwritten = 2,
    /// (Some of) the samples have not been written yet.
    NotYet = 3,
    /// Data of another shape or type.
    Incompatible = 4,
    /// An index below the first one, or an end before its start.
    BadIndex = 5,
    /// An argument is not acceptable.
    InvalidArgument = 6,
    /// The name is taken.
    Exists = 7,
    /// No ring has that name.
    NotFound = 8,
    /// A reader was asked to write.
    WriteForbidden = 9,
    /// A writer was asked to consume.
    ReadForbidden = 10,
    /// Another writer lives.
    Busy = 11,
    /// Lossless: no room until a reader moves on.
    Full = 12,
    /// Nothing to read now.
    Empty = 13,
    /// The time given has passed.
    Timeout = 14,
    /// The writer has ended the stream.
    Closed = 15,
    /// The writer died, or the name now belongs to a newer ring.
    Stale = 16,
    /// The window runs over the end by more than the pocket.
    NotContiguous = 17,
    /// What is there is not a sound ring.
    Corrupt = 18,
    /// A ring of another layout version.
    VersionMismatch = 19,
    /// The shared memory file system is full.
    NoSpace = 20,
    /// This process is out of memory or address space.
    NoMemory = 21,
    /// The system does not allow it.
    Permission = 22,
    /// Lossless: every slot in the reader table is taken.
    TooManyReaders = 23,
    /// Not available for this ring or on this system.
    Unsupported = 24,
    /// The handle belongs to the parent process.
    Forked = 25,
    /// The system reported an error.
    System = 26,
    /// An [`Interrupter`](crate::Interrupter) has ended the wait.
    Interrupted = 27,
    /// The writer has skipped (some of) the samples.
    Gap = 28,
}

impl ErrorKind {
    /// The name in C, for example `RINGBUF_NOT_FOUND`.
    pub fn name(self) -> &'static str {
        // SAFETY: the text is static.
        unsafe { text(ffi::ringbuf_error_name(self.code())) }
    }
}

impl fmt::Display for ErrorKind {
    /// The kind in words, as the library puts it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the text is static.
        f.write_str(unsafe { text(ffi::ringbuf_strerror(self.code())) })
    }
}

/// A failed call: its kind, and what the library said.
#[derive(Clone, Debug)]
pub struct Error {
    code: c_int,
    detail: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: String) -> Error {
        Error { code: kind.code(), detail }
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::of(self.code)
    }

    /// The library's code, a `RINGBUF_…` of ringbuf.h.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// What the library said: the argument, its value and the value expected.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Error {
    /// The name of the kind and the detail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the text is static.
        write!(f, "{}: {}", unsafe { text(ffi::ringbuf_error_name(self.code)) }, self.detail)
    }
}

impl std::error::Error for Error {}

/// # Safety
/// The text is static.
pub(crate) unsafe fn text(text: *const c_char) -> &'static str {
    CStr::from_ptr(text).to_str().unwrap_or("?")
}

/// The code of a call that this thread has just made, as a result.
pub(crate) fn check(code: c_int) -> Result<()> {
    if code == ffi::RINGBUF_OK {
        return Ok(());
    }
    // SAFETY: the text is valid until the next call on this thread.
    let detail = unsafe { CStr::from_ptr(ffi::ringbuf_last_error()) };
    Err(Error { code, detail: detail.to_string_lossy().into_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_kind_of_its_name() {
        // SAFETY: the text is static.
        let name_of = |code| unsafe { text(ffi::ringbuf_error_name(code)) };
        let mut code = 1;
        while name_of(code) != name_of(1000) {
            let mut name = String::from("RINGBUF");
            for letter in format!("{:?}", ErrorKind::of(code)).chars() {
                if letter.is_uppercase() {
                    name.push('_');
                }
                name.extend(letter.to_uppercase());
            }
            assert_eq!(name, name_of(code));
            assert_eq!(ErrorKind::of(code).code(), code);
            assert_eq!(ErrorKind::of(code).name(), name);
            code += 1;
        }
        assert_eq!(ErrorKind::of(code), ErrorKind::Unknown);
        assert!(code > 28);
    }
}
