use crate::error::check;
use crate::{ffi, DataType, Error, ErrorKind, Info, Result, Ring, Sample};
use std::marker::PhantomData;
use std::ops::Deref;
use std::{fmt, mem, ptr};

/// What the writer and the readers of a ring of samples have in common: samples by their index.
pub struct Samples<T> {
    ring: Ring,
    width: usize, // elements in one sample
    capacity: usize,
    elements: PhantomData<T>,
}

impl<T> Deref for Samples<T> {
    type Target = Ring;
    fn deref(&self) -> &Ring {
        &self.ring
    }
}

impl<T> fmt::Debug for Samples<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.fmt(f)
    }
}

/// The name of a type of elements in Rust.
fn in_rust(data_type: DataType) -> String {
    match data_type.0 {
        ffi::RINGBUF_BYTES => "u8".into(),
        ffi::RINGBUF_FLOAT16 => "Float16".into(),
        ffi::RINGBUF_COMPLEX64 => "Complex<f32>".into(),
        ffi::RINGBUF_COMPLEX128 => "Complex<f64>".into(),
        _ => data_type.to_string().replace("uint", "u").replace("int", "i").replace("float", "f"),
    }
}

impl<T: Sample> Samples<T> {
    /// The ring as one of elements of type T, or it is closed.
    pub(crate) fn typed((ring, info): (Ring, Info)) -> Result<Samples<T>> {
        let (found, wanted) = (info.data_type, T::DATA_TYPE);
        let refuse = |detail| Err(Error::new(ErrorKind::Incompatible, detail));
        if info.messages {
            return refuse(format!("the ring holds messages, expected samples of {wanted}: use MessageReader"));
        }
        if found != wanted && !(wanted.0 == ffi::RINGBUF_UINT8 && found == DataType::BYTES) {
            return refuse(format!("the ring has elements of {found}, expected {wanted}: use <{}>", in_rust(found)));
        }
        let width = info.sample_bytes / mem::size_of::<T>();
        Ok(Samples { ring, width, capacity: info.capacity, elements: PhantomData })
    }

    pub(crate) fn ring_mut(&mut self) -> &mut Ring {
        &mut self.ring
    }

    /// Elements of type T in one sample; with opaque items, bytes.
    pub fn channels(&self) -> usize {
        self.width
    }

    /// The window of the samples from `start` to before `end`, without a copy: call [`Window::check`] after its use. Does not
    /// block.
    ///
    /// # Errors
    /// [`Overwritten`](ErrorKind::Overwritten), [`Gap`](ErrorKind::Gap), [`NotYet`](ErrorKind::NotYet),
    /// [`BadIndex`](ErrorKind::BadIndex); and [`NotContiguous`](ErrorKind::NotContiguous) if the window runs over the ring's
    /// end by more than [`Options::window`](crate::Options::window): [`read`](Samples::read) copies it.
    pub fn view(&self, start: i64, end: i64) -> Result<Window<'_, T>> {
        let mut at = ptr::null();
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_view(self.ring.get(), start, end, &mut at) })?;
        Ok(Window::in_ring(self, at.cast(), start, end))
    }

    /// The window of the `count` samples that were written last, as of [`view`](Samples::view). Does not block.
    ///
    /// # Errors
    /// [`NotYet`](ErrorKind::NotYet) if there are not so many yet; or as of [`view`](Samples::view).
    pub fn latest(&self, count: usize) -> Result<Window<'_, T>> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        loop {
            let info = self.info()?;
            let there = info.written - info.first_index;
            if there < count {
                return Err(Error::new(ErrorKind::NotYet, format!("{count} samples asked for, {there} written")));
            }
            match self.view(info.written - count, info.written) {
                // The writer may have gone all the way round between the two calls.
                Err(_) if count <= self.capacity as i64 && self.info()?.written != info.written => {}
                result => return result,
            }
        }
    }

    /// Copies the samples from the index `start` on: as many as fit into `samples`, exactly. The copy is known to be intact.
    /// Does not block.
    ///
    /// # Errors
    /// [`Overwritten`](ErrorKind::Overwritten), [`Gap`](ErrorKind::Gap), [`NotYet`](ErrorKind::NotYet),
    /// [`BadIndex`](ErrorKind::BadIndex); [`InvalidArgument`](ErrorKind::InvalidArgument) for more than the capacity;
    /// [`Incompatible`](ErrorKind::Incompatible) if `samples` are no whole samples. The copy must not be used then.
    pub fn read(&self, start: i64, samples: &mut [T]) -> Result<()> {
        let end = start.saturating_add(self.whole(samples)? as i64);
        // SAFETY: there is so much room.
        check(unsafe { ffi::ringbuf_read(self.ring.get(), start, end, samples.as_mut_ptr().cast()) })
    }

    /// How many samples the elements are.
    pub(crate) fn whole(&self, elements: &[T]) -> Result<usize> {
        if elements.len() % self.width != 0 {
            let detail = format!("{} elements, expected a multiple of {}: whole samples", elements.len(), self.width);
            return Err(Error::new(ErrorKind::Incompatible, detail));
        }
        Ok(elements.len() / self.width)
    }
}

