//! Rebuilds the crate when a migration is added: `embed_migrations!` alone does not notice a new file.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=build.rs");
}
