//! The command line comes with the cli room.

fn main() {}
