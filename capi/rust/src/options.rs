use crate::error::Result;
use crate::{ffi, DataType, Error, ErrorKind};

/// The options of a new ring.
///
/// ```
/// let options = ringbuf::Options::new(48000).channels(2).sample_rate(16000.0);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    capacity: usize,
    channels: usize,
    item_size: usize,
    window: usize,
    flags: u32,
    max_readers: usize,
    mode: u32,
    metadata_bytes: usize,
    sample_rate: f64,
    first_index: i64,
}

impl Options {
    /// A ring of `capacity` samples; for messages of so many bytes, a multiple of 8: each message takes 24 bytes more than
    /// its own, and up to 7 bytes of padding. All other options have their defaults.
    pub fn new(capacity: usize) -> Options {
        Options {
            capacity,
            channels: 0,
            item_size: 0,
            window: 0,
            flags: 0,
            max_readers: 0,
            mode: 0,
            metadata_bytes: 0,
            sample_rate: 0.0,
            first_index: 0,
        }
    }

    /// Elements in one sample. Default: 1.
    pub fn channels(mut self, channels: usize) -> Options {
        self.channels = channels;
        self
    }

    /// Makes a ring of opaque items of so many bytes each, of a `Writer<u8>`. By default elements are of the writer's type.
    pub fn item_size(mut self, bytes: usize) -> Options {
        self.item_size = bytes;
        self
    }

    /// The longest window, in samples, that is contiguous wherever it lies; at most the capacity. For messages it is the
    /// longest message in bytes. Default: 64 KiB of samples, at most an eighth of the capacity; one opaque item.
    pub fn window(mut self, samples: usize) -> Options {
        self.window = samples;
        self
    }

    /// Whether registered readers hold the writer back, so that they lose nothing. Default: no.
    pub fn lossless(self, lossless: bool) -> Options {
        self.flag(ffi::RINGBUF_LOSSLESS, lossless)
    }

    /// Whether closing the writer leaves the name and the samples in place. Default: no.
    pub fn keep(self, keep: bool) -> Options {
        self.flag(ffi::RINGBUF_KEEP, keep)
    }

    fn flag(mut self, flag: u32, on: bool) -> Options {
        self.flags = if on { self.flags | flag } else { self.flags & !flag };
        self
    }

    /// Reader slots, at most 1024. Default: 16.
    pub fn max_readers(mut self, readers: usize) -> Options {
        self.max_readers = readers;
        self
    }

    /// Permission bits; the umask does not apply. Default: 0o600.
    pub fn mode(mut self, mode: u32) -> Options {
        self.mode = mode;
        self
    }

    /// Room for metadata, in bytes. Default: 4096.
    pub fn metadata_bytes(mut self, bytes: usize) -> Options {
        self.metadata_bytes = bytes;
        self
    }

    /// In Hz. Default: 0, unknown.
    pub fn sample_rate(mut self, hz: f64) -> Options {
        self.sample_rate = hz;
        self
    }

    /// Index of the first sample, which a copy of a ring keeps. Default: 0.
    pub fn first_index(mut self, index: i64) -> Options {
        self.first_index = index;
        self
    }

    pub(crate) fn samples(&self, data_type: DataType) -> Result<ffi::ringbuf_options_t> {
        let data_type = match self.item_size {
            0 => data_type.0,
            _ if data_type.0 == ffi::RINGBUF_UINT8 => ffi::RINGBUF_BYTES,
            size => {
                let detail = format!("item_size is {size} for elements of {data_type}, expected a Writer<u8>");
                return Err(Error::new(ErrorKind::InvalidArgument, detail));
            }
        };
        let options = self.in_c()?;
        Ok(ffi::ringbuf_options_t { data_type, ..options })
    }

    pub(crate) fn messages(&self) -> Result<ffi::ringbuf_options_t> {
        let options = self.in_c()?;
        let flags = options.flags | ffi::RINGBUF_MESSAGES;
        Ok(ffi::ringbuf_options_t { data_type: ffi::RINGBUF_BYTES, channels: 0, item_size: 0, flags, ..options })
    }

    fn in_c(&self) -> Result<ffi::ringbuf_options_t> {
        let small = |name: &str, value: usize| {
            u32::try_from(value).map_err(|_| {
                Error::new(ErrorKind::InvalidArgument, format!("{name} is {value}, expected less than 2^32"))
            })
        };
        Ok(ffi::ringbuf_options_t {
            struct_size: std::mem::size_of::<ffi::ringbuf_options_t>() as u32,
            data_type: 0,
            channels: small("channels", self.channels)?,
            item_size: small("item_size", self.item_size)?,
            capacity: self.capacity as u64,
            window: self.window as u64,
            flags: self.flags,
            max_readers: small("max_readers", self.max_readers)?,
            mode: self.mode,
            metadata_bytes: small("metadata_bytes", self.metadata_bytes)?,
            sample_rate: self.sample_rate,
            first_index: self.first_index,
        })
    }
}

/// Where a reader continues after an overrun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resync {
    /// In the middle of the samples that the ring holds.
    Middle,
    /// At the next sample that will be written.
    Newest,
    /// Whole laps further on: the position modulo the capacity stays.
    Lap,
    /// At the oldest sample, which is overwritten next.
    Oldest,
}

/// How a reader is opened. The default is what `Reader::open` does.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    flags: u32,
}

impl OpenOptions {
    /// From the oldest sample, or close to it; registered; after an overrun in the middle.
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    /// Start at the next sample that will be written, not at the oldest.
    pub fn from_newest(self) -> OpenOptions {
        self.with(ffi::RINGBUF_FROM_NEWEST)
    }

    /// Take no reader slot: never hold the writer of a lossless ring back.
    pub fn observer(self) -> OpenOptions {
        self.with(ffi::RINGBUF_OBSERVER)
    }

    /// Map pages when they are first used: a large ring is opened at once, and first uses take longer.
    pub fn lazy(self) -> OpenOptions {
        self.with(ffi::RINGBUF_LAZY)
    }

    /// Where to continue after an overrun.
    pub fn after_overrun(mut self, resync: Resync) -> OpenOptions {
        self.flags &= !(ffi::RINGBUF_RESYNC_NEWEST | ffi::RINGBUF_RESYNC_LAP | ffi::RINGBUF_RESYNC_OLDEST);
        self.with(match resync {
            Resync::Middle => ffi::RINGBUF_RESYNC_MIDDLE,
            Resync::Newest => ffi::RINGBUF_RESYNC_NEWEST,
            Resync::Lap => ffi::RINGBUF_RESYNC_LAP,
            Resync::Oldest => ffi::RINGBUF_RESYNC_OLDEST,
        })
    }

    fn with(mut self, flag: u32) -> OpenOptions {
        self.flags |= flag;
        self
    }

    pub(crate) fn flags(&self) -> u32 {
        self.flags
    }
}
