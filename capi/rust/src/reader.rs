use crate::error::check;
use crate::handle::timeout_ns;
use crate::{ffi, ErrorKind, Info, OpenOptions, Result, Ring, Sample, Samples, Window};
use std::ops::Deref;
use std::time::Duration;
use std::{fmt, ptr};

/// Looks at windows of samples, or consumes them.
///
/// On an overwriting ring a reader that is too slow is overrun. It is told once, by [`ErrorKind::Overwritten`]: its position
/// has then moved on, [`Info::lost`] has grown by what it missed, and the next call continues. A gap is told in the same way.
pub struct Reader<T> {
    samples: Samples<T>,
}

impl<T> Deref for Reader<T> {
    type Target = Samples<T>;
    fn deref(&self) -> &Samples<T> {
        &self.samples
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.samples.fmt(f)
    }
}

/// What readers of samples and of messages have in common.
macro_rules! reading {
    () => {
        /// How much there is to consume: samples, at most the capacity; in a ring of messages, bytes. Does not block.
        pub fn usage(&self) -> Result<usize> {
            let mut count = 0;
            // SAFETY: the handle is open.
            check(unsafe { ffi::ringbuf_usage(self.get(), &mut count) })?;
            Ok(count as usize)
        }

        /// The index of the next sample that this reader consumes. Does not block.
        pub fn position(&self) -> Result<i64> {
            let mut position = 0;
            // SAFETY: the handle is open.
            check(unsafe { ffi::ringbuf_tell(self.get(), &mut position) })?;
            Ok(position)
        }

        /// Moves the position: to a sample that can still be read, or to the next one that will be written; in a ring of
        /// messages to what [`position`](Self::position) has been. Does not block.
        ///
        /// # Errors
        /// [`Overwritten`](ErrorKind::Overwritten), [`Gap`](ErrorKind::Gap), [`NotYet`](ErrorKind::NotYet),
        /// [`BadIndex`](ErrorKind::BadIndex); the position stays.
        pub fn seek(&self, position: i64) -> Result<()> {
            // SAFETY: the handle is open.
            check(unsafe { ffi::ringbuf_seek(self.get(), position) })
        }

        /// Continues with the live ring of the same name, after [`Stale`](ErrorKind::Stale) or
        /// [`Closed`](ErrorKind::Closed), and waits for it; `None` waits without limit. What is still unread of the old ring is
        /// given up. If a writer has resumed the same ring, the position stays; else the reader is opened anew, as the options
        /// say.
        ///
        /// # Errors
        /// [`Timeout`](ErrorKind::Timeout); [`Interrupted`](ErrorKind::Interrupted);
        /// [`Incompatible`](ErrorKind::Incompatible) if the new ring has another shape; or as of [`open`](Self::open). The
        /// reader is then as before.
        pub fn reopen(&mut self, options: &OpenOptions, timeout: Option<Duration>) -> Result<()> {
            let ring = self.ring_mut();
            // SAFETY: the handle is open, and there are no windows of the ring before: they would borrow it.
            check(unsafe { ffi::ringbuf_reopen(ring.get(), options.flags(), timeout_ns(timeout)) })
        }
    };
}
pub(crate) use reading;

pub(crate) fn open(name: &str, options: &OpenOptions) -> Result<(Ring, Info)> {
    // SAFETY: the pointers are valid during the call.
    Ring::opened(name, |ring, name| unsafe { ffi::ringbuf_open(ring, name, options.flags()) })
}

pub(crate) fn open_wait(name: &str, options: &OpenOptions, timeout: Option<Duration>) -> Result<(Ring, Info)> {
    let timeout = timeout_ns(timeout);
    // SAFETY: the pointers are valid during the call.
    Ring::opened(name, |ring, name| unsafe { ffi::ringbuf_open_wait(ring, name, options.flags(), timeout) })
}

impl<T: Sample> Reader<T> {
    /// Opens a ring as a reader, from the oldest sample on, or close to it. A `Reader<u8>` is for opaque items, too. Does not
    /// block for long.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound); [`Incompatible`](ErrorKind::Incompatible) if the elements have another type;
    /// [`TooManyReaders`](ErrorKind::TooManyReaders), [`InvalidArgument`](ErrorKind::InvalidArgument),
    /// [`Permission`](ErrorKind::Permission), [`NotInitialized`](ErrorKind::NotInitialized),
    /// [`Corrupt`](ErrorKind::Corrupt), [`VersionMismatch`](ErrorKind::VersionMismatch),
    /// [`Unsupported`](ErrorKind::Unsupported), [`NoMemory`](ErrorKind::NoMemory), [`System`](ErrorKind::System).
    pub fn open(name: &str) -> Result<Reader<T>> {
        Reader::open_with(name, &OpenOptions::new())
    }

    /// [`open`](Reader::open) with options.
    ///
    /// # Errors
    /// As of [`open`](Reader::open).
    pub fn open_with(name: &str, options: &OpenOptions) -> Result<Reader<T>> {
        Ok(Reader { samples: Samples::typed(open(name, options)?)? })
    }

    /// Opens a ring as soon as its writer lives, so that a reader may start before its writer. Waits while no ring has the
    /// name, and while the ring that has it is closed or dead; `None` waits without limit.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout); or as of [`open`](Reader::open).
    pub fn open_wait(name: &str, options: &OpenOptions, timeout: Option<Duration>) -> Result<Reader<T>> {
        Ok(Reader { samples: Samples::typed(open_wait(name, options, timeout)?)? })
    }

    fn ring_mut(&mut self) -> &mut Ring {
        self.samples.ring_mut()
    }

