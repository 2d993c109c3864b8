//! Rounds: each variant once a round, one after the other, so that what the machine does besides falls on
//! all of them alike; then medians, side by side.

/// Fewer would let one disturbed round decide.
pub const ROUNDS: usize = 5;

/// What one variant took in one round.
#[derive(Clone, Copy)]
pub struct Taken {
    pub seconds: f64,
    /// Of what is measured alone; unknown where the system does not tell.
    pub cpu_seconds: Option<f64>,
}

/// A variant and what it took in each round.
pub struct Variant<'a> {
    pub name: String,
    run: Box<dyn FnMut() -> Taken + 'a>,
    taken: Vec<Taken>,
}

impl<'a> Variant<'a> {
    /// Names something to be measured.
    pub fn new(name: impl Into<String>, run: impl FnMut() -> Taken + 'a) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
            taken: Vec::new(),
        }
    }

    /// Returns the median of the rounds' wall time.
    pub fn seconds(&self) -> f64 {
        median(self.taken.iter().map(|taken| taken.seconds).collect())
    }

    /// Returns the median of the rounds' CPU time.
    pub fn cpu_seconds(&self) -> Option<f64> {
        let known: Option<Vec<f64>> = self.taken.iter().map(|taken| taken.cpu_seconds).collect();
        known.map(median)
    }
}

/// Runs the rounds.
pub fn run(variants: &mut [Variant]) {
    for _ in 0..ROUNDS {
        for variant in variants.iter_mut() {
            let taken = (variant.run)();
            variant.taken.push(taken);
        }
    }
}

/// Prints medians for `pages` pages each; ratios are to the variant at `base`, more is slower.
pub fn show(title: &str, pages: usize, base: usize, variants: &[Variant]) {
    let pages = pages as f64;
    println!("\n{title}; medians of {ROUNDS} interleaved rounds, range in brackets");
    println!(
        "{:<44} {:>9} {:>17} {:>12} {:>10} {:>9}",
        "", "pages/s", "", "CPU s / 1000", "time", "CPU time"
    );
    for variant in variants {
        let rates = |pick: fn(f64, f64) -> f64, from: f64| {
            let seconds = variant.taken.iter().map(|taken| taken.seconds);
            pages / seconds.fold(from, pick)
        };
        let range = format!(
            "({:.0}-{:.0})",
            rates(f64::max, 0.0),
            rates(f64::min, f64::MAX)
        );
        let cpu = variant.cpu_seconds();
        let base_cpu = variants[base].cpu_seconds();
        println!(
            "{:<44} {:>9.0} {:>17} {:>12} {:>9.2}x {:>9}",
            variant.name,
            pages / variant.seconds(),
            range,
            cpu.map_or("unknown".to_owned(), |cpu| format!(
                "{:.3}",
                cpu * 1000.0 / pages
            )),
            variant.seconds() / variants[base].seconds(),
            cpu.zip(base_cpu)
                .map_or(String::new(), |(cpu, base)| format!("{:.2}x", cpu / base)),
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
