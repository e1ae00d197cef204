//! Pairs of policies with a verdict: conflict, compatible, unknown, refines, realizable; and a few single decisions.

use crate::score::{Score, folder, read};
use ontology::turtle;
use policies::relate::{Answer, Options, Periods, Silence, compatible, within};
use policies::{Facts, Hierarchy, Mode, Phase, Policy, PolicyError, Reading, decide};
use serde_json::Value;
use std::path::Path;

const AXIS: &str = "http://w3id.org/odrl/spatial-axis#";

/// The hierarchies that the benchmark comes with.
fn terms(folder: &Path) -> Hierarchy {
    let mut out = Hierarchy::default();
    for file in ["dpv.ttl", "geonames.ttl", "bcp47.ttl"] {
        let text = read(folder.join("kg").join(file));
        for node in turtle::read(&text).unwrap_or_else(|e| panic!("{file}: {e}")) {
            let id = node["@id"].as_str().unwrap();
            for (key, value) in &node {
                let ids = || value.as_array().into_iter().flatten().filter_map(|v| v["@id"].as_str());
                let name = key.rsplit(['#', '/']).next().unwrap();
                if ["broader", "subClassOf", "parentFeature", "parentCountry"].contains(&name) {
                    out.broader.entry(id.to_owned()).or_default().extend(ids().map(str::to_owned));
                }
                if ["disjointWith"].contains(&name) {
                    out.disjoint.extend(ids().map(|other| (id.to_owned(), other.to_owned())));
                }
                if ["distinctMembers", "members"].contains(&name) {
                    let members =
                        value.pointer("/0/@list").and_then(Value::as_array).cloned().unwrap_or_default();
                    let members: Vec<&str> = members.iter().filter_map(|v| v["@id"].as_str()).collect();
                    for (n, a) in members.iter().enumerate() {
                        out.disjoint
                            .extend(members[n + 1..].iter().map(|b| ((*a).to_owned(), (*b).to_owned())));
                    }
                }
            }
        }
    }
    out
}

/// The policies of a file; some files have bare rules in their place.
fn policies(text: &str) -> Result<Vec<Policy>, PolicyError> {
    let reading = Reading { any_action: true };
    let found = Policy::parse_turtle(text, reading)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let rules: Vec<String> = turtle::read(text)
        .unwrap()
        .into_iter()
        .filter(|n| n.get("@type").is_some_and(|t| t.to_string().contains("/2/Permission")))
        .map(|n| n["@id"].as_str().unwrap().to_owned())
        .collect();
    let heads = rules.iter().enumerate().map(|(n, rule)| {
        format!("\n<urn:policy:{n}> a <http://www.w3.org/ns/odrl/2/Set> ; <http://www.w3.org/ns/odrl/2/permission> <{rule}> .")
    });
    Policy::parse_turtle(&format!("{text}{}", heads.collect::<String>()), reading)
}

/// `name = value` in the comment that tells the request.
fn request(text: &str) -> Facts {
    let line = text
        .lines()
        .find(|l| l.starts_with('#') && l.contains("request") && l.contains('='))
        .unwrap_or_default();
    let mut facts = Facts { phase: Phase::Stream, ..Facts::default() };
    for part in line.split([',', ':']) {
        if let Some((name, value)) = part.split_once('=') {
            let name = name.split_whitespace().last().unwrap_or_default();
            let name = match name.strip_prefix("absoluteSize") {
                Some(_) => name.to_owned(),
                None => format!("absoluteSize{}{}", name[..1].to_uppercase(), &name[1..]),
            };
            facts.world.context.insert(format!("{AXIS}{name}"), vec![value.trim().to_owned()]);
        }
    }
    facts
}

/// Days that have passed and days of use, from the comment on the execution.
fn execution(text: &str) -> Facts {
    const DAY: i64 = 86_400_000;
    let line = text.lines().find(|l| l.contains("Ground execution")).unwrap_or_default();
    let metered: i64 = line
        .split('[')
        .skip(1)
        .filter_map(|part| part.split(']').next()?.split_once(','))
        .map(|(from, to)| to.trim().parse::<i64>().unwrap() - from.trim().parse::<i64>().unwrap())
        .sum();
    let now =
        line.split("now=").nth(1).and_then(|t| t.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    let mut facts = Facts { phase: Phase::Stream, mode: Mode::default(), ..Facts::default() };
    facts.agreed_at = Some(facts.now);
    facts.now = facts.now.plus_millis(now.unwrap_or(0_i64) * DAY);
    facts.world.metered = Some(metered * DAY);
    facts
}

#[test]
fn conflict_pairs() {
    let Some(folder) = folder("conflict-pairs") else { return };
    let cases: Vec<Value> = serde_json::from_str(&read(folder.join("verdicts.json"))).unwrap();
    let axes = ["Width", "Height", "Depth", "Resolution"]
        .map(|name| (format!("{AXIS}absoluteSize{name}"), (Some("0".to_owned()), None)));
    let options = Options {
        terms: terms(&folder),
        // The axes begin at zero; what one side does not say is open; `eq` is a point.
        domains: axes.into(),
        silence: Silence::Unknown,
        periods: Periods::Point,
        anchor: Some("http://w3id.org/drk/ontology/anchor".to_owned()),
        ..Options::default()
    };
    let mut score = Score::new("pairs");
    let mut lemmas = 0;
    for case in &cases {
        let field = |key: &str| case[key].as_str().unwrap();
        let (id, verdict, category, about) =
            (field("id"), field("verdict"), field("category"), field("about"));
        let text = read(folder.join(field("policies")));
        if ["RuntimeSoundness", "ConflictPropagation", "NoConflictCreation", "CompatibleNonPropagation"]
            .contains(&verdict)
        {
            lemmas += 1;
            continue;
        }
        let found = match policies(&text) {
            Ok(found) => found,
            Err(error) => {
                score.note(id, false, || error.to_string());
                continue;
            }
        };
        assert!((1..=3).contains(&found.len()), "{id}: {} policies", found.len());
        let (first, last) = (&found[0], found.last().unwrap());
        let read = |answer: &Answer, yes: &'static str, no: &'static str| match answer.holds {
            Some(true) => yes,
            Some(false) => no,
            None => "Unknown",
        };
        let contained = category == "BoxContainment" || about.contains("subsum") || about.contains('⊄');
        let got = match verdict {
            "Permit" | "Deny" => {
                if decide(first, &request(&text)).permitted {
                    "Permit"
                } else {
                    "Deny"
                }
            }
            _ if text.contains("Ground execution") => {
                let facts = execution(&text);
                if found.iter().all(|p| decide(p, &facts).permitted) { "Compatible" } else { "Conflict" }
            }
            "Refines" | "NotRefines" => read(&within(first, last, &options), "Refines", "NotRefines"),
            "Realizable" | "Unrealizable" => {
                read(&compatible(first, first, &options), "Realizable", "Unrealizable")
            }
            _ if contained => read(&within(first, last, &options), "Compatible", "Conflict"),
            _ => read(&compatible(first, last, &options), "Compatible", "Conflict"),
        };
        score.note(id, got == verdict, || format!("{got}, expected {verdict} ({category}: {about})"));
    }
    assert_eq!(lemmas, 4, "lemmas are not scored");
    score.expect(142, 13);
}
