//! `docs/state-machines.md` is what the tables say. `UPDATE_DOCS=1` rewrites it.

use crate::{negotiation, transfer};
use std::path::Path;

fn page() -> String {
    let mut out = String::from(
        "# State machines\n\n\
         Generated from the transition tables of crate `protocol`; do not edit.\n\
         `UPDATE_DOCS=1 cargo test -p protocol --lib` rewrites this page.\n\n\
         \"Sent by\" is who may send by the diagrams of the Dataspace Protocol 2025-1; \"taken from\" is from whom\n\
         a message is accepted. All else is refused, and the process stays as it was.\n",
    );
    for (title, table, diagram) in [
        ("Contract negotiation", negotiation::transition_table(), negotiation::transition_diagram()),
        ("Transfer process", transfer::transition_table(), transfer::transition_diagram()),
    ] {
        out.push_str(&format!("\n## {title}\n\n{table}\n```mermaid\n{diagram}```\n"));
    }
    out
}

#[test]
fn the_documentation_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/state-machines.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page(), "run with UPDATE_DOCS=1 to rewrite {}", path.display());
}
