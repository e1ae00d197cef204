//! What a decision costs: on a compiled policy, to compile one, and from JSON-LD text to the answer.
//!
//! `cargo bench -p conformance --bench policies`. The corpus of SolidLab is measured where it is present.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use ontology::time::Timestamp;
use ontology::turtle;
use policies::{Facts, Phase, Policy, Program, Reading, decide};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

fn facts() -> Facts {
    let mut facts = Facts {
        now: Timestamp::parse("2026-06-01T00:00:00Z").unwrap(),
        phase: Phase::Transfer,
        target: Some("urn:data".to_owned()),
        assignee: Some("did:web:c.example".to_owned()),
        purpose: Some(vec!["research".to_owned()]),
        agreed_at: Timestamp::parse("2026-05-01").ok(),
        uses: Some(1),
        ..Facts::default()
    };
    facts.claims.insert("spatial".into(), vec!["FR".into()]);
    facts.claims.insert("role".into(), vec!["member".into()]);
    facts
}

fn atom(left: &str, operator: &str, right: Value) -> Value {
    json!({"leftOperand": left, "operator": operator, "rightOperand": right})
}

/// Ten conditions, as agreements have them.
fn ten() -> Value {
    json!({"@id": "urn:policy", "@type": "Agreement", "assigner": "did:web:p.example", "assignee": "did:web:c.example",
        "target": "urn:data", "permission": [{"action": "use", "constraint": [
            atom("dateTime", "gteq", json!("2026-01-01T00:00:00Z")), atom("dateTime", "lt", json!("2027-01-01T00:00:00Z")),
            atom("count", "lteq", json!("100")), atom("elapsedTime", "lteq", json!("P90D")),
            atom("purpose", "isAnyOf", json!(["research", "teaching"])), atom("spatial", "isPartOf", json!("EU")),
            atom("claim:role", "isAnyOf", json!(["member", "auditor"])), atom("recipient", "eq", json!("did:web:c.example")),
            {"or": [atom("dateTime", "lt", json!("2026-12-01")), atom("spatial", "eq", json!("FR"))]}],
            "duty": [{"action": "log"}]}],
        "prohibition": [{"action": "distribute"}], "obligation": [{"action": "delete"}]})
}

/// Two hundred windows of four instants each, of which only the last holds.
fn eight_hundred() -> Value {
    let window = |n: i64| {
        let day = |offset: i64| {
            Timestamp::parse("2026-06-01").unwrap().plus_millis((n * 3 + offset) * 86_400_000).to_rfc3339()
        };
        json!({"and": [atom("dateTime", "gteq", json!(day(-1))), atom("dateTime", "lt", json!(day(1))),
            atom("dateTime", "gt", json!(day(-2))), atom("dateTime", "lteq", json!(day(2)))]})
    };
    let windows: Vec<Value> = (0..200).map(|n| window(199 - n)).collect();
    json!({"@type": "Set", "permission": [{"action": "use", "constraint": [{"or": windows}]}]})
}

fn corpus() -> Vec<(Program, Facts)> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/odrl/solidlab"));
    let Ok(text) = std::fs::read_to_string(root.join("cases.json")) else {
        println!("skipped: {} is not there", root.display());
        return Vec::new();
    };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let read =
        |case: &Value, key: &str| std::fs::read_to_string(root.join(case[key].as_str().unwrap())).unwrap();
    let value = |node: &serde_json::Map<String, Value>, name: &str| {
        let key = format!("http://www.w3.org/ns/odrl/2/{name}");
        Some(node.get(&key)?.get(0)?.get("@id")?.as_str()?.to_owned())
    };
    let one = |case: &Value| {
        let policy =
            Policy::parse_turtle(&read(case, "policy"), Reading { any_action: true }).unwrap().remove(0);
        let request = turtle::read(&read(case, "request")).unwrap();
        let asked = request.iter().find(|n| value(n, "action").is_some()).unwrap();
        let facts = Facts {
            phase: Phase::Stream,
            now: Timestamp::parse("2024-02-12T11:20:10.999Z").unwrap(),
            action: value(asked, "action").unwrap(),
            target: value(asked, "target"),
            assignee: value(asked, "assignee"),
            ..Facts::default()
        };
        (Program::new(&policy), facts)
    };
    cases.iter().map(one).collect()
}

