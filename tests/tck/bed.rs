//! Holds a seeded `entente` with its driver, for a judge that is run by hand:
//! `cargo run -p conformance --example tck_bed -- FILE [SECONDS] [DELAY_MS]`.
//! The settings are written to FILE. It ends after SECONDS (600), or on Ctrl-C.
#![expect(clippy::print_stdout, reason = "a command")]

use anyhow::Context as _;
use conformance::tck::bed::Bed;
use std::time::Duration;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().context("usage: tck_bed FILE [SECONDS] [DELAY_MS]")?;
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (seconds, delay) = (number(600)?, number(500)?);
    let bed = Bed::start(Duration::from_millis(delay)).await?;
    std::fs::write(&file, bed.settings().text())?;
    println!("{} is ready; the settings are in {file}", bed.participant().setup.did());
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
        end = tokio::signal::ctrl_c() => end?,
    }
    for fault in bed.faults() {
        println!("refused: {fault}");
    }
    Ok(())
}
