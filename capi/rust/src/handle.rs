use crate::error::check;
use crate::{ffi, Error, ErrorKind, Gap, Info, ReaderInfo, Result, Time};
use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_void};
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The library's timeout: without one it waits without limit.
pub(crate) fn timeout_ns(timeout: Option<Duration>) -> i64 {
    timeout.map_or(-1, |timeout| timeout.as_nanos().try_into().unwrap_or(i64::MAX))
}

pub(crate) fn realtime_ns(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().try_into().unwrap_or(i64::MAX))
}

pub(crate) fn name_in_c(name: &str) -> Result<CString> {
    CString::new(name)
        .map_err(|_| Error::new(ErrorKind::InvalidArgument, format!("name is {name:?}, which has a zero byte")))
}

/// What an interrupter shares with its handle: null when that is closed.
struct Shared(*mut ffi::ringbuf_t);
// SAFETY: any thread may interrupt a handle; the mutex around this keeps it open meanwhile.
unsafe impl Send for Shared {}

/// Ends a wait of another thread. It is made by [`Ring::interrupter`], and does nothing once the handle is closed.
#[derive(Clone)]
pub struct Interrupter(Arc<Mutex<Shared>>);

impl Interrupter {
    /// The call that waits on the handle fails with [`ErrorKind::Interrupted`] and changes nothing. If none waits, the next
    /// one that would wait does so. It does not block.
    pub fn interrupt(&self) {
        let shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the handle is open as long as the mutex is locked, or null.
        unsafe { ffi::ringbuf_interrupt(shared.0) };
    }
}

/// What all handles have in common: a [`Writer`](crate::Writer), a [`Reader`](crate::Reader) and those of messages are one.
///
/// A handle may move to another thread, but belongs to one at a time, so it is [`Send`] and not [`Sync`]. Dropping it closes
/// it.
pub struct Ring {
    ring: *mut ffi::ringbuf_t,
    shared: Arc<Mutex<Shared>>,
}

// SAFETY: a handle belongs to one thread at a time, whichever that is.
unsafe impl Send for Ring {}

impl Drop for Ring {
    /// Closes the handle. Closing the writer ends the stream: readers get the samples that are left, then
    /// [`ErrorKind::Closed`]. It also removes the name, unless the ring was made with [`Options::keep`](crate::Options::keep).
    fn drop(&mut self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).0 = ptr::null_mut();
        // SAFETY: the handle is open, and nothing can use it any more.
        unsafe { ffi::ringbuf_close(self.ring) };
    }
}

impl Ring {
    /// Calls `open` with a name, and describes the ring that it has opened.
    pub(crate) fn opened(
        name: &str,
        open: impl FnOnce(*mut *mut ffi::ringbuf_t, *const c_char) -> c_int,
    ) -> Result<(Ring, Info)> {
        let name = name_in_c(name)?;
        let mut ring = ptr::null_mut();
        check(open(&mut ring, name.as_ptr()))?;
        let ring = Ring { ring, shared: Arc::new(Mutex::new(Shared(ring))) };
        let info = ring.info()?;
        Ok((ring, info))
    }

    pub(crate) fn get(&self) -> *mut ffi::ringbuf_t {
        self.ring
    }

