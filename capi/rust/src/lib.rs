//! Ring buffers in shared memory: one process writes samples, any number of other processes look at windows of them without
//! a copy, or consume them as a queue.
//!
//! A sample is a row of channels: elements of one type. The first sample has index 0, unless the ring was made with another
//! one, and indices only grow.
//!
//! ```no_run
//! fn main() -> ringbuf::Result<()> {
//!     let reader = ringbuf::Reader::<f32>::open("hello")?;
//!     for window in reader.windows(480, 240) {
//!         let window = window?;
//!         let peak = window.channel(0).fold(0.0f32, |peak, level| peak.max(level.abs())); // in the ring itself
//!         if window.check().is_ok() {
//!             println!("{}: {peak}", window.start()); // the writer has not overwritten it meanwhile
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Conventions
//!
//! - Counts are in samples, unless they say bytes. A slice of samples is flat: sample `i` of a ring of `n` channels is elements
//!   `i * n` to `i * n + n - 1`. Ranges of indices are half open.
//! - What takes a timeout blocks; `None` waits without limit, and a duration of zero does not wait. Everything else returns at
//!   once, but opening and making rings takes system calls.
//! - What fails returns an [`Error`]: its [`kind`](Error::kind) is the library's code, and its text the library's words.
//! - A handle belongs to one thread at a time: it is [`Send`] and not [`Sync`]. An [`Interrupter`] ends its wait from another
//!   thread. Dropping a handle closes it. Windows borrow their handle, so none is used after that.
//! - A child process that is forked must not consume or write through its parent's handles.
//!
//! The crate is a thin layer over libringbuf, which pkg-config has to find when it is built.

#![deny(missing_docs)]
#![warn(rust_2018_idioms)]

mod error;
#[allow(non_camel_case_types)]
mod ffi;
mod handle;
mod info;
mod list;
mod messages;
mod options;
mod reader;
mod sample;
mod samples;
mod writer;

pub use error::{Error, ErrorKind, Result};
pub use handle::{Interrupter, Ring};
pub use info::{Gap, Info, ReaderInfo, State, Time};
pub use list::{list, unlink, version};
pub use messages::{Message, MessageReader, MessageWriter};
pub use options::{OpenOptions, Options, Resync};
pub use reader::{Reader, Windows};
pub use sample::{Complex, DataType, Float16, Sample};
pub use samples::{Samples, Window};
pub use writer::{Reservation, Writer};