/// A look at samples in the ring itself.
///
/// The writer, in another process, may overwrite them while they are read. So a window is not a slice: its elements are read
/// one by one, and [`check`](Window::check) says afterwards whether all of them were intact.
///
/// A window borrows its handle. It cannot be used after that is closed:
///
/// ```compile_fail,E0505
/// # fn main() -> ringbuf::Result<()> {
/// let reader = ringbuf::Reader::<f32>::open("hello")?;
/// let window = reader.latest(10)?;
/// drop(reader);
/// println!("{}", window.at(0, 0));
/// # Ok(())
/// # }
/// ```
///
/// nor after that was opened again with another ring:
///
/// ```compile_fail,E0502
/// # fn main() -> ringbuf::Result<()> {
/// let mut reader = ringbuf::Reader::<f32>::open("hello")?;
/// let window = reader.latest(10)?;
/// reader.reopen(&ringbuf::OpenOptions::new(), None)?;
/// println!("{}", window.at(0, 0));
/// # Ok(())
/// # }
/// ```
///
/// A handle belongs to one thread at a time, so no other thread looks through it meanwhile:
///
/// ```compile_fail,E0277
/// # fn main() -> ringbuf::Result<()> {
/// let reader = ringbuf::Reader::<f32>::open("hello")?;
/// std::thread::scope(|scope| scope.spawn(|| reader.position()).join().unwrap())?;
/// # Ok(())
/// # }
/// ```
pub struct Window<'a, T> {
    samples: &'a Samples<T>,
    at: *const T,
    start: i64,
    end: i64,
    copy: Option<Vec<T>>, // what `at` points to, if it is not the ring
}

impl<'a, T: Sample> Window<'a, T> {
    pub(crate) fn in_ring(samples: &'a Samples<T>, at: *const T, start: i64, end: i64) -> Window<'a, T> {
        Window { samples, at, start, end, copy: None }
    }

    pub(crate) fn copied(samples: &'a Samples<T>, copy: Vec<T>, start: i64, end: i64) -> Window<'a, T> {
        Window { samples, at: copy.as_ptr(), start, end, copy: Some(copy) }
    }

    /// The index of the first sample.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The index after the last sample.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Elements in one sample.
    pub fn channels(&self) -> usize {
        self.samples.width
    }

    fn elements(&self) -> usize {
        self.len() * self.samples.width
    }

    /// One element, by its sample, counted from the window's start, and its channel.
    ///
    /// # Panics
    /// If there is no such sample or channel.
    pub fn at(&self, sample: usize, channel: usize) -> T {
        assert!(
            sample < self.len() && channel < self.channels(),
            "sample {sample}, channel {channel} of a window of {} samples with {} channels",
            self.len(),
            self.channels()
        );
        // SAFETY: within the window; any bits are an element, so what the writer does meanwhile yields one, too.
        unsafe { self.at.add(sample * self.samples.width + channel).read_volatile() }
    }

    /// All elements, sample by sample.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> + '_ {
        // SAFETY: within the window; any bits are an element.
        (0..self.elements()).map(move |i| unsafe { self.at.add(i).read_volatile() })
    }

    /// The elements of one channel, sample by sample.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn channel(&self, channel: usize) -> impl ExactSizeIterator<Item = T> + '_ {
        assert!(channel < self.channels(), "channel {channel} of a window with {} channels", self.channels());
        // SAFETY: within the window; any bits are an element.
        (0..self.len()).map(move |i| unsafe { self.at.add(i * self.samples.width + channel).read_volatile() })
    }

    /// A copy of the samples, known to be intact. Does not block.
    ///
    /// # Errors
    /// As of [`check`](Window::check).
    pub fn to_vec(&self) -> Result<Vec<T>> {
        let mut copy = Vec::with_capacity(self.elements());
        // SAFETY: there is so much room, and so much in the window; what was torn is refused by the check.
        unsafe {
            ptr::copy_nonoverlapping(self.at, copy.as_mut_ptr(), self.elements());
            copy.set_len(self.elements());
        }
        self.check()?;
        Ok(copy)
    }

    /// Says, after the last use of a window, whether all that was read from it was intact. Does not block.
    ///
    /// # Errors
    /// [`Overwritten`](ErrorKind::Overwritten): the writer has overwritten some of it.
    pub fn check(&self) -> Result<()> {
        if self.copy.is_some() {
            return Ok(());
        }
        // SAFETY: the handle is open.
        check(unsafe { ffi::ringbuf_check(self.samples.get(), self.start, self.end) })
    }

    /// Where the first element is, in the ring's memory.
    pub fn as_ptr(&self) -> *const T {
        self.at
    }

    /// The samples as a slice, in the ring's memory.
    ///
    /// # Safety
    /// Nothing may write the samples as long as the slice is there. That is so on a lossless ring for a window that a
    /// registered reader has got from [`Reader::next`](crate::Reader::next) or [`Reader::windows`](crate::Reader::windows),
    /// until that reader consumes again; or where the program knows what its writer does.
    pub unsafe fn as_slice(&self) -> &[T] {
        std::slice::from_raw_parts(
            if self.is_empty() { ptr::NonNull::dangling().as_ptr() } else { self.at },
            self.elements(),
        )
    }
}

impl<T: Sample> fmt::Debug for Window<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Window({}..{})", self.start, self.end)
    }
}