    /// The next window of samples, without a copy; the position then moves on by `step`. Waits until the window is complete;
    /// `None` waits without limit. On an overwriting ring call [`Window::check`] after its use. On a lossless ring it stays
    /// intact until this reader next consumes or seeks. A window that runs over the ring's end by more than
    /// [`Options::window`](crate::Options::window) is a copy.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout); [`Interrupted`](ErrorKind::Interrupted);
    /// [`Overwritten`](ErrorKind::Overwritten): an overrun or a gap, and the next call continues;
    /// [`Closed`](ErrorKind::Closed): the writer has ended the stream before the window was complete;
    /// [`Stale`](ErrorKind::Stale): the writer died, or a newer ring has the name;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument): `window` is 0 or more than the capacity.
    pub fn next(&self, window: usize, step: usize, timeout: Option<Duration>) -> Result<Window<'_, T>> {
        let (mut at, mut start, ns) = (ptr::null(), 0, timeout_ns(timeout));
        // SAFETY: the handle is open.
        let code = unsafe { ffi::ringbuf_next(self.get(), window as u64, step as u64, ns, &mut at, &mut start) };
        if code == ErrorKind::NotContiguous.code() {
            let mut copy = vec![T::default(); window * self.channels()];
            let start = self.next_copy(&mut copy, step, timeout)?;
            return Ok(Window::copied(self, copy, start, start + window as i64));
        }
        check(code)?;
        Ok(Window::in_ring(self, at.cast(), start, start + window as i64))
    }

    /// Copies the next window of samples, as many as fit into `samples`, and moves the position on by `step`. Waits until the
    /// window is complete; `None` waits without limit. The copy is known to be intact. The result is the index of its first
    /// sample.
    ///
    /// # Errors
    /// As of [`next`](Reader::next); [`Incompatible`](ErrorKind::Incompatible) if `samples` are no whole samples. The copy
    /// must not be used then.
    pub fn next_copy(&self, samples: &mut [T], step: usize, timeout: Option<Duration>) -> Result<i64> {
        let (count, mut start, ns) = (self.whole(samples)? as u64, 0, timeout_ns(timeout));
        let at = samples.as_mut_ptr().cast();
        // SAFETY: there is so much room.
        check(unsafe { ffi::ringbuf_next_copy(self.get(), count, step as u64, ns, at, &mut start) })?;
        Ok(start)
    }

    /// Windows that slide over the samples until the writer ends the stream: each has `window` samples, and begins `step`
    /// samples after the one before. They wait as [`next`](Reader::next) does, without limit unless
    /// [`timeout`](Windows::timeout) says otherwise.
    ///
    /// ```
    /// use ringbuf::{Options, Reader, Writer};
    ///
    /// # fn main() -> ringbuf::Result<()> {
    /// # let name = &format!("ringbuf-test-rust-doc-windows-{}", std::process::id());
    /// let mut writer = Writer::<i32>::create(name, &Options::new(1000))?;
    /// let reader = Reader::<i32>::open(name)?;
    /// writer.put(&(0..100).collect::<Vec<_>>())?;
    /// drop(writer); // ends the stream
    ///
    /// let mut sums = Vec::new();
    /// for window in reader.windows(40, 20) {
    ///     let window = window?;
    ///     let sum: i32 = window.iter().sum(); // in the ring itself
    ///     if window.check().is_ok() {
    ///         sums.push((window.start(), sum));
    ///     }
    /// }
    /// assert_eq!(sums, [(0, 780), (20, 1580), (40, 2380), (60, 3180)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn windows(&self, window: usize, step: usize) -> Windows<'_, T> {
        Windows { reader: self, window, step, timeout: None }
    }

    /// Waits for the next sample and copies it, and moves the position by one; `None` waits without limit.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout); [`Interrupted`](ErrorKind::Interrupted);
    /// [`Overwritten`](ErrorKind::Overwritten): an overrun or a gap, and the next call continues;
    /// [`Closed`](ErrorKind::Closed) and [`Stale`](ErrorKind::Stale): there is no sample, and none will come.
    pub fn pop(&self, timeout: Option<Duration>) -> Result<Vec<T>> {
        let mut sample = vec![T::default(); self.channels()];
        self.next_copy(&mut sample, 1, timeout)?;
        Ok(sample)
    }

    /// Copies the samples that are there, as many as fit, and moves the position past them. The result is how many samples
    /// that are. Does not block.
    ///
    /// # Errors
    /// [`Empty`](ErrorKind::Empty) if there is none now; [`Incompatible`](ErrorKind::Incompatible) if `samples` are no whole
    /// samples; or as of [`pop`](Reader::pop).
    pub fn pop_many(&self, samples: &mut [T]) -> Result<usize> {
        let (room, mut count) = (self.whole(samples)? as u64, 0);
        // SAFETY: there is so much room.
        check(unsafe { ffi::ringbuf_pop_many(self.get(), samples.as_mut_ptr().cast(), room, &mut count) })?;
        Ok(count as usize)
    }

    reading!();
}

/// Windows that slide over the samples; see [`Reader::windows`].
///
/// The iteration ends with the stream. Any other failure is an item, and the iteration goes on after it: an overrun, for
/// example, is one item, [`ErrorKind::Overwritten`].
#[derive(Debug)]
pub struct Windows<'a, T> {
    reader: &'a Reader<T>,
    window: usize,
    step: usize,
    timeout: Option<Duration>,
}

impl<T> Windows<'_, T> {
    /// The longest wait for each window, after which the item is [`ErrorKind::Timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl<'a, T: Sample> Iterator for Windows<'a, T> {
    type Item = Result<Window<'a, T>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.reader.next(self.window, self.step, self.timeout) {
            Err(error) if error.kind() == ErrorKind::Closed => None,
            result => Some(result),
        }
    }
}
