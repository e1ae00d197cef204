//! Configuration: every option is a flag, an environment variable and a TOML key of one name.
//!
//! The TOML file is turned into flags for options that neither the command line nor the environment sets, so
//! there is one parser, one description and one set of errors.

mod file;
mod options;

pub use file::{ConfigError, resolve};
pub use options::{Config, Identity, ServeOptions};