fn decisions(c: &mut Criterion) {
    let mut group = c.benchmark_group("policy_decision");
    let corpus = corpus();
    if !corpus.is_empty() {
        let mut each: Vec<f64> = corpus
            .iter()
            .map(|(program, facts)| {
                let start = Instant::now();
                for _ in 0..100_000 {
                    black_box(program.decide(black_box(facts)));
                }
                start.elapsed().as_secs_f64() * 1e9 / 100_000.0
            })
            .collect();
        each.sort_by(f64::total_cmp);
        println!(
            "solidlab, {} cases: median {:.0} ns, slowest {:.0} ns",
            each.len(),
            each[each.len() / 2],
            each[each.len() - 1]
        );
        group.bench_function("solidlab_corpus", |b| {
            b.iter(|| corpus.iter().filter(|(program, facts)| program.decide(facts).permitted).count());
        });
    }
    let facts = facts();
    for (name, policy) in [("ten_clauses", ten()), ("eight_hundred_constraints", eight_hundred())] {
        let policy = Policy::parse(&policy).unwrap();
        let program = Program::new(&policy);
        assert!(
            program.decide(&facts).permitted,
            "{:?}",
            decide(&policy, &facts).clauses.iter().filter(|c| c.blocks).collect::<Vec<_>>()
        );
        group.bench_function(name, |b| b.iter(|| program.decide(black_box(&facts))));
        group.bench_function(format!("{name}_with_reasons"), |b| {
            b.iter(|| decide(black_box(&policy), &facts))
        });
    }
    group.finish();

    let program = Program::new(&Policy::parse(&ten()).unwrap());
    for threads in [1_u32, 2] {
        const EACH: u32 = 1_000_000;
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..EACH).filter(|_| program.decide(black_box(&facts)).permitted).count());
            }
        });
        let rate = f64::from(EACH * threads) / start.elapsed().as_secs_f64();
        println!("ten clauses, {threads} threads: {:.2} million decisions per second", rate / 1e6);
    }
}

fn compiling(c: &mut Criterion) {
    let mut group = c.benchmark_group("policy_compile");
    let json = ten();
    let policy = Policy::parse(&json).unwrap();
    group.bench_function("model_to_program", |b| b.iter(|| Program::new(black_box(&policy))));
    group.bench_function("json_to_model", |b| b.iter(|| Policy::parse(black_box(&json)).unwrap()));
    group.bench_function("json_to_program", |b| {
        b.iter(|| Program::new(&Policy::parse(black_box(&json)).unwrap()))
    });
    group.finish();
}

fn whole_way(c: &mut Criterion) {
    let mut group = c.benchmark_group("policy_end_to_end");
    let facts = facts();
    let plain = ten().to_string();
    let mut document = ten();
    document["@context"] = json!("http://www.w3.org/ns/odrl.jsonld");
    let json_ld = document.to_string();
    // The same with a context of its own, which the reader of the well-known form cannot take.
    document["@context"] = json!(["http://www.w3.org/ns/odrl.jsonld", {"ex": "https://example.org/terms/"}]);
    let own_context = document.to_string();
    let turtle = Policy::parse(&ten()).unwrap().to_turtle().unwrap();
    let answer = |policy: &Policy| Program::new(policy).decide(&facts).permitted;
    let from_json = |text: &str| answer(&Policy::parse(&serde_json::from_str(text).unwrap()).unwrap());
    let from_turtle = |text: &str| answer(&Policy::parse_turtle(text, Reading::default()).unwrap()[0]);
    assert!(from_json(&plain) && from_json(&json_ld) && from_json(&own_context) && from_turtle(&turtle));
    group.bench_function("plain_json_text", |b| b.iter(|| from_json(black_box(&plain))));
    group.bench_function("json_ld_text", |b| b.iter(|| from_json(black_box(&json_ld))));
    group.bench_function("json_ld_text_own_context", |b| b.iter(|| from_json(black_box(&own_context))));
    group.bench_function("turtle_text", |b| b.iter(|| from_turtle(black_box(&turtle))));
    group.finish();
}

criterion_group!(benches, decisions, compiling, whole_way);
criterion_main!(benches);
