//! The crate against the library.

use ringbuf::{
    list, unlink, Complex, DataType, Error, ErrorKind, Float16, Info, MessageReader, MessageWriter, OpenOptions,
    Options, Reader, ReaderInfo, Resync, Sample, State, Writer,
};
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

const SOON: Option<Duration> = Some(Duration::from_millis(20));
const NOW: Option<Duration> = Some(Duration::ZERO);

/// The name of a ring of one test; nothing of the ring is left after the test.
struct Name(String);

impl Name {
    fn new(test: &str) -> Name {
        Name(format!("ringbuf-test-rust-{}-{test}", std::process::id()))
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let _ = unlink(&self.0);
    }
}

impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// That a call failed like this, and with words.
#[track_caller]
fn expect<T: Debug>(result: ringbuf::Result<T>, kind: ErrorKind) -> Error {
    let error = result.expect_err("it should have failed");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!error.detail().is_empty());
    error
}

/// Samples of two channels: i, -i.
fn pairs(range: std::ops::Range<i32>) -> Vec<i32> {
    range.flat_map(|i| [i, -i]).collect()
}

fn kind_of<T>(result: ringbuf::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn windows_slide_over_all_samples() -> ringbuf::Result<()> {
    let name = Name::new("windows");
    let mut writer = Writer::create(&name, &Options::new(97).channels(2).window(16).lossless(true))?;
    let reader = Reader::<i32>::open(&name)?;
    assert_eq!(reader.channels(), 2);
    let writing =
        thread::spawn(move || (0..1000).step_by(10).try_for_each(|i| writer.put_wait(&pairs(i..i + 10), None)));
    let mut start = 0;
    for window in reader.windows(16, 8) {
        let window = window?;
        assert_eq!((window.start(), window.end(), window.len()), (start, start + 16, 16));
        let expected = pairs(start as i32..start as i32 + 16);
        assert!(window.iter().eq(expected.iter().copied()));
        assert!(window.channel(1).eq((0..16).map(|i| -(start as i32 + i))));
        assert_eq!((window.at(15, 0), window.at(15, 1)), (start as i32 + 15, -(start as i32) - 15));
        // SAFETY: the ring is lossless, and the window the last one.
        assert_eq!(unsafe { window.as_slice() }, expected);
        assert_eq!(window.to_vec()?, expected);
        window.check()?;
        start += 8;
    }
    assert_eq!(start, 992);
    writing.join().unwrap()
}

#[test]
fn a_window_is_the_memory_of_the_ring() -> ringbuf::Result<()> {
    let name = Name::new("memory");
    let mut writer = Writer::create(&name, &Options::new(32).window(16))?;
    let reader = Reader::<i32>::open(&name)?;
    writer.put(&[0; 16])?;
    let window = reader.next(16, 16, None)?;
    window.check()?;
    writer.put(&[1; 32])?;
    assert_eq!(window.at(3, 0), 1);
    expect(window.check(), ErrorKind::Overwritten);
    expect(window.to_vec(), ErrorKind::Overwritten);
    reader.next(16, 16, NOW)?;
    Ok(())
}

#[test]
fn an_overrun_is_told_once() -> ringbuf::Result<()> {
    let name = Name::new("overrun");
    let mut writer = Writer::<i32>::create(&name, &Options::new(32).window(8))?;
    let reader = Reader::<i32>::open_with(&name, &OpenOptions::new().after_overrun(Resync::Oldest))?;
    writer.put(&[0; 100])?;
    drop(writer);
    let mut windows = reader.windows(8, 8);
    expect(windows.next().unwrap(), ErrorKind::Overwritten);
    let starts: Vec<i64> = windows.map(|window| window.unwrap().start()).collect();
    assert_eq!(starts, [68, 76, 84, 92]);
    let info = reader.info()?;
    assert_eq!((info.lost, info.overruns), (68, 1));
    Ok(())
}

#[test]
fn a_window_longer_than_the_pocket_is_a_copy() -> ringbuf::Result<()> {
    let name = Name::new("copy");
    let mut writer = Writer::create(&name, &Options::new(32).window(4).channels(2))?;
    let reader = Reader::<i32>::open(&name)?;
    writer.put(&pairs(0..20))?;
    reader.next(20, 20, None)?;
    writer.put(&pairs(20..44))?;
    let window = reader.next(24, 24, None)?;
    writer.put(&pairs(44..144))?;
    window.check()?;
    assert_eq!(window.to_vec()?, pairs(20..44));
    assert_eq!(window.at(1, 1), -21);
    expect(reader.view(124, 144), ErrorKind::NotContiguous);
    let mut samples = vec![0; 40];
    reader.read(124, &mut samples)?;
    assert_eq!(samples, pairs(124..144));
    Ok(())
}

#[test]
fn samples_by_index() -> ringbuf::Result<()> {
    let name = Name::new("index");
    let mut writer = Writer::create(&name, &Options::new(32).channels(2).window(16).first_index(5))?;
    let reader = Reader::<i32>::open(&name)?;
    expect(reader.latest(1), ErrorKind::NotYet);
    writer.put(&pairs(5..45))?;
    let latest = reader.latest(3)?;
    assert_eq!((latest.start(), latest.to_vec()?), (42, pairs(42..45)));
    assert_eq!(writer.view(30, 40)?.to_vec()?, pairs(30..40)); // the writer may look, too
    let empty = reader.view(40, 40)?;
    assert!(empty.is_empty() && empty.to_vec()?.is_empty() && empty.iter().next().is_none());
    // SAFETY: there is nothing in it.
    assert!(unsafe { empty.as_slice() }.is_empty());
    for (start, end, kind) in
        [(12, 20, ErrorKind::Overwritten), (44, 46, ErrorKind::NotYet), (4, 6, ErrorKind::BadIndex)]
    {
        expect(reader.view(start, end), kind);
        expect(reader.read(start, &mut vec![0; 2 * (end - start) as usize]), kind);
    }
    expect(reader.view(9, 8), ErrorKind::BadIndex);
    expect(reader.latest(33), ErrorKind::Overwritten);
    reader.wait(45, None)?;
    expect(reader.wait(46, SOON), ErrorKind::Timeout);
    Ok(())
}

#[test]
#[should_panic(expected = "sample 3, channel 2 of a window of 10 samples with 2 channels")]
fn an_element_outside_the_window_panics() {
    let name = Name::new("outside");
    let mut writer = Writer::create(&name, &Options::new(32).channels(2)).unwrap();
    writer.put(&pairs(0..20)).unwrap();
    writer.latest(10).unwrap().at(3, 2);
}

#[test]
fn pop() -> ringbuf::Result<()> {
    let name = Name::new("pop");
    let mut writer = Writer::create(&name, &Options::new(32).channels(2).lossless(true))?;
    let reader = Reader::<i32>::open(&name)?;
    let mut some = [0; 6];
    expect(reader.pop_many(&mut some), ErrorKind::Empty);
    expect(reader.pop(SOON), ErrorKind::Timeout);
    writer.put(&pairs(0..5))?;
    assert_eq!(reader.usage()?, 5);
    assert_eq!(reader.pop(None)?, [0, 0]);
    assert_eq!(reader.pop_many(&mut some)?, 3);
    assert_eq!(some[..], pairs(1..4));
    assert_eq!(reader.position()?, 4);
    reader.seek(3)?;
    assert_eq!(reader.pop_many(&mut some)?, 2);
    assert_eq!(some[..4], pairs(3..5));
    expect(reader.seek(6), ErrorKind::NotYet);
    expect(reader.pop_many(&mut some[..3]), ErrorKind::Incompatible);
    drop(writer);
    expect(reader.pop(None), ErrorKind::Closed);
    assert_eq!(
        expect(reader.pop_many(&mut some), ErrorKind::Closed).kind().to_string(),
        "the writer has ended the stream"
    );
    Ok(())
}

#[test]
fn a_lossless_ring_is_full() -> ringbuf::Result<()> {
    let name = Name::new("full");
    let mut writer = Writer::create(&name, &Options::new(8).lossless(true))?;
    expect(writer.wait_readers(1, SOON), ErrorKind::Timeout);
    let reader = Reader::<i32>::open(&name)?;
    writer.wait_readers(1, None)?;
    writer.put(&[0; 6])?;
    expect(writer.put(&[0; 3]), ErrorKind::Full);
    assert_eq!(writer.space()?, 2);
    expect(writer.put_wait(&[0; 9], None), ErrorKind::InvalidArgument);
    expect(writer.put_wait(&[0; 3], SOON), ErrorKind::Timeout);
    let writing = thread::spawn(move || writer.put_wait(&[0; 3], None));
    reader.pop(None)?;
    writing.join().unwrap()
}

#[test]
fn a_reservation_is_committed_or_given_up() -> ringbuf::Result<()> {
    let name = Name::new("reserve");
    let mut writer = Writer::create(&name, &Options::new(32).channels(2).window(8))?;
    let mut room = writer.reserve(8)?;
    assert_eq!(room.len(), 16);
    room.copy_from_slice(&pairs(0..8));
    room.commit(5)?;
    assert_eq!(writer.latest(5)?.to_vec()?, pairs(0..5));
    expect(writer.reserve(8)?.commit(9), ErrorKind::InvalidArgument);
    drop(writer.reserve(8)?);
    assert_eq!(writer.info()?.written, 5);
    expect(writer.reserve(0).map(drop), ErrorKind::InvalidArgument);
    Ok(())
}

fn round_trip<T: Sample + Debug + PartialEq>(data_type: &str, bytes: usize, values: [T; 2]) {
    let name = Name::new(&format!("type-{data_type}"));
    let mut writer = Writer::create(&name, &Options::new(8)).unwrap();
    writer.put(&values).unwrap();
    let mut read = [T::default(); 2];
    Reader::<T>::open(&name).unwrap().read(0, &mut read).unwrap();
    assert_eq!(read, values);
    let info = writer.info().unwrap();
    assert_eq!((info.data_type.to_string().as_str(), info.sample_bytes), (data_type, bytes));
    assert_eq!(info.data_type, T::DATA_TYPE);
}

#[test]
fn types() {
    round_trip("int8", 1, [i8::MIN, i8::MAX]);
    round_trip("uint8", 1, [0, u8::MAX]);
    round_trip("int16", 2, [i16::MIN, i16::MAX]);
    round_trip("uint16", 2, [0, u16::MAX]);
    round_trip("int32", 4, [i32::MIN, i32::MAX]);
    round_trip("uint32", 4, [0, u32::MAX]);
    round_trip("int64", 8, [i64::MIN, i64::MAX]);
    round_trip("uint64", 8, [0, u64::MAX]);
    round_trip("float16", 2, [Float16(0x3c00), Float16(0xfc00)]);
    round_trip("float32", 4, [-0.5f32, f32::MAX]);
    round_trip("float64", 8, [-0.5f64, f64::MAX]);
    round_trip("complex64", 8, [Complex { re: 1f32, im: -2.0 }, Complex { re: 0.0, im: 3.0 }]);
    round_trip("complex128", 16, [Complex { re: 1f64, im: -2.0 }, Complex { re: 0.0, im: 3.0 }]);
}

#[test]
fn opaque_items() -> ringbuf::Result<()> {
    let name = Name::new("items");
    let mut writer = Writer::create(&name, &Options::new(8).item_size(13))?;
    writer.put(b"thirteen byteanother item!")?;
    let reader = Reader::<u8>::open(&name)?;
    assert_eq!((reader.channels(), reader.info()?.data_type), (13, DataType::BYTES));
    assert_eq!(reader.pop(None)?, b"thirteen byte");
    expect(Writer::<i16>::create(&name, &Options::new(8).item_size(13)), ErrorKind::InvalidArgument);
    Ok(())
}

#[test]
fn a_ring_of_another_type() -> ringbuf::Result<()> {
    let name = Name::new("another");
    let _writer = Writer::<i16>::create(&name, &Options::new(8))?;
    let errors = [
        expect(Reader::<f32>::open(&name), ErrorKind::Incompatible),
        expect(Reader::<u16>::open(&name), ErrorKind::Incompatible),
        expect(Reader::<u8>::open(&name), ErrorKind::Incompatible),
    ];
    for error in errors {
        assert!(error.detail().contains("elements of int16") && error.detail().contains("use <i16>"), "{error}");
    }
    expect(MessageReader::open(&name), ErrorKind::Incompatible);
    let observer = Reader::<i16>::open_with(&name, &OpenOptions::new().observer())?;
    assert_eq!(observer.readers()?, []); // the refused ones are closed
    Ok(())
}

#[test]
fn bad_arguments() -> ringbuf::Result<()> {
    let name = Name::new("bad");
    let mut writer = Writer::<i32>::create(&name, &Options::new(8).channels(2))?;
    let reader = Reader::<i32>::open(&name)?;
    expect(writer.put(&[1, 2, 3]), ErrorKind::Incompatible);
    writer.put(&[])?;
    for window in [0, 9, usize::MAX] {
        expect(reader.next(window, 1, None), ErrorKind::InvalidArgument);
    }
    expect(reader.next(1, usize::MAX, None), ErrorKind::InvalidArgument);
    expect(reader.latest(usize::MAX), ErrorKind::NotYet);
    expect(writer.reserve(usize::MAX).map(drop), ErrorKind::InvalidArgument);
    expect(writer.wait_readers(17, None), ErrorKind::InvalidArgument);
    expect(Writer::<i32>::create(&name, &Options::new(0)), ErrorKind::InvalidArgument);
    expect(Writer::<i32>::create(&name, &Options::new(8).max_readers(1 << 40)), ErrorKind::InvalidArgument);
    expect(Writer::<i32>::create(&name, &Options::new(8)), ErrorKind::Exists);
    expect(Reader::<i32>::open("no/name"), ErrorKind::InvalidArgument);
    expect(Reader::<i32>::open("no\0name"), ErrorKind::InvalidArgument);
    expect(unlink("no\0name"), ErrorKind::InvalidArgument);
    let nobody = format!("{}-nobody", &*name);
    let error = expect(Reader::<i32>::open(&nobody), ErrorKind::NotFound);
    assert_eq!((error.code(), error.to_string()), (8, format!("RINGBUF_NOT_FOUND: {}", error.detail())));
    assert!(error.detail().contains(&nobody), "{error}");
    Ok(())
}

#[test]
fn an_interrupter_ends_a_wait() -> ringbuf::Result<()> {
    let name = Name::new("interrupt");
    let _writer = Writer::<i32>::create(&name, &Options::new(8))?;
    let reader = Reader::<i32>::open(&name)?;
    let interrupter = reader.interrupter();
    let waiting = thread::spawn(move || kind_of(reader.next(1, 1, None)));
    interrupter.interrupt();
    assert_eq!(waiting.join().unwrap(), Some(ErrorKind::Interrupted));
    interrupter.interrupt(); // the handle is closed
    Ok(())
}

/// Interrupts meet a handle at every moment of its life, that of its close included.
#[test]
fn an_interrupter_never_meets_a_closed_handle() -> ringbuf::Result<()> {
    let name = Name::new("closing");
    let _writer = Writer::<i32>::create(&name, &Options::new(8))?;
    thread::scope(|scope| {
        for _ in 0..200 {
            let reader = Reader::<i32>::open(&name)?;
            let interrupter = reader.interrupter();
            scope.spawn(move || (0..100).for_each(|_| interrupter.interrupt()));
            drop(reader);
        }
        Ok(())
    })
}

#[test]
fn dropping_a_handle_closes_it() -> ringbuf::Result<()> {
    let name = Name::new("drop");
    let writer = Writer::<i32>::create(&name, &Options::new(8))?;
    let reader = Reader::<i32>::open(&name)?;
    assert_eq!(writer.readers()?.len(), 1);
    drop(reader);
    assert_eq!(writer.readers()?, []);
    let reader = Reader::<i32>::open(&name)?;
    drop(writer);
    assert_eq!(reader.info()?.state, State::Closed);
    expect(Reader::<i32>::open(&name), ErrorKind::NotFound);
    Ok(())
}

#[test]
fn reopen() -> ringbuf::Result<()> {
    let name = Name::new("reopen");
    let mut first = Writer::create(&name, &Options::new(8))?;
    let mut reader = Reader::<i32>::open(&name)?;
    first.put(&[1, 2])?;
    drop(first);
    expect(reader.reopen(&OpenOptions::new(), SOON), ErrorKind::Timeout);
    let mut second = Writer::create(&name, &Options::new(8))?;
    second.put(&[7, 8])?;
    reader.reopen(&OpenOptions::new(), None)?;
    assert_eq!(reader.pop(None)?, [7]);
    drop(second);
    let _third = Writer::<i32>::create(&name, &Options::new(16))?;
    expect(reader.reopen(&OpenOptions::new(), None), ErrorKind::Incompatible);
    assert_eq!(reader.pop(None)?, [8]);
    Ok(())
}

#[test]
fn resume() -> ringbuf::Result<()> {
    let name = Name::new("resume");
    let options = Options::new(8).keep(true);
    let mut writer = Writer::<i32>::create(&name, &options)?;
    writer.put(&[1, 2])?;
    expect(Writer::<i32>::resume(&name), ErrorKind::Busy);
    drop(writer);
    expect(Writer::<f32>::resume(&name), ErrorKind::Incompatible);
    let mut writer = Writer::<i32>::resume(&name)?;
    writer.put(&[3])?;
    assert_eq!(writer.latest(3)?.to_vec()?, [1, 2, 3]);
    drop(writer);
    expect(Writer::<i32>::create_or_resume(&name, &Options::new(16)), ErrorKind::Incompatible);
    assert_eq!(Writer::<i32>::create_or_resume(&name, &options)?.info()?.written, 3);
    Ok(())
}

#[test]
fn a_reader_may_come_first() -> ringbuf::Result<()> {
    let name = Name::new("first");
    expect(Reader::<i32>::open_wait(&name, &OpenOptions::new(), SOON), ErrorKind::Timeout);
    let its_name = name.0.clone();
    let reading = thread::spawn(move || Reader::<i32>::open_wait(&its_name, &OpenOptions::new(), None)?.pop(None));
    let mut writer = Writer::create(&name, &Options::new(8))?;
    writer.put(&[1])?;
    assert_eq!(reading.join().unwrap()?, [1]);
    Ok(())
}

#[test]
fn messages() -> ringbuf::Result<()> {
    let name = Name::new("messages");
    let mut writer = MessageWriter::create(&name, &Options::new(1024).window(104))?;
    let reader = MessageReader::open(&name)?;
    expect(Reader::<u8>::open(&name), ErrorKind::Incompatible);
    expect(reader.receive(NOW), ErrorKind::Timeout);
    writer.send(b"started", 3, -7)?;
    writer.send(b"", 0, 0)?;
    expect(writer.send(&[0; 105], 0, 0), ErrorKind::InvalidArgument);
    let message = reader.receive(None)?;
    assert_eq!((&message.bytes[..], message.kind, message.tag, message.start), (&b"started"[..], 3, -7, 24));
    assert!(message.monotonic > Duration::ZERO);
    assert_eq!(reader.receive(NOW)?.bytes, b"");
    for i in 0..100 {
        writer.send(&[i], 0, 0)?;
    }
    drop(writer);
    let mut messages = reader.messages();
    expect(messages.next().unwrap(), ErrorKind::Overwritten);
    assert_eq!(messages.last().unwrap()?.bytes, [99]);
    Ok(())
}

/// A message that the writer overwrites while it is copied must not be handed out.
#[test]
fn messages_are_whole_beside_a_fast_writer() -> ringbuf::Result<()> {
    let name = Name::new("fast");
    let mut writer = MessageWriter::create(&name, &Options::new(8192).window(4000))?;
    let reader = MessageReader::open_with(&name, &OpenOptions::new().after_overrun(Resync::Oldest))?;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for i in (0..=u8::MAX).cycle().take_while(|_| !over.load(Ordering::Relaxed)) {
                writer.send(&[i; 3500], u32::from(i), 0)?;
            }
            Ok(())
        });
        let (mut received, mut overruns, mut torn) = (0, 0, 0);
        while torn == 0 && (received < 20_000 || overruns < 100) {
            match is_whole(reader.receive(None)) {
                Ok(true) => received += 1,
                Ok(false) => torn += 1,
                Err(ErrorKind::Overwritten) => overruns += 1,
                Err(_) => break,
            }
        }
        over.store(true, Ordering::Relaxed); // whatever has happened: the writer waits for it
        assert!(received > 0 && torn == 0, "{received} whole, {torn} torn");
        writing.join().unwrap()
    })
}

