//! interop write|read NAME: see tests/interop/README.md.

mod ringbuf;

use ringbuf::{Error, Options, Reader, Window, Writer, LOSSLESS};
use std::io;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const CAPACITY: u64 = 97;
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

    fn create(&self, name: &str, flags: u32) -> Result<Writer, Error> {
        let (channels, window) = (CHANNELS as u32, WINDOW as u64);
        let options =
            Options { data_type: self.data_type, channels, capacity: CAPACITY, window, flags, ..Options::default() };
        Writer::new(name, self.sample_bytes(), options)
    }
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
    if line()? == "go\n" { Ok(()) } else { Err("no go".into()) }
}

fn put_all(writer: &mut Writer, kind: &Kind) -> Outcome {
    for block in kind.samples().chunks_exact(PUT * kind.sample_bytes()) {
        writer.wait_space(PUT)?;
        if kind.name == "float64" {
            writer.reserve(PUT)?.copy_from_slice(block);
            writer.commit(PUT)?;
        } else {
            writer.put(block)?;
        }
    }
    Ok(())
}

fn write(name: &str) -> Outcome {
    let mut overwritten = KINDS[0].create(&format!("{name}.overwritten"), 0)?;
    let writers = KINDS.iter().map(|kind| kind.create(&format!("{name}.{}", kind.name), LOSSLESS));
    let writers: Vec<Writer> = writers.collect::<Result<_, _>>()?;
    let (item_size, window) = (ITEM_BYTES as u32, WINDOW as u64);
    let options =
        Options { data_type: BYTES, item_size, capacity: CAPACITY, window, flags: LOSSLESS, ..Options::default() };
    let mut items = Writer::new(&format!("{name}.items"), ITEM_BYTES, options)?;

    let (data, width) = (KINDS[0].samples(), KINDS[0].sample_bytes());
    overwritten.put(&data[..WINDOW * width])?;
    if let Err(error) = KINDS[0].create(&format!("{name}.int64"), 0) {
        println!("error {error}");
    }
    println!("ready");
    expect_go()?;
    overwritten.put(&data[WINDOW * width..(WINDOW + 200) * width])?;
    println!("overwritten");

    for (mut writer, kind) in writers.into_iter().zip(&KINDS) {
        put_all(&mut writer, kind)?;
    } // where it is closed
    drop(overwritten);
    for item in words(BYTES, SAMPLES * ITEM_BYTES).chunks_exact(ITEM_BYTES) {
        items.wait_space(1)?;
        items.push(item)?;
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

impl Figures {
    fn add(&mut self, window: &Window, kind: &Kind) {
        for i in 0..WINDOW * CHANNELS {
            let number = match kind.name {
                "int64" => {
                    self.sum = self.sum.wrapping_add(window.element(i));
                    continue;
                }
                "float32" => f64::from(window.element::<f32>(i)),
                _ => window.element::<f64>(i),
            };
            self.nan += usize::from(number.is_nan());
            self.minus_zero += usize::from(number == 0.0 && number.is_sign_negative());
        }
    }
}

fn read_windows(reader: &mut Reader, kind: &Kind) -> Outcome {
    let expected = kind.samples();
    let (mut adler32, mut figures, mut windows) = (Adler32(1, 0), Figures::default(), 0);
    let mut seen = vec![0; WINDOW * kind.sample_bytes()];
    let end = loop {
        let window = match reader.next(WINDOW, STEP) {
            Ok(window) => window,
            Err(error) => break error,
        };
        figures.add(&window, kind);
        window.copy_to(&mut seen);
        reader.check(&window)?; // from here on it is known that all this was whole
        let at = window.start * kind.sample_bytes();
        if seen != expected[at..at + seen.len()] {
            return Err(format!("{}: the window at {} is wrong", kind.name, window.start).into());
        }
        adler32.add(&seen);
        windows += 1;
    };
    let figure = match kind.name {
        "int64" => format!("sum={}", figures.sum),
        _ => format!("nan={} minus_zero={}", figures.nan, figures.minus_zero),
    };
    println!("{} windows={windows} adler32={:08x} {figure} end={}", kind.name, adler32.value(), end.name);
    Ok(())
}

fn read_items(reader: &mut Reader) -> Outcome {
    let (expected, mut item) = (words(BYTES, SAMPLES * ITEM_BYTES), [0; ITEM_BYTES]);
    let (mut adler32, mut popped) = (Adler32(1, 0), 0);
    let end = loop {
        if let Err(error) = reader.pop(&mut item) {
            break error;
        }
        if !expected[popped * ITEM_BYTES..].starts_with(&item) {
            return Err(format!("item {popped} is wrong").into());
        }
        adler32.add(&item);
        popped += 1;
    };
    println!("items popped={popped} adler32={:08x} end={}", adler32.value(), end.name);
    Ok(())
}

fn read(name: &str) -> Outcome {
    for wrong in [&format!("{name}.nobody"), "no/name"] {
        if let Err(error) = Reader::new(wrong, 1) {
            println!("error {error}");
        }
    }
    let readers = KINDS.iter().map(|kind| Reader::new(&format!("{name}.{}", kind.name), kind.sample_bytes()));
    let mut readers: Vec<Reader> = readers.collect::<Result<_, _>>()?;
    let mut items = Reader::new(&format!("{name}.items"), ITEM_BYTES)?;
    let mut overwritten = Reader::new(&format!("{name}.overwritten"), KINDS[0].sample_bytes())?;
    let window = overwritten.next(WINDOW, WINDOW)?;
    println!("ready");
    expect_go()?;
    let check = overwritten.check(&window);
    println!("overwritten check={}", check.map_or_else(|error| error.name, |()| "RINGBUF_OK"));
    for (reader, kind) in readers.iter_mut().zip(&KINDS) {
        read_windows(reader, kind)?;
    }
    read_items(&mut items)
}

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    match &arguments[1..] {
        [verb, name] if verb == "write" => write(name),
        [verb, name] if verb == "read" => read(name),
        _ => Err("usage: interop write|read NAME".into()),
    }
}
