// expect: whatever. Unsafe Rust that misuses the heap, by its first argument. Prints "done" at the end
use std::hint::black_box;

#[inline(never)]
fn give(bytes: usize) -> Vec<u8> {
    black_box(vec![1u8; bytes])
}
#[inline(never)]
fn store(at: *mut u8, value: u64) {
    unsafe { (at as *mut u64).write_volatile(value) }
}
#[inline(never)]
fn load(at: *const u8) -> u8 {
    unsafe { at.read_volatile() }
}

// an integer field of 4 bytes is stored with 8
fn field() {
    let mut block = give(88);
    store(block.as_mut_ptr().wrapping_add(84), 7);
    drop(black_box(block));
}
// the length says more than there is room for
fn set_len() {
    let mut block: Vec<u32> = black_box(Vec::with_capacity(22));
    unsafe { block.set_len(23) };
    block[22] = 9;
    unsafe { block.set_len(22) };
    drop(black_box(block));
}
fn dropped() {
    let block = give(200);
    let at = black_box(block.as_ptr());
    drop(block);
    if load(at.wrapping_add(50)) == 77 {
        println!("77");
    }
}
fn moved() {
    let mut list = black_box(vec![1u64; 16]);
    let first = list.as_mut_ptr() as *mut u8;
    list.resize(5000, 2);
    store(first, 3);
    drop(black_box(list));
}
fn owned_twice() {
    let one = Box::new([5u64; 20]);
    let raw = Box::into_raw(one);
    drop(black_box(unsafe { Box::from_raw(raw) }));
    drop(black_box(unsafe { Box::from_raw(raw) }));
}
fn sound() {
    let words: Vec<String> = (0..1000).map(|n| "w".repeat(n % 80)).collect();
    let map: std::collections::HashMap<_, _> = words.iter().map(|w| (w.clone(), w.len())).collect();
    if map.len() != 80 {
        println!("not 80");
    }
}

fn main() {
    let ways: [(&str, fn()); 6] = [
        ("field", field),
        ("set-len", set_len),
        ("dropped", dropped),
        ("moved", moved),
        ("owned-twice", owned_twice),
        ("sound", sound),
    ];
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (name, run) in ways {
        if name == wanted {
            for _ in 0..3 {
                run();
            }
        }
    }
    println!("done");
}