    /// What ends a wait on this handle from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(Arc::clone(&self.shared))
    }

    /// Describes the ring and this handle, as they are now. Does not block.
    pub fn info(&self) -> Result<Info> {
        let mut info = ffi::ringbuf_info_t {
            struct_size: std::mem::size_of::<ffi::ringbuf_info_t>() as u32,
            ..Default::default()
        };
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_info(self.ring, &mut info) })?;
        Ok(Info::of(&info))
    }

    /// Waits until all samples before the index `end` are written; in a ring of messages, all bytes. `None` waits without
    /// limit.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout); [`Interrupted`](ErrorKind::Interrupted); [`Closed`](ErrorKind::Closed) and
    /// [`Stale`](ErrorKind::Stale) if they will never be written; [`BadIndex`](ErrorKind::BadIndex) for an end before the
    /// first index.
    pub fn wait(&self, end: i64, timeout: Option<Duration>) -> Result<()> {
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_wait(self.ring, end, timeout_ns(timeout)) })
    }

    /// A copy of the ring's metadata: any bytes, by convention JSON. Does not block.
    pub fn metadata(&self) -> Result<Vec<u8>> {
        let (mut metadata, mut size) = (vec![0; 4096], 0);
        loop {
            let (at, room) = (metadata.as_mut_ptr().cast(), metadata.len());
            // SAFETY: there is so much room.
            let code = unsafe { ffi::ringbuf_metadata(self.ring, at, room, &mut size) };
            if code == ErrorKind::InvalidArgument.code() && size > room {
                metadata.resize(size, 0); // once more, unless they have grown meanwhile
                continue;
            }
            check(code)?;
            metadata.truncate(size);
            return Ok(metadata);
        }
    }

    /// When a sample was put, or taken, if the writer stamps its samples. Does not block.
    ///
    /// # Errors
    /// [`BadIndex`](ErrorKind::BadIndex); [`NotYet`](ErrorKind::NotYet), also if no time is known;
    /// [`Overwritten`](ErrorKind::Overwritten); [`Unsupported`](ErrorKind::Unsupported) in a ring of messages.
    pub fn time_at(&self, index: i64) -> Result<Time> {
        let (mut monotonic, mut realtime) = (0, 0);
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_time_at(self.ring, index, &mut monotonic, &mut realtime) })?;
        Ok(Time::of(monotonic, realtime))
    }

    /// The index of the first sample that was put, or taken, at a time of day or after it. Does not block.
    ///
    /// # Errors
    /// [`NotYet`](ErrorKind::NotYet): all samples are earlier. [`Overwritten`](ErrorKind::Overwritten): the oldest one left
    /// is later. [`Unsupported`](ErrorKind::Unsupported) in a ring of messages.
    pub fn index_at(&self, time: SystemTime) -> Result<i64> {
        self.index_at_clock(ffi::RINGBUF_CLOCK_REALTIME, realtime_ns(time))
    }

    /// [`index_at`](Ring::index_at) for a time on the machine's monotonic clock.
    ///
    /// # Errors
    /// As of [`index_at`](Ring::index_at).
    pub fn index_at_monotonic(&self, time: Duration) -> Result<i64> {
        self.index_at_clock(ffi::RINGBUF_CLOCK_MONOTONIC, timeout_ns(Some(time)))
    }

    fn index_at_clock(&self, clock: u32, ns: i64) -> Result<i64> {
        let mut index = 0;
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_index_at(self.ring, clock, ns, &mut index) })?;
        Ok(index)
    }

    /// The ranges of indices, among those that the ring holds, that the writer has skipped, from the oldest to the newest.
    /// Does not block.
    pub fn gaps(&self) -> Result<Vec<Gap>> {
        extern "C" fn visit(start: i64, end: i64, gaps: *mut c_void) -> c_int {
            // SAFETY: it is the vector below.
            unsafe { &mut *gaps.cast::<Vec<Gap>>() }.push(start..end);
            0
        }
        let mut gaps = Vec::new();
        // SAFETY: the handle is open, and the vector outlives the call.
        check(unsafe { ffi::ringbuf_gaps(self.ring, visit, (&mut gaps as *mut Vec<Gap>).cast()) })?;
        Ok(gaps)
    }

    /// The live registered readers of the ring. Observers are not among them. Does not block.
    pub fn readers(&self) -> Result<Vec<ReaderInfo>> {
        extern "C" fn visit(reader: *const ffi::ringbuf_reader_info_t, readers: *mut c_void) -> c_int {
            // SAFETY: the reader is valid during the call; it is the vector below.
            unsafe { (*readers.cast::<Vec<ReaderInfo>>()).push(ReaderInfo::of(&*reader)) };
            0
        }
        let mut readers = Vec::new();
        // SAFETY: the handle is open, and the vector outlives the call.
        check(unsafe { ffi::ringbuf_readers(self.ring, visit, (&mut readers as *mut Vec<ReaderInfo>).cast()) })?;
        Ok(readers)
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ring").field("info", &self.info()).finish()
    }
}
