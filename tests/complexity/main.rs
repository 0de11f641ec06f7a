//! Texts made to hurt take no more memory than their length allows: `cargo test --test complexity -- --nocapture` prints how much.
//! How much work they are is counted by `benches/complexity.sh`, as nothing is timed here.

mod shapes;

use allocation_counter::measure;
use mta_sts::Policy;
use shapes::Shape;

/// What any work may take beside, for lists that are bounded: of findings, of deviations.
const BOUNDED: u64 = 256 << 10;

/// What of this takes too much.
fn excesses(shapes: &[Shape]) -> Vec<String> {
    let mut excesses = Vec::new();
    for shape in shapes {
        for work in shape.works {
            for len in [8 << 10, 64 << 10] {
                let text = (shape.text)(len);
                assert!(
                    text.len() <= len + len / 4,
                    "{}: {}",
                    shape.name,
                    text.len()
                );
                let info = measure(|| (work.run)(&text));
                let line = format!(
                    "{:16} {:25} {:>6} bytes: at most {:>8} bytes, {:>7} allocations",
                    work.name,
                    shape.name,
                    text.len(),
                    info.bytes_max,
                    info.count_total
                );
                println!("{line}");
                let len = u64::try_from(text.len()).unwrap();
                if info.bytes_max > BOUNDED + work.memory * len || info.count_total > 100 + 4 * len
                {
                    excesses.push(line);
                }
            }
        }
    }
    excesses
}

#[test]
fn memory_grows_no_faster_than_the_text() {
    let excesses = excesses(&shapes::all());
    assert!(excesses.is_empty(), "\n{}\n", excesses.join("\n"));
}

/// What is quadratic is found: copies of the text for each 64th of its length.
#[test]
fn a_quadratic_work_is_an_excess() {
    let copies = shapes::work("copies", 16, |text| {
        drop(text.chunks(64).map(|_| text.to_vec()).collect::<Vec<_>>());
    });
    let shape = |works| Shape {
        name: "NUL",
        text: |len| vec![0; len],
        works,
    };
    assert_eq!(excesses(&[shape(Vec::leak(vec![copies]))]).len(), 2);
}

/// Else the shapes that are called so would show nothing: the names that collide go to the list of those without a slot.
#[test]
fn collisions_are_collisions() {
    let cost = |text: Vec<u8>| {
        let info = measure(|| drop(Policy::parse(&text).unwrap()));
        (text.len(), info.bytes_max, info.count_total)
    };
    let len = 64 << 10;
    let (honest, colliding) = (
        shapes::honest_patterns(len),
        shapes::colliding_patterns(len),
    );
    let ((len, honest, _), (same, colliding, _)) = (cost(honest), cost(colliding));
    assert_eq!(len, same);
    assert!(colliding > honest + 2 * 4 * 2_500, "{colliding} {honest}");
    let (honest, colliding) = (
        shapes::honest_extensions(len),
        shapes::colliding_extensions(len),
    );
    let ((len, _, honest), (same, _, colliding)) = (cost(honest), cost(colliding));
    assert_eq!(len, same);
    // The list grows to more than 2,048 numbers, beginning with four.
    assert!(colliding >= honest + 10, "{colliding} {honest}");
}
