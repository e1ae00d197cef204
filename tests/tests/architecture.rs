//! The arrows between crates, read from `cargo metadata`. What is not allowed here fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an integration test; its helpers fail as loudly as its tests"
)]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .exec()
        .unwrap()
}

/// Workspace crates that each workspace crate may depend on.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("ontology", vec![]),
        ("policies", vec!["ontology"]),
        ("catalog", vec!["ontology", "policies"]),
        ("protocol", vec!["ontology", "policies"]),
        ("engine", vec!["ontology", "policies", "protocol", "catalog"]),
        ("connector", vec!["ontology", "policies", "protocol", "catalog", "engine"]),
        ("conformance", vec!["ontology", "policies", "protocol", "catalog", "engine", "connector"]),
    ])
}

#[test]
fn arrows_between_crates_are_the_drawn_ones() {
    let metadata = metadata();
    let allowed = allowed();
    let members: BTreeSet<&str> = metadata.workspace_packages().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(members, allowed.keys().copied().collect(), "a crate is missing from the drawn arrows");
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            if members.contains(dependency.name.as_str()) {
                let may = &allowed[package.name.as_str()];
                assert!(
                    may.contains(&dependency.name.as_str()),
                    "{} must not depend on {}",
                    package.name,
                    dependency.name
                );
            }
        }
    }
}

/// Everything that `name` links into its library, through normal dependencies.
fn closure(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
    let names: BTreeMap<&PackageId, &str> =
        metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
    let start = metadata.packages.iter().find(|p| p.name.as_str() == name).unwrap();
    let (mut seen, mut todo) = (BTreeSet::new(), vec![&start.id]);
    while let Some(id) = todo.pop() {
        for dependency in &nodes[id].deps {
            let normal = dependency.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
            // Build-time helpers of macros do not reach the library.
            if normal && seen.insert(names[&dependency.pkg].to_owned()) {
                todo.push(&dependency.pkg);
            }
        }
    }
    seen
}

#[test]
fn pure_crates_have_no_io_clock_or_randomness() {
    const BANNED: [&str; 22] = [
        "tokio",
        "actix-web",
        "actix-rt",
        "reqwest",
        "hyper",
        "sqlx",
        "rusqlite",
        "libsqlite3-sys",
        "openssl",
        "openssl-sys",
        "ring",
        "rustls",
        "mio",
        "socket2",
        "getrandom",
        "rand",
        "rand_core",
        "fastrand",
        "uuid",
        "time",
        "oxigraph",
        "josekit",
    ];
    let metadata = metadata();
    for name in ["ontology", "policies", "protocol"] {
        let closure = closure(&metadata, name);
        for banned in BANNED {
            assert!(!closure.contains(banned), "{name} must not depend on {banned}");
        }
        // chrono without its `clock` feature would be fine; with it, it reads the clock.
        for package in &metadata.packages {
            if package.name.as_str() == "chrono" && closure.contains("chrono") {
                panic!("{name} depends on chrono, which may read the clock");
            }
        }
    }
}

#[test]
fn only_the_server_names_the_adapters() {
    const ADAPTERS: [&str; 4] = ["actix-web", "reqwest", "josekit", "sqlx"];
    for package in metadata().workspace_packages() {
        if ["connector", "conformance"].contains(&package.name.as_str()) {
            continue;
        }
        for dependency in &package.dependencies {
            assert!(
                !ADAPTERS.contains(&dependency.name.as_str()),
                "{} must not name {}",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn the_core_reads_no_clock_and_only_one_file_names_the_graph_store() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut users = Vec::new();
    for folder in
        ["ontology/src", "policies/src", "connector/protocol/src", "connector/engine/src", "catalog/src"]
    {
        let mut todo = vec![std::path::PathBuf::from(root).join(folder)];
        while let Some(path) = todo.pop() {
            if path.is_dir() {
                todo.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            if path.extension().is_some_and(|e| e == "rs") {
                // Waiting is not reading: the engine may sleep, but gets the time from its port.
                for clock in ["SystemTime::now", "DateTime::now", "Utc::now", "Instant::now"] {
                    assert!(!text.contains(clock), "{} uses {clock}", path.display());
                }
                if text.contains("oxigraph::store") {
                    users.push(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
    }
    assert_eq!(users, ["store.rs"], "oxigraph::store is named in catalog/src/store.rs only");
}

/// Every test that the page on semantics names is there.
#[test]
fn the_cases_of_the_semantics_page_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/policy-semantics.md")).unwrap();
    let mut tests = String::new();
    let mut folders = vec![root.join("policies/src"), root.join("tests/tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                tests.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let (mut named, mut missing) = (0, Vec::new());
    for row in page.lines().filter(|line| line.starts_with('|')) {
        let shown = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        for case in shown.split('`').skip(1).step_by(2) {
            let name = case.rsplit("::").next().unwrap_or(case);
            if !name.contains('_') || name.contains('/') {
                continue;
            }
            named += 1;
            if !tests.contains(&format!("fn {name}(")) {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(named > 40, "only {named} cases are named");
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}
