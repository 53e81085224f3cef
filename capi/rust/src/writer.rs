use crate::error::check;
use crate::handle::{realtime_ns, timeout_ns};
use crate::{ffi, Options, Result, Ring, Sample, Samples};
use std::ops::{Deref, DerefMut};
use std::time::{Duration, SystemTime};
use std::{fmt, ptr, slice};

/// Appends samples to a ring.
///
/// ```
/// use ringbuf::{Options, Writer};
///
/// # fn main() -> ringbuf::Result<()> {
/// # let name = &format!("ringbuf-test-rust-doc-writer-{}", std::process::id());
/// let mut writer = Writer::<f32>::create(name, &Options::new(48000).channels(2))?;
/// writer.put(&[1.0, 2.0, 3.0, 4.0])?; // two samples
/// assert_eq!(writer.info()?.written, 2);
/// # Ok(())
/// # }
/// ```
pub struct Writer<T> {
    samples: Samples<T>,
}

impl<T> Deref for Writer<T> {
    type Target = Samples<T>;
    fn deref(&self) -> &Samples<T> {
        &self.samples
    }
}

impl<T> fmt::Debug for Writer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.samples.fmt(f)
    }
}

/// What writers of samples and of messages have in common.
macro_rules! writing {
    () => {
        /// How much fits now: samples, on an overwriting ring the capacity; on a ring of messages the bytes of the longest
        /// message that fits. Does not block.
        pub fn space(&self) -> Result<usize> {
            let mut count = 0;
            // SAFETY: the handle is open.
            check(unsafe { ffi::ringbuf_space(self.get(), &mut count) })?;
            Ok(count as usize)
        }

        /// Waits until `count` samples fit; on a ring of messages, a message of so many bytes. An overwriting ring always has
        /// room. `None` waits without limit.
        ///
        /// # Errors
        /// [`Timeout`](crate::ErrorKind::Timeout); [`Interrupted`](crate::ErrorKind::Interrupted);
        /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for more than fits at all.
        pub fn wait_space(&self, count: usize, timeout: Option<Duration>) -> Result<()> {
            // SAFETY: the handle is open.
            check(unsafe { ffi::ringbuf_wait_space(self.get(), count as u64, timeout_ns(timeout)) })
        }

        /// Waits until so many live readers are registered, for example before the first put on a lossless ring. `None` waits
        /// without limit.
        ///
        /// # Errors
        /// [`Timeout`](crate::ErrorKind::Timeout); [`Interrupted`](crate::ErrorKind::Interrupted);
        /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for more than [`Options::max_readers`].
        pub fn wait_readers(&self, count: u32, timeout: Option<Duration>) -> Result<()> {
            // SAFETY: the handle is open.
            check(unsafe { ffi::ringbuf_wait_readers(self.get(), count, timeout_ns(timeout)) })
        }

        /// Replaces the metadata. Readers see the old or the new ones, never a mixture. Does not block.
        ///
        /// # Errors
        /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for more than [`Options::metadata_bytes`].
        pub fn set_metadata(&mut self, metadata: &[u8]) -> Result<()> {
            // SAFETY: there are so many bytes.
            check(unsafe { ffi::ringbuf_set_metadata(self.get(), metadata.as_ptr().cast(), metadata.len()) })
        }

        /// Leaves out `count` indices: a gap, for samples that were lost before they came here. In a ring of messages they are
        /// bytes, a multiple of 8. Does not block.
        ///
        /// # Errors
        /// [`Full`](crate::ErrorKind::Full): a reader of a lossless ring still needs the samples before.
        pub fn skip(&mut self, count: u64) -> Result<()> {
            // SAFETY: the handle is open.
            check(unsafe { ffi::ringbuf_skip(self.get(), count) })
        }
    };
}
pub(crate) use writing;

impl<T: Sample> Writer<T> {
    /// Makes a ring and becomes its writer. All memory is allocated now. If the name belongs to a ring whose writer is gone,
    /// the new ring replaces it. A name is 1 to 200 characters of `A-Z a-z 0-9 . _ -`, not starting with a dot. Does not block
    /// for long.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument), [`Exists`](crate::ErrorKind::Exists),
    /// [`Busy`](crate::ErrorKind::Busy), [`NoSpace`](crate::ErrorKind::NoSpace), [`NoMemory`](crate::ErrorKind::NoMemory),
    /// [`Permission`](crate::ErrorKind::Permission), [`System`](crate::ErrorKind::System).
    pub fn create(name: &str, options: &Options) -> Result<Writer<T>> {
        let options = options.samples(T::DATA_TYPE)?;
        // SAFETY: the pointers are valid during the call.
        Writer::new(Ring::opened(name, |ring, name| unsafe { ffi::ringbuf_create(ring, name, &options) })?)
    }

