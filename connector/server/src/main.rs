//! `entente`: parse, then serve or run one command.

use clap::Parser;
use connector::cli::{self, Cli, Command};
use connector::config::{self, ConfigError};
use std::process::ExitCode;

/// Negotiations are thousands of small allocations on several threads; see `tests/bench/README.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Cli { command } = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string(), 1),
    };
    match command {
        Command::Serve { options } => match config::resolve(&options) {
            Ok(config) => match runtime.block_on(connector::app::serve(config)) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&format!("{error:#}"), 1),
            },
            Err(ConfigError::Usage(error)) => {
                // Help and version are not errors; clap knows where each is printed.
                let code = if error.use_stderr() { 64 } else { 0 };
                drop(error.print());
                ExitCode::from(code)
            }
            Err(error) => fail(&error.to_string(), 64),
        },
        command => match runtime.block_on(cli::run(command)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error.to_string(), error.code()),
        },
    }
}

#[expect(clippy::print_stderr, reason = "the last word of the program")]
fn fail(message: &str, code: u8) -> ExitCode {
    eprintln!("entente: {message}");
    ExitCode::from(code)
}
