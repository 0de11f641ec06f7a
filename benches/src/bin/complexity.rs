//! Does what `complexity.sh` counts the instructions of: every work on every text made to hurt, at three lengths each.
//!
//! Prints a line for each, in the order of the calls of [`measured`].

#[expect(dead_code, reason = "how much memory a work may take is for the test")]
#[path = "../../../tests/complexity/shapes.rs"]
mod shapes;

/// All that is counted. Its name is known to `complexity.sh`.
#[inline(never)]
fn measured(run: fn(&[u8]), text: &[u8]) {
    run(text);
}

fn main() {
    for shape in shapes::all() {
        for len in [32 << 10, 64 << 10, 128 << 10] {
            let text = (shape.text)(len);
            for work in shape.works {
                println!("{}\t{}\t{}", work.name, shape.name, text.len());
                measured(work.run, &text);
            }
        }
    }
}
