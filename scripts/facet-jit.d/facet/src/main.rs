//! facet-elements BYTES [COUNT [TIMES]]: reads a list of COUNT (100) records from JSON, TIMES (20) over, by the code that
//! facet-format's JIT makes for their type. BYTES is the size of a record, 80 or 88. The JIT has each record built in a block
//! of exactly that size, and its code stores the last field, which has 4 bytes, as if it had 8.
use facet::Facet;
use facet_format::jit::try_deserialize;
use facet_format_json::JsonParser;
use std::hint::black_box;

#[derive(Facet)]
struct Author {
    number: u64,
    name: String,
    readers: u32,
}

#[derive(Facet)]
struct Letter80 {
    number: u64,
    text: String,
    author: Author,
    answers: u32,
    stars: u32,
}

#[derive(Facet)]
struct Letter88 {
    number: u64,
    year: u64,
    text: String,
    author: Author,
    answers: u32,
    stars: u32,
}

#[derive(Facet)]
struct Letters80 {
    letters: Vec<Letter80>,
}

#[derive(Facet)]
struct Letters88 {
    letters: Vec<Letter88>,
}

/// The text has 79 or 80 bytes: blocks of the size class that a record of 80 bytes has, under allocators that know such a one.
fn letter(n: usize, year: &str) -> String {
    format!(
        r#"{{"number":{n},{year}"text":"ein Brief über die Heimfahrt nach Ἰθάκη, und was auf dem Wege geschah, {n}","author":{{"number":{n},"name":"author {n}","readers":{n}}},"answers":{n},"stars":{n}}}"#
    )
}

fn read<'a, T: Facet<'a>>(json: &'a str, times: usize) -> bool {
    for _ in 0..times {
        let mut parser = JsonParser::new(json.as_bytes());
        match try_deserialize::<T, _>(&mut parser) {
            Some(Ok(all)) => drop(black_box(all)),
            Some(Err(error)) => {
                println!("not read: {error:?}");
                return false;
            }
            None => {
                println!("the JIT did not compile it");
                return false;
            }
        }
    }
    true
}

fn main() {
    let number = |n, else_: usize| std::env::args().nth(n).and_then(|word| word.parse().ok()).unwrap_or(else_);
    let (bytes, count, times) = (number(1, 80), number(2, 100), number(3, 20));
    let size = if bytes == 88 { size_of::<Letter88>() } else { size_of::<Letter80>() };
    if size != bytes {
        println!("a record has {size} bytes here, not {bytes}");
        std::process::exit(2);
    }
    let year = if bytes == 88 { r#""year":1922,"# } else { "" };
    let all: Vec<_> = (0..count).map(|n| letter(n, year)).collect();
    let json = format!(r#"{{"letters":[{}]}}"#, all.join(","));
    let is_read = if bytes == 88 { read::<Letters88>(&json, times) } else { read::<Letters80>(&json, times) };
    if !is_read {
        std::process::exit(3);
    }
    println!("read {count} records of {bytes} bytes, {times} times");
}
