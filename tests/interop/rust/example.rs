use ringbuf::Reader;

fn main() -> ringbuf::Result<()> {
    let name = std::env::args().nth(1).expect("the name of a ring");
    let reader = Reader::<f32>::open(&name)?;
    for window in reader.windows(480, 240) {
        let window = window?;
        let (left, right) = (window.at(0, 0), window.at(0, 1)); // in the ring itself
        if window.check().is_ok() {
            println!("{}: {left} {right}", window.start());
        }
    }
    println!("the writer has ended the stream");
    Ok(())
}