/// Whether a message has the bytes that its kind says.
fn is_whole(message: ringbuf::Result<ringbuf::Message>) -> Result<bool, ErrorKind> {
    let message = message.map_err(|error| error.kind())?;
    Ok(message.bytes == [message.kind as u8; 3500])
}

#[test]
fn metadata() -> ringbuf::Result<()> {
    let name = Name::new("metadata");
    let mut writer = Writer::<i32>::create(&name, &Options::new(8).metadata_bytes(10000))?;
    let reader = Reader::<i32>::open(&name)?;
    assert_eq!(reader.metadata()?, []);
    let long = b"0123456789".repeat(1000);
    writer.set_metadata(&long)?;
    assert_eq!(reader.metadata()?, long);
    expect(writer.set_metadata(&[0; 10001]), ErrorKind::InvalidArgument);
    writer.set_metadata(b"")?;
    assert_eq!(reader.metadata()?, []);
    Ok(())
}

#[test]
fn times_and_gaps() -> ringbuf::Result<()> {
    let name = Name::new("times");
    let mut writer = Writer::<i32>::create(&name, &Options::new(100).sample_rate(10.0))?;
    let reader = Reader::<i32>::open(&name)?;
    expect(reader.time_at(0), ErrorKind::NotYet);
    writer.put(&[0; 30])?;
    let (second, day) = (Duration::from_secs(1), UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    writer.stamp(0, second, Some(day))?;
    writer.stamp(20, 3 * second, Some(day + 2 * second))?;
    let time = reader.time_at(10)?;
    assert_eq!((time.monotonic, time.realtime), (2 * second, day + second));
    assert_eq!(reader.index_at(day + second / 2)?, 5);
    assert_eq!(reader.index_at_monotonic(second * 3 / 2)?, 5);
    expect(writer.stamp(20, 4 * second, None), ErrorKind::BadIndex);

    assert_eq!(reader.gaps()?, []);
    writer.skip(5)?;
    writer.put(&[0; 2])?;
    writer.skip(3)?;
    assert_eq!(reader.gaps()?, [30..35, 37..40]);
    expect(reader.view(29, 36), ErrorKind::Gap);
    Ok(())
}

#[test]
fn lists_and_information() -> ringbuf::Result<()> {
    let name = Name::new("list");
    let options =
        Options::new(100).channels(3).window(20).lossless(true).max_readers(5).sample_rate(250.0).first_index(7);
    let mut writer = Writer::<f64>::create(&name, &options)?;
    let reader = Reader::<f64>::open(&name)?;
    writer.put(&[0.0; 30])?;
    reader.pop(None)?;
    let (_, listed) = list()?.into_iter().find(|(listed, _)| *listed == *name).expect("it is in the list");
    let info = reader.info()?;
    let described = |i: &Info| {
        assert_eq!(
            (i.channels, i.sample_bytes, i.capacity, i.window, i.max_readers, i.readers),
            (3, 24, 100, 20, 5, 1)
        );
        assert_eq!((i.lossless, i.keep, i.messages, i.state), (true, false, false, State::Live));
        assert_eq!((i.written, i.oldest, i.first_index, i.sample_rate, i.generation), (17, 7, 7, 250.0, 1));
        assert_eq!((i.writer_pid, i.ring_id), (Some(std::process::id()), info.ring_id));
        assert_eq!(i.anchor.map(|(index, _)| index), Some(16));
    };
    described(&info);
    described(&listed);
    assert_eq!(info.position, 8);
    let readers: Vec<ReaderInfo> = writer.readers()?;
    assert_eq!(readers.len(), 1);
    let only = &readers[0];
    assert_eq!((only.process_id, only.position, only.lag), (Some(std::process::id()), 8, 9));
    assert!(only.holds_back);
    unlink(&name)?;
    expect(unlink(&name), ErrorKind::NotFound);
    Ok(())
}

/// A handle may move to another thread.
#[test]
fn handles_are_send() {
    fn send<T: Send>() {}
    send::<Reader<f32>>();
    send::<Writer<f32>>();
    send::<MessageReader>();
    send::<MessageWriter>();
    fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<ringbuf::Interrupter>();
    send_and_sync::<Error>();
}
