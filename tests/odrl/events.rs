//! The event-log cases of OVAL: a log keeps to a policy, or does not.

use crate::score::{Score, folder, read};
use ontology::time::Timestamp;
use policies::monitor::{Act, Setting, audit};
use policies::{Mode, Policy, Reading, Units};
use std::collections::BTreeMap;
use std::path::Path;

const ODRL: &str = "http://www.w3.org/ns/odrl/2/";

/// One event a row; a column `P Q` is the operand Q of P.
fn log(path: &Path) -> Vec<Act> {
    let text = read(path);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').map(str::trim).collect();
    lines
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut act = Act::default();
            for (column, cell) in header.iter().zip(line.split(',').map(str::trim)) {
                let (owner, operand) = column.split_once(' ').unwrap_or(("", column));
                let short = operand.strip_prefix(ODRL).unwrap_or(operand);
                match (owner.strip_prefix(ODRL).unwrap_or(owner), short) {
                    (_, _) if cell.is_empty() => {}
                    ("", "dateTime") => act.at = Timestamp::parse(cell).unwrap(),
                    ("", "Party") => act.party = cell.to_owned(),
                    ("", "Action") => act.action = cell.to_owned(),
                    ("", "Asset") => act.asset = cell.to_owned(),
                    ("Action", _) => drop(act.doing.insert(operand.to_owned(), vec![cell.to_owned()])),
                    ("Party", _) => drop(act.claims.insert(operand.to_owned(), vec![cell.to_owned()])),
                    ("Asset", _) => drop(act.metadata.insert(operand.to_owned(), vec![cell.to_owned()])),
                    _ => drop(act.context.insert(operand.to_owned(), vec![cell.to_owned()])),
                }
            }
            act
        })
        .collect()
}

#[test]
fn event_logs() {
    let Some(folder) = folder("oval-events") else { return };
    let mut score = Score::new("events");
    for (side, valid) in [("valid", true), ("invalid", false)] {
        let mut files: Vec<_> =
            std::fs::read_dir(folder.join(side)).unwrap().map(|e| e.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "ttl"));
        files.sort();
        for path in files {
            let name = format!("{side}/{}", path.file_stem().unwrap().to_string_lossy());
            let policy = Policy::parse_turtle(&read(&path), Reading::default());
            let policy = policy.unwrap_or_else(|e| panic!("{name}: {e}")).remove(0);
            let log = log(&path.with_extension("csv"));
            // The suite refines a party as if it were its own collection, states values without their unit,
            // and lets anybody do what a permission demands.
            let parties: BTreeMap<_, _> =
                log.iter().map(|a| (a.party.clone(), vec![a.party.clone()])).collect();
            let mode =
                Mode { units: Units::AsInPolicy, profiles: policy.profiles().to_vec(), ..Mode::default() };
            let setting = Setting { mode, collections: Some(parties), by_anyone: true, ..Setting::default() };
            let found = audit(&policy, &log, &setting);
            score.note(&name, found.is_compliant() == valid, || format!("{:?}", found.entries));
        }
    }
    score.expect(25, 0);
}
