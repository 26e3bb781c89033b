//! `cargo xtask bench [NAME…]`: measures every figure the project promises and prints it beside its command, under
//! the machine it was measured on, as a Markdown table on stdout. Progress goes to stderr.
//!
//! This file is the table of benches. It owns no promise: each bench states its own, and says whether it holds.

mod activation;
mod child;
mod examples;
mod figure;
mod folder;
mod http;
mod machine;
mod people;
mod program;
mod quota;
mod store;
mod tenant;

use crate::Done;
use figure::{Found, Page};

struct Bench {
    name: &'static str,
    measures: &'static str,
    run: fn() -> Found,
}

const BENCHES: &[Bench] = &[
    Bench { name: "thousand", measures: "1,000 tokens activated over HTTP", run: activation::thousand },
    Bench { name: "ten-thousand", measures: "10,000 of them: time, memory", run: activation::ten_thousand },
    Bench { name: "quota", measures: "what 200 activations per 5 minutes mean", run: quota::figures },
    Bench { name: "pace", measures: "the pacer against tenants that limit", run: examples::pace },
    Bench { name: "million", measures: "reading and checking 1,000,000 rows", run: examples::million },
    Bench { name: "store", measures: "vault and inventory at 100,000 tokens", run: store::figures },
    Bench { name: "program", measures: "start and size of the program", run: program::figures },
];

/// Runs the named benches, or all. An error names the promises that do not hold.
pub fn run(names: &[&str]) -> Done {
    let chosen = choose(names)?;
    let mut page = Page::new(machine::line());
    for bench in chosen {
        eprintln!("bench {}: {}", bench.name, bench.measures);
        match (bench.run)() {
            Ok(findings) => page.add(findings),
            Err(why) => {
                eprintln!("bench {}: {why}", bench.name);
                page.add_failure(bench.name, &why);
            }
        }
    }
    print!("{}", page.markdown());
    match page.broken() {
        broken if broken.is_empty() => Ok(()),
        broken => Err(format!("not every promise holds: {}.", broken.join("; "))),
    }
}

/// In the order of the table, each once.
fn choose(names: &[&str]) -> Result<Vec<&'static Bench>, String> {
    if let Some(unknown) = names.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        let known: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
        return Err(format!("there is no bench {unknown:?}; there are {}.", known.join(", ")));
    }
    Ok(BENCHES.iter().filter(|bench| names.is_empty() || names.contains(&bench.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_all_and_an_unknown_one_is_refused() {
        assert_eq!(choose(&[]).unwrap().len(), BENCHES.len());
        let two = choose(&["program", "quota"]).unwrap();
        assert_eq!(two.iter().map(|bench| bench.name).collect::<Vec<_>>(), ["quota", "program"]);
        assert!(choose(&["pace", "speed"]).err().unwrap().contains("\"speed\""));
    }
}
