use crate::error::check;
use crate::handle::timeout_ns;
use crate::reader::{open, open_wait, reading};
use crate::writer::writing;
use crate::{ffi, Error, ErrorKind, Info, OpenOptions, Options, Result, Ring};
use std::ops::Deref;
use std::time::Duration;
use std::{ptr, slice};

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// A copy, known to be intact.
    pub bytes: Vec<u8>,
    /// Of the program's own.
    pub kind: u32,
    /// By convention the index of the sample, in another ring, to which the message belongs.
    pub tag: i64,
    /// Index of its first byte.
    pub start: i64,
    /// When it was sent, on the machine's monotonic clock.
    pub monotonic: Duration,
}

/// The ring as one of messages, or it is closed.
fn messages((ring, info): (Ring, Info)) -> Result<Ring> {
    if !info.messages {
        let detail = format!("the ring has samples of {}, expected messages", info.data_type);
        return Err(Error::new(ErrorKind::Incompatible, detail));
    }
    Ok(ring)
}

/// Sends messages of any length, to a ring of messages.
///
/// ```
/// use ringbuf::{MessageReader, MessageWriter, Options};
///
/// # fn main() -> ringbuf::Result<()> {
/// # let name = &format!("ringbuf-test-rust-doc-messages-{}", std::process::id());
/// let mut writer = MessageWriter::create(name, &Options::new(65536))?;
/// let reader = MessageReader::open(name)?;
/// writer.send(b"started", 1, 0)?;
/// assert_eq!(reader.receive(None)?.bytes, b"started");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MessageWriter {
    ring: Ring,
}

impl Deref for MessageWriter {
    type Target = Ring;
    fn deref(&self) -> &Ring {
        &self.ring
    }
}

impl MessageWriter {
    /// Makes a ring of messages and becomes its writer. The options `channels` and `item_size` have no meaning. Does not block
    /// for long.
    ///
    /// # Errors
    /// As of [`Writer::create`](crate::Writer::create).
    pub fn create(name: &str, options: &Options) -> Result<MessageWriter> {
        let options = options.messages()?;
        // SAFETY: the pointers are valid during the call.
        let opened = Ring::opened(name, |ring, name| unsafe { ffi::ringbuf_create(ring, name, &options) })?;
        Ok(MessageWriter { ring: messages(opened)? })
    }

    /// Becomes the writer of a ring of messages whose writer died or left it. Does not block for long.
    ///
    /// # Errors
    /// As of [`Writer::resume`](crate::Writer::resume).
    pub fn resume(name: &str) -> Result<MessageWriter> {
        // SAFETY: the pointers are valid during the call.
        let opened = Ring::opened(name, |ring, name| unsafe { ffi::ringbuf_resume(ring, name) })?;
        Ok(MessageWriter { ring: messages(opened)? })
    }

    /// Sends a message; nothing is a message, too. `kind`, less than 2^31, and `tag` are the program's own. Does not block.
    ///
    /// # Errors
    /// [`Full`](ErrorKind::Full) if a lossless ring has no room, see [`wait_space`](MessageWriter::wait_space);
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) if the message is longer than the longest, [`Options::window`].
    pub fn send(&mut self, message: &[u8], kind: u32, tag: i64) -> Result<()> {
        // SAFETY: there are so many bytes.
        check(unsafe { ffi::ringbuf_send_event(self.get(), kind, tag, message.as_ptr().cast(), message.len()) })
    }

    writing!();
}

/// Receives messages.
#[derive(Debug)]
pub struct MessageReader {
    ring: Ring,
}

impl Deref for MessageReader {
    type Target = Ring;
    fn deref(&self) -> &Ring {
        &self.ring
    }
}

impl MessageReader {
    /// Opens a ring of messages as a reader, from the oldest message on, or close to it. Does not block for long.
    ///
    /// # Errors
    /// As of [`Reader::open`](crate::Reader::open); [`Incompatible`](ErrorKind::Incompatible) if the ring holds samples.
    pub fn open(name: &str) -> Result<MessageReader> {
        MessageReader::open_with(name, &OpenOptions::new())
    }

    /// [`open`](MessageReader::open) with options.
    ///
    /// # Errors
    /// As of [`open`](MessageReader::open).
    pub fn open_with(name: &str, options: &OpenOptions) -> Result<MessageReader> {
        Ok(MessageReader { ring: messages(open(name, options)?)? })
    }

    /// Opens a ring of messages as soon as its writer lives; `None` waits without limit.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout); or as of [`open`](MessageReader::open).
    pub fn open_wait(name: &str, options: &OpenOptions, timeout: Option<Duration>) -> Result<MessageReader> {
        Ok(MessageReader { ring: messages(open_wait(name, options, timeout)?)? })
    }

    fn ring_mut(&mut self) -> &mut Ring {
        &mut self.ring
    }

    /// Waits for the next message and copies it; `None` waits without limit.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout); [`Interrupted`](ErrorKind::Interrupted);
    /// [`Overwritten`](ErrorKind::Overwritten): an overrun or a gap, and the next call continues;
    /// [`Closed`](ErrorKind::Closed): the writer has ended the stream, and nothing is left;
    /// [`Stale`](ErrorKind::Stale): the writer died; [`Corrupt`](ErrorKind::Corrupt): something has damaged the ring.
    pub fn receive(&self, timeout: Option<Duration>) -> Result<Message> {
        let (mut at, mut size, mut start) = (ptr::null(), 0, 0);
        let struct_size = std::mem::size_of::<ffi::ringbuf_message_t>() as u32;
        let mut info = ffi::ringbuf_message_t { struct_size, ..Default::default() };
        // SAFETY: the handle is open, and there are so many bytes; what was torn is refused by the check.
        let bytes = unsafe {
            check(ffi::ringbuf_receive(self.get(), timeout_ns(timeout), &mut at, &mut size, &mut start))?;
            check(ffi::ringbuf_message(self.get(), start, &mut info))?;
            let bytes = slice::from_raw_parts(at.cast::<u8>(), size).to_vec();
            check(ffi::ringbuf_check(self.get(), start, start + size as i64))?;
            bytes
        };
        let monotonic = Duration::from_nanos(info.monotonic_ns.try_into().unwrap_or(0));
        Ok(Message { bytes, kind: info.kind, tag: info.tag, start, monotonic })
    }

    /// The messages, one after the other, until the writer ends the stream. They wait as [`receive`](MessageReader::receive)
    /// does, without limit. Any other failure is an item, and the iteration goes on after it.
    pub fn messages(&self) -> impl Iterator<Item = Result<Message>> + '_ {
        std::iter::from_fn(move || match self.receive(None) {
            Err(error) if error.kind() == ErrorKind::Closed => None,
            result => Some(result),
        })
    }

    reading!();
}
