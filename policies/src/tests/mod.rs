//! Semantics by example, and properties of the engine.

mod catena_x;
mod deciding;
mod differential;
mod direct;
mod evaluating;
mod exit;
mod hierarchies;
mod laws;
mod model;
mod publishing;
mod reading;
mod relating;
mod spellings;
mod supported;
mod traps;
mod wording;

use crate::*;
use ontology::time::Timestamp;
use serde_json::{Value, json};

fn policy(value: Value) -> Policy {
    Policy::parse(&value).unwrap()
}

fn atom(left: &str, operator: &str, right: Value) -> Value {
    json!({"leftOperand": left, "operator": operator, "rightOperand": right})
}

/// One permission to use with one constraint.
fn only(left: &str, operator: &str, right: Value) -> Policy {
    policy(
        json!({"@type": "Set", "permission": [{"action": "use", "constraint": [atom(left, operator, right)]}]}),
    )
}

/// Use is permitted, but for one prohibition with one constraint.
fn unless(left: &str, operator: &str, right: Value) -> Policy {
    policy(json!({
        "permission": [{"action": "use"}],
        "prohibition": [{"action": "use", "constraint": [atom(left, operator, right)]}],
    }))
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A French consumer one month into its contract, at its first use.
fn facts() -> Facts {
    let mut facts = Facts { now: at("2026-06-01T00:00:00Z"), phase: Phase::Transfer, ..Facts::default() };
    facts.assignee = Some("did:web:c.example".to_owned());
    facts.target = Some("urn:data".to_owned());
    facts.claims.insert("spatial".to_owned(), vec!["FR".to_owned()]);
    facts.claims.insert("role".to_owned(), vec!["member".to_owned(), "auditor".to_owned()]);
    facts.agreed_at = Some(at("2026-05-01T00:00:00Z"));
    facts.uses = Some(1);
    facts
}

/// Nothing is known but the time.
fn nobody() -> Facts {
    Facts { phase: Phase::Transfer, now: at("2026-06-01"), ..Facts::default() }
}

fn permits(policy: &Policy, facts: &Facts) -> bool {
    decide(policy, facts).permitted
}
