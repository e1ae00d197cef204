//! Our Turtle reader against that of Oxigraph, on every file of the suites.

use crate::score::{folder, read};
use ontology::turtle;
use serde_json::Value;
use std::path::PathBuf;

/// Statements that a value stands for, beside the one that it is the object of.
fn within(value: &Value) -> usize {
    match value.get("@list").and_then(Value::as_array) {
        Some(items) => items.iter().map(|item| 2 + within(item)).sum(),
        None => 0,
    }
}

fn ours(text: &str) -> Result<usize, String> {
    let nodes = turtle::read(text).map_err(|e| e.to_string())?;
    let values = nodes.iter().flat_map(|node| node.iter().filter(|(key, _)| *key != "@id"));
    Ok(values.flat_map(|(_, values)| values.as_array().into_iter().flatten()).map(|v| 1 + within(v)).sum())
}

fn theirs(text: &str) -> Result<usize, String> {
    let mut found = std::collections::HashSet::new();
    for triple in oxttl::TurtleParser::new().for_slice(text.as_bytes()) {
        found.insert(triple.map_err(|e| e.to_string())?);
    }
    Ok(found.len())
}

#[test]
fn turtle_is_read_as_oxigraph_reads_it() {
    let Some(root) = folder(".") else { return };
    let (mut todo, mut files): (Vec<PathBuf>, _) = (vec![root], 0);
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "ttl") {
            let text = read(&path);
            match (ours(&text), theirs(&text)) {
                (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{}", path.display()),
                (Err(_), Err(_)) => {}
                (ours, theirs) => panic!("{}: {ours:?}, Oxigraph: {theirs:?}", path.display()),
            }
            files += 1;
        }
    }
    println!("turtle: {files} files read alike");
    assert!(files > 200, "{files}");
}
