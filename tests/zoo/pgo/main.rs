// expect: exit 0, prints "97 45174": the other part, in Rust; an argument says how to leave
use std::ffi::{c_char, CString};

extern "C" {
    fn part_sum(n: i32) -> i32;
    fn part_double(n: i32) -> i32;
    fn part_steps(n: i32) -> i32;
    fn leave(how: *const c_char) -> i32;
}

fn times(x: usize) -> usize {
    x * 31 + 7
}
fn flip(x: usize) -> usize {
    x ^ 0x55
}

fn main() {
    let table: [fn(usize) -> usize; 2] = [times, flip];
    let mut s = 1;
    for i in 0..1000 {
        s = table[(i % 3).min(1)](s) & 0xff;
    }
    let r = unsafe { part_double(21) + part_sum(100) + part_steps(500) };
    println!("{s} {r}");
    if let Some(how) = std::env::args().nth(1) {
        let how = CString::new(how).unwrap();
        std::process::exit(unsafe { leave(how.as_ptr()) });
    }
}