    /// Becomes the writer of a ring whose writer died or left it ([`Options::keep`]). It continues after the last sample.
    /// Does not block for long.
    ///
    /// # Errors
    /// [`Busy`](crate::ErrorKind::Busy) if another writer lives; [`Incompatible`](crate::ErrorKind::Incompatible) if the
    /// elements have another type; [`NotFound`](crate::ErrorKind::NotFound); or as of [`Reader::open`](crate::Reader::open).
    pub fn resume(name: &str) -> Result<Writer<T>> {
        // SAFETY: the pointers are valid during the call.
        Writer::new(Ring::opened(name, |ring, name| unsafe { ffi::ringbuf_resume(ring, name) })?)
    }

    /// Becomes the writer of a ring, whether it exists or not: as [`resume`](Writer::resume) if its writer is gone, else as
    /// [`create`](Writer::create). Does not block for long.
    ///
    /// # Errors
    /// [`Incompatible`](crate::ErrorKind::Incompatible) if the ring has another shape; or as of the two.
    pub fn create_or_resume(name: &str, options: &Options) -> Result<Writer<T>> {
        let options = options.samples(T::DATA_TYPE)?;
        // SAFETY: the pointers are valid during the call.
        Writer::new(Ring::opened(name, |ring, name| unsafe { ffi::ringbuf_create_or_resume(ring, name, &options) })?)
    }

    fn new(opened: (Ring, crate::Info)) -> Result<Writer<T>> {
        Ok(Writer { samples: Samples::typed(opened)? })
    }

    /// Appends samples: whole ones, one after the other. Does not block.
    ///
    /// # Errors
    /// [`Full`](crate::ErrorKind::Full): the ring is lossless and has too little room; nothing is stored.
    /// [`Incompatible`](crate::ErrorKind::Incompatible): the elements are no whole samples.
    pub fn put(&mut self, samples: &[T]) -> Result<()> {
        let count = self.whole(samples)?;
        // SAFETY: there are so many samples.
        check(unsafe { ffi::ringbuf_put(self.get(), samples.as_ptr().cast(), count as u64) })
    }

    /// [`put`](Writer::put) that waits for room on a lossless ring. `None` waits without limit.
    ///
    /// # Errors
    /// As of [`put`](Writer::put) and [`wait_space`](Writer::wait_space).
    pub fn put_wait(&mut self, samples: &[T], timeout: Option<Duration>) -> Result<()> {
        self.wait_space(self.whole(samples)?, timeout)?;
        self.put(samples)
    }

    /// Room for samples to be written in the ring itself. [`Reservation::commit`] appends them. Does not block.
    ///
    /// # Errors
    /// [`Full`](crate::ErrorKind::Full); [`NotContiguous`](crate::ErrorKind::NotContiguous) if the room runs over the ring's
    /// end by more than [`Options::window`]; [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for no samples, or more
    /// than the capacity.
    pub fn reserve(&mut self, count: usize) -> Result<Reservation<'_, T>> {
        let mut at = ptr::null_mut();
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_reserve(self.get(), count as u64, &mut at) })?;
        let elements = count * self.channels();
        // SAFETY: there is so much room, which nobody reads before the commit; any bits are an element.
        let samples = unsafe { slice::from_raw_parts_mut(at.cast(), elements) };
        Ok(Reservation { writer: &self.samples, samples })
    }

    writing!();

    /// Says when a sample was taken: for a writer whose device has a better clock than the time of the puts. From the first
    /// stamp on these times count no more; between two stamps the time grows evenly. Without `realtime` that is as far from
    /// `monotonic` as the two clocks are apart now. Does not block.
    ///
    /// # Errors
    /// [`BadIndex`](crate::ErrorKind::BadIndex), [`InvalidArgument`](crate::ErrorKind::InvalidArgument): the sample is not
    /// written yet, or the index or the time is not after those of the stamp before.
    pub fn stamp(&mut self, index: i64, monotonic: Duration, realtime: Option<SystemTime>) -> Result<()> {
        let realtime = realtime.map_or(0, realtime_ns);
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_stamp(self.get(), index, timeout_ns(Some(monotonic)), realtime) })
    }
}

/// Samples that are written in the ring itself: a slice of elements. Dropping it without a commit gives it up.
pub struct Reservation<'a, T: Sample> {
    writer: &'a Samples<T>,
    samples: &'a mut [T],
}

impl<T: Sample> Reservation<'_, T> {
    /// Appends the first `count` samples; 0 gives all of them up. Does not block.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for more than was reserved.
    pub fn commit(self, count: usize) -> Result<()> {
        let ring = self.writer.get();
        std::mem::forget(self);
        // SAFETY: the handle is open.
        let result = check(unsafe { ffi::ringbuf_commit(ring, count as u64) });
        if result.is_err() {
            // SAFETY: the handle is open.
            unsafe { ffi::ringbuf_commit(ring, 0) };
        }
        result
    }
}

impl<T: Sample> Drop for Reservation<'_, T> {
    fn drop(&mut self) {
        // SAFETY: the handle is open.
        unsafe { ffi::ringbuf_commit(self.writer.get(), 0) };
    }
}

impl<T: Sample> Deref for Reservation<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.samples
    }
}

impl<T: Sample> DerefMut for Reservation<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.samples
    }
}
