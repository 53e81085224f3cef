use crate::{ffi, DataType};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What has become of a ring's writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// A writer has the ring open.
    Live,
    /// The writer has ended the stream.
    Closed,
    /// A newer ring has taken the name.
    Superseded,
    /// The writer died.
    Dead,
    /// A state that this crate does not know.
    Unknown,
}

/// When a sample was put, or taken, if its writer says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// The time on the machine's monotonic clock, which never steps.
    pub monotonic: Duration,
    /// The time of day.
    pub realtime: SystemTime,
}

impl Time {
    pub(crate) fn of(monotonic_ns: i64, realtime_ns: i64) -> Time {
        Time { monotonic: nanoseconds(monotonic_ns), realtime: UNIX_EPOCH + nanoseconds(realtime_ns) }
    }
}

fn nanoseconds(ns: i64) -> Duration {
    Duration::from_nanos(ns.try_into().unwrap_or(0))
}

/// A range of indices that the writer has skipped.
pub type Gap = std::ops::Range<i64>;

/// The description of a ring, and of the handle that asked for it. Counts are in samples.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Info {
    /// The type of one element.
    pub data_type: DataType,
    /// Elements in one sample.
    pub channels: usize,
    /// Bytes in one element.
    pub item_size: usize,
    /// Bytes in one sample.
    pub sample_bytes: usize,
    /// Samples that the ring holds; bytes, if it holds messages.
    pub capacity: usize,
    /// Samples in the pocket: the longest window that is always contiguous.
    pub window: usize,
    /// Whether registered readers hold the writer back.
    pub lossless: bool,
    /// Whether closing the writer leaves the name and the samples in place.
    pub keep: bool,
    /// Whether the ring holds messages.
    pub messages: bool,
    /// What has become of the writer.
    pub state: State,
    /// Index of the next sample.
    pub written: i64,
    /// Index of the oldest sample that can still be read.
    pub oldest: i64,
    /// Index of the first sample.
    pub first_index: i64,
    /// In Hz; 0 is unknown.
    pub sample_rate: f64,
    /// Index of the next sample that this reader consumes; for a writer `written`.
    pub position: i64,
    /// Times this reader was overrun.
    pub overruns: u64,
    /// Samples this reader missed in overruns.
    pub lost: u64,
    /// Reader slots in use.
    pub readers: usize,
    /// Reader slots in total.
    pub max_readers: usize,
    /// Writers the ring has had.
    pub generation: u64,
    /// Process id of a live writer; `None`: there is none, or it is unknown here.
    pub writer_pid: Option<u32>,
    /// Size of the shared memory in bytes.
    pub total_bytes: u64,
    /// When the ring was made.
    pub created: SystemTime,
    /// Random: no other ring has it.
    pub ring_id: [u8; 16],
    /// The index of the last sample of a recent put, and when that was.
    pub anchor: Option<(i64, Time)>,
}

impl Info {
    pub(crate) fn of(info: &ffi::ringbuf_info_t) -> Info {
        let anchor = Time::of(info.anchor_monotonic_ns, info.anchor_realtime_ns);
        Info {
            data_type: DataType(info.data_type),
            channels: info.channels as usize,
            item_size: info.item_size as usize,
            sample_bytes: info.sample_bytes as usize,
            capacity: info.capacity as usize,
            window: info.window as usize,
            lossless: info.flags & ffi::RINGBUF_LOSSLESS != 0,
            keep: info.flags & ffi::RINGBUF_KEEP != 0,
            messages: info.flags & ffi::RINGBUF_MESSAGES != 0,
            state: match info.state {
                ffi::RINGBUF_STATE_LIVE => State::Live,
                ffi::RINGBUF_STATE_CLOSED => State::Closed,
                ffi::RINGBUF_STATE_SUPERSEDED => State::Superseded,
                ffi::RINGBUF_STATE_DEAD => State::Dead,
                _ => State::Unknown,
            },
            written: info.written,
            oldest: info.oldest,
            first_index: info.first_index,
            sample_rate: info.sample_rate,
            position: info.position,
            overruns: info.overruns,
            lost: info.lost,
            readers: info.readers as usize,
            max_readers: info.max_readers as usize,
            generation: info.generation,
            writer_pid: Some(info.writer_pid).filter(|pid| *pid != 0),
            total_bytes: info.total_bytes,
            created: UNIX_EPOCH + nanoseconds(info.created_realtime_ns),
            ring_id: info.ring_id,
            anchor: Some((info.anchor_index, anchor)).filter(|(index, _)| *index >= 0),
        }
    }
}

/// The description of one registered reader.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReaderInfo {
    /// Its process id; `None` is unknown here.
    pub process_id: Option<u32>,
    /// Index of the next sample it reads.
    pub position: i64,
    /// Samples between its position and the newest one.
    pub lag: u64,
    /// Samples it missed in overruns.
    pub lost: u64,
    /// Times it was overrun.
    pub overruns: u64,
    /// Whether the writer keeps the samples that it still needs.
    pub holds_back: bool,
}

impl ReaderInfo {
    pub(crate) fn of(reader: &ffi::ringbuf_reader_info_t) -> ReaderInfo {
        ReaderInfo {
            process_id: Some(reader.process_id).filter(|pid| *pid != 0),
            position: reader.position,
            lag: reader.lag,
            lost: reader.lost,
            overruns: reader.overruns,
            holds_back: reader.holds_back != 0,
        }
    }
}
