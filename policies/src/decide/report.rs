//! The tree of results of one decision, and its form in the FORCE vocabulary for compliance reports.

use super::{Outcome, RuleKind};
use crate::terms::full;
use ontology::odrl;
use ontology::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Namespace of the [compliance report vocabulary](https://w3id.org/force/compliance-report).
pub const FORCE_NS: &str = "https://w3id.org/force/compliance-report#";

/// Every rule of a policy with its result.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// One for each rule, in the order permissions, prohibitions, obligations.
    pub rules: Vec<RuleReport>,
}

/// One rule with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleReport {
    /// Where in the policy.
    pub path: String,
    /// Its own identifier.
    pub id: Option<String>,
    /// Of which kind.
    pub kind: RuleKind,
    /// Action, as an IRI.
    pub action: String,
    /// Does it hold for the request? `Unknown` is a rule that cannot be decided.
    pub activation: Outcome,
    /// Is what was asked for the action of this rule, on its target, by its party?
    pub attempted: Outcome,
    /// Has it been done? For duties and obligations.
    pub done: Done,
    /// When it must be done, where that follows from the policy.
    pub deadline: Option<Timestamp>,
    /// Target, party, action and constraints.
    pub premises: Vec<Premise>,
    /// Duties of a permission.
    pub conditions: Vec<RuleReport>,
}

/// Has a duty been done?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Done {
    /// Not a duty, or not yet due.
    #[default]
    NotSet,
    /// Done.
    Fulfilled,
    /// Not done in time.
    Violated,
}

/// A part of a rule with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Premise {
    /// Which part.
    pub part: Part,
    /// Where in the policy.
    pub path: String,
    /// Its own identifier.
    pub id: Option<String>,
    /// The result.
    pub outcome: Outcome,
    /// What it consists of.
    pub items: Vec<Premise>,
}

/// A part of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// What the rule is about.
    Target,
    /// Who it is for.
    Party,
    /// Which action, with its refinements.
    Action,
    /// A condition.
    Constraint,
}

impl Report {
    /// The report as one JSON-LD node with an inline context, in the FORCE vocabulary. Node ids are derived from
    /// `id`, the identifier of the report. What cannot be decided is `Unsatisfied` for a permission and `Satisfied`
    /// for a prohibition, as it counts in the decision.
    #[must_use]
    pub fn to_json_ld(&self, id: &str, policy: Option<&str>, request: Option<&str>, at: Timestamp) -> Value {
        let mut out = json!({
            "@context": {"report": FORCE_NS, "odrl": odrl::NS, "dct": ontology::dct::NS, "xsd": ontology::xsd::NS},
            "@id": id,
            "@type": "report:PolicyReport",
            "dct:created": {"@value": at.to_rfc3339(), "@type": "xsd:dateTime"},
            "report:ruleReport": self.rules.iter().map(|r| rule(r, id)).collect::<Vec<_>>(),
        });
        if let Some(members) = out.as_object_mut() {
            for (key, value) in [("report:policy", policy), ("report:policyRequest", request)] {
                if let Some(value) = value {
                    members.insert(key.to_owned(), json!({"@id": value}));
                }
            }
        }
        out
    }
}

fn term(name: &str) -> Value {
    json!({"@id": format!("report:{name}")})
}

fn rule(r: &RuleReport, base: &str) -> Value {
    let class = match r.kind {
        RuleKind::Permission => "PermissionReport",
        RuleKind::Prohibition => "ProhibitionReport",
        RuleKind::Obligation => "DutyReport",
    };
    let mut out = Map::new();
    out.insert("@id".to_owned(), json!(format!("{base}/{}", r.path)));
    out.insert("@type".to_owned(), json!(format!("report:{class}")));
    if let Some(id) = &r.id {
        out.insert("report:rule".to_owned(), json!({"@id": id}));
    }
    out.insert("odrl:action".to_owned(), json!({"@id": full(&r.action)}));
    let active = counts(r.activation, r.kind);
    out.insert("report:activationState".to_owned(), term(if active { "Active" } else { "Inactive" }));
    let attempted = r.attempted == Outcome::Satisfied;
    out.insert("report:attemptState".to_owned(), term(if attempted { "Attempted" } else { "NotAttempted" }));
    if r.kind == RuleKind::Obligation {
        let (deontic, performance) = match r.done {
            Done::NotSet => ("NonSet", "Unknown"),
            Done::Fulfilled => ("Fulfilled", "Performed"),
            Done::Violated => ("Violated", "Unperformed"),
        };
        out.insert("report:deonticState".to_owned(), term(deontic));
        out.insert("report:performanceState".to_owned(), term(performance));
    }
    let premises: Vec<Value> = r.premises.iter().map(|p| premise(p, base, r.kind)).collect();
    out.insert("report:premiseReport".to_owned(), Value::Array(premises));
    if !r.conditions.is_empty() {
        let conditions = r.conditions.iter().map(|c| rule(c, base)).collect();
        out.insert("report:conditionReport".to_owned(), conditions);
    }
    Value::Object(out)
}

fn counts(outcome: Outcome, kind: RuleKind) -> bool {
    match outcome {
        Outcome::Satisfied => true,
        Outcome::Unknown => kind == RuleKind::Prohibition,
        Outcome::Deferred => kind != RuleKind::Prohibition,
        Outcome::NotSatisfied | Outcome::Contractual => false,
    }
}

fn premise(p: &Premise, base: &str, kind: RuleKind) -> Value {
    let class = match p.part {
        Part::Target => "TargetReport",
        Part::Party => "PartyReport",
        Part::Action => "ActionReport",
        Part::Constraint => "ConstraintReport",
    };
    let mut out = Map::new();
    out.insert("@id".to_owned(), json!(format!("{base}/{}", p.path)));
    out.insert("@type".to_owned(), json!(format!("report:{class}")));
    if let Some(id) = &p.id {
        let property = if p.part == Part::Constraint { "report:constraint" } else { "report:refersTo" };
        out.insert(property.to_owned(), json!({"@id": id}));
    }
    let state = if counts(p.outcome, kind) { "Satisfied" } else { "Unsatisfied" };
    out.insert("report:satisfactionState".to_owned(), term(state));
    if !p.items.is_empty() {
        let items = p.items.iter().map(|item| premise(item, base, kind)).collect();
        out.insert("report:premiseReport".to_owned(), items);
    }
    Value::Object(out)
}
