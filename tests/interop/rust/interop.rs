//! interop write|read NAME: see tests/interop/README.md.

use ringbuf::{Error, ErrorKind, Options, Reader, Result, Sample, Writer};
use std::io;
use std::mem::size_of;

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

const CAPACITY: usize = 97;
const WINDOW: usize = 16;
const STEP: usize = 8;
const PUT: usize = 10;
const SAMPLES: usize = 1000;
const CHANNELS: usize = 2;
const ITEM_BYTES: usize = 13;
const BYTES: u32 = 255;

struct Kind {
    name: &'static str,
    data_type: u32,
    element_bytes: usize,
    special: [u64; 8],
}

#[rustfmt::skip]
const KINDS: [Kind; 3] = [
    Kind { name: "int64", data_type: 8, element_bytes: 8, special: [
        0x8000000000000000, 0x7fffffffffffffff, 0xffffffffffffffff, 0x0020000000000001, 0, 1, 0x00000000ffffffff,
        0xffffffff00000000] },
    Kind { name: "float32", data_type: 0, element_bytes: 4, special: [
        0x80000000, 0x7fc00001, 0x7f812345, 0xffc54321, 0x7f800000, 0xff800000, 1, 0x7f7fffff] },
    Kind { name: "float64", data_type: 2, element_bytes: 8, special: [
        0x8000000000000000, 0x7ff8000000000001, 0x7ff0000012345678, 0xfff8765432100001, 0x7ff0000000000000,
        0xfff0000000000000, 1, 0x7fefffffffffffff] },
];

fn words(mut seed: u32, bytes: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(bytes);
    while data.len() < bytes {
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        data.extend(seed.to_le_bytes());
    }
    data
}

impl Kind {
    fn sample_bytes(&self) -> usize {
        CHANNELS * self.element_bytes
    }

    fn samples(&self) -> Vec<u8> {
        let mut data = words(self.data_type, SAMPLES * self.sample_bytes());
        for (i, element) in data.chunks_exact_mut(self.element_bytes).enumerate().step_by(4) {
            element.copy_from_slice(&self.special[i / 4 % 8].to_le_bytes()[..self.element_bytes]);
        }
        data
    }
}

/// Bytes as the elements that they are, bit by bit.
fn elements<T: Sample>(bytes: &[u8]) -> Vec<T> {
    let mut elements = vec![T::default(); bytes.len() / size_of::<T>()];
    // SAFETY: any bits are an element, and there is so much room.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), elements.as_mut_ptr().cast(), bytes.len()) };
    elements
}

/// The other way round.
fn bytes_of<T: Sample>(elements: &[T]) -> &[u8] {
    // SAFETY: elements have no padding.
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), std::mem::size_of_val(elements)) }
}

fn create<T: Sample>(name: &str, lossless: bool) -> Result<Writer<T>> {
    Writer::create(name, &Options::new(CAPACITY).channels(CHANNELS).window(WINDOW).lossless(lossless))
}

struct Adler32(u32, u32);

impl Adler32 {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 + u32::from(*byte)) % 65521;
            self.1 = (self.1 + self.0) % 65521;
        }
    }
    fn value(&self) -> u32 {
        self.1 << 16 | self.0
    }
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}

fn expect_go() -> Outcome {
    if line()? == "go\n" {
        Ok(())
    } else {
        Err("no go".into())
    }
}

/// Makes the ring of one kind, and gives what fills and closes it.
fn creator<'a, T: Sample>(name: &str, kind: &'a Kind) -> Result<Box<dyn FnOnce() -> Result<()> + 'a>> {
    let mut writer = create::<T>(&format!("{name}.{}", kind.name), true)?;
    Ok(Box::new(move || {
        for block in elements::<T>(&kind.samples()).chunks_exact(PUT * CHANNELS) {
            if kind.name == "float64" {
                writer.wait_space(PUT, None)?;
                let mut room = writer.reserve(PUT)?;
                room.copy_from_slice(block);
                room.commit(PUT)?;
            } else {
                writer.put_wait(block, None)?;
            }
        }
        Ok(())
    }))
}

fn write(name: &str) -> Outcome {
    let [int64, float32, float64] = &KINDS;
    let mut overwritten = create::<i64>(&format!("{name}.overwritten"), false)?;
    let fills = [creator::<i64>(name, int64)?, creator::<f32>(name, float32)?, creator::<f64>(name, float64)?];
    let options = Options::new(CAPACITY).item_size(ITEM_BYTES).window(WINDOW).lossless(true);
    let mut items = Writer::<u8>::create(&format!("{name}.items"), &options)?;

    let data = elements::<i64>(&int64.samples());
    overwritten.put(&data[..WINDOW * CHANNELS])?;
    if let Err(error) = create::<i64>(&format!("{name}.int64"), false) {
        println!("error {error}");
    }
    println!("ready");
    expect_go()?;
    overwritten.put(&data[WINDOW * CHANNELS..(WINDOW + 200) * CHANNELS])?;
    println!("overwritten");

    for fill in fills {
        fill()?;
    }
    drop(overwritten);
    for item in words(BYTES, SAMPLES * ITEM_BYTES).chunks_exact(ITEM_BYTES) {
        items.put_wait(item, None)?;
    }
    println!("done");
    line()?;
    Ok(())
}

#[derive(Default)]
struct Figures {
    sum: i64,
    nan: usize,
    minus_zero: usize,
}

/// An element as a number.
trait Number: Sample {
    fn add_to(self, figures: &mut Figures);
}

impl Number for i64 {
    fn add_to(self, figures: &mut Figures) {
        figures.sum = figures.sum.wrapping_add(self);
    }
}

impl Number for f32 {
    fn add_to(self, figures: &mut Figures) {
        f64::from(self).add_to(figures);
    }
}

impl Number for f64 {
    fn add_to(self, figures: &mut Figures) {
        figures.nan += usize::from(self.is_nan());
        figures.minus_zero += usize::from(self == 0.0 && self.is_sign_negative());
    }
}

/// Opens the ring of one kind, and gives what reads it.
fn opener<'a, T: Number>(name: &str, kind: &'a Kind) -> Result<Box<dyn FnOnce() -> Outcome + 'a>> {
    let reader = Reader::<T>::open(&format!("{name}.{}", kind.name))?;
    Ok(Box::new(move || read_windows(&reader, kind)))
}

fn read_windows<T: Number>(reader: &Reader<T>, kind: &Kind) -> Outcome {
    let expected = kind.samples();
    let (mut adler32, mut figures, mut windows) = (Adler32(1, 0), Figures::default(), 0);
    let end = loop {
        let window = match reader.next(WINDOW, STEP, None) {
            Ok(window) => window,
            Err(error) => break error,
        };
        window.iter().for_each(|element| element.add_to(&mut figures));
        let copy = window.to_vec()?; // from here on it is known that all this was whole
        let (seen, at) = (bytes_of(&copy), window.start() as usize * kind.sample_bytes());
        if *seen != expected[at..at + seen.len()] {
            return Err(format!("{}: {window:?} is wrong", kind.name).into());
        }
        adler32.add(seen);
        windows += 1;
    };
    let figure = match kind.name {
        "int64" => format!("sum={}", figures.sum),
        _ => format!("nan={} minus_zero={}", figures.nan, figures.minus_zero),
    };
    println!("{} windows={windows} adler32={:08x} {figure} end={}", kind.name, adler32.value(), end.kind().name());
    Ok(())
}

fn read_items(reader: &Reader<u8>) -> Outcome {
    let expected = words(BYTES, SAMPLES * ITEM_BYTES);
    let (mut adler32, mut popped) = (Adler32(1, 0), 0);
    let end = loop {
        let item = match reader.pop(None) {
            Ok(item) => item,
            Err(error) => break error,
        };
        if !expected[popped * ITEM_BYTES..].starts_with(&item) {
            return Err(format!("item {popped} is wrong").into());
        }
        adler32.add(&item);
        popped += 1;
    };
    println!("items popped={popped} adler32={:08x} end={}", adler32.value(), end.kind().name());
    Ok(())
}

fn read(name: &str) -> Outcome {
    for wrong in [&format!("{name}.nobody"), "no/name"] {
        if let Err(error) = Reader::<i64>::open(wrong) {
            println!("error {error}");
        }
    }
    let [int64, float32, float64] = &KINDS;
    let readers = [opener::<i64>(name, int64)?, opener::<f32>(name, float32)?, opener::<f64>(name, float64)?];
    let items = Reader::<u8>::open(&format!("{name}.items"))?;
    let overwritten = Reader::<i64>::open(&format!("{name}.overwritten"))?;
    let window = overwritten.next(WINDOW, WINDOW, None)?;
    println!("ready");
    expect_go()?;
    let check = window.check().map_err(|error: Error| error.kind());
    println!("overwritten check={}", check.map_or_else(ErrorKind::name, |()| "RINGBUF_OK"));
    for read in readers {
        read()?;
    }
    read_items(&items)
}

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    match &arguments[1..] {
        [verb, name] if verb == "write" => write(name),
        [verb, name] if verb == "read" => read(name),
        _ => Err("usage: interop write|read NAME".into()),
    }
}
