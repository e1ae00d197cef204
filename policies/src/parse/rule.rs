//! Permissions, prohibitions, obligations and duties.

use super::head::Head;
use super::member::{Members, annotation, scalar, single};
use super::{Budget, PolicyError, constraint, iri, wrong};
use crate::model::{Constraint, Function, Referent, Rule, Unknown};
use crate::terms::{UNEXPLAINED, full};
use ontology::jsonld::Node;
use ontology::{odrl, ovc, rdf};
use serde_json::Value;

/// Deepest nesting of duties.
const DEEPEST: usize = 4;
/// Most atomic rules that one written rule stands for.
const MOST_ATOMIC: usize = 1000;

/// Roles of parties and assets beside target, assigner and assignee (ODRL Vocabulary 2.2).
pub(crate) const ROLES: [&str; 8] = [
    "attributedParty",
    "consentingParty",
    "informedParty",
    "compensatedParty",
    "trackingParty",
    "trackedParty",
    "contractingParty",
    "output",
];

/// An action as it stands in a rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Acting {
    action: String,
    refinements: Vec<Constraint>,
    included_in: Vec<String>,
    implies: Vec<String>,
    unknown: Unknown,
    /// A target that was written into the action, as some do.
    target: Vec<Referent>,
}

/// The atomic rules of one written rule: one for each combination of its actions, targets and parties.
pub(super) fn read(
    value: &Value,
    path: &str,
    head: &Head,
    budget: &mut Budget,
    depth: usize,
) -> Result<Vec<Rule>, PolicyError> {
    budget.take(path)?;
    if depth > DEEPEST {
        return Err(wrong(path, "duties are nested too deeply"));
    }
    let node = Node::new(value).ok_or_else(|| wrong(path, "is not an object"))?;
    let mut members = Members::new(node);
    let id = members.id();
    let at = |term: &str| format!("{path}/{term}");
    let mut actions = acting(members.take("action"), &at("action"), budget)?;
    if actions.is_empty() {
        actions.clone_from(&head.actions);
    }
    if actions.is_empty() {
        if !budget.reading.any_action {
            return Err(wrong(at("action"), "is missing"));
        }
        actions.push(Acting::default());
    }
    let mut constraints = constraint::list(members.take("constraint"), &at("constraint"), budget)?;
    // The profile for credentials puts its conditions at the assignee; some put them at the rule.
    let claims = members.take_iri(ovc::CONSTRAINT);
    constraints.extend(constraint::list(claims, &at("ovc:constraint"), budget)?);
    let mut inner = |term: &str| -> Result<Vec<Rule>, PolicyError> {
        let mut out = Vec::new();
        for (n, value) in members.take(term).iter().enumerate() {
            out.extend(read(value, &format!("{path}/{term}/{n}"), &Head::none(), budget, depth + 1)?);
        }
        Ok(out)
    };
    let (duties, consequences, remedies) = (inner("duty")?, inner("consequence")?, inner("remedy")?);
    if depth > 0 && consequences.iter().any(|c| !c.consequences.is_empty()) {
        return Err(wrong(at("consequence"), "a consequence has no consequence of its own"));
    }
    if remedies.iter().any(|r| !r.consequences.is_empty()) {
        return Err(wrong(at("remedy"), "a remedy has no consequence"));
    }
    let mut functions = Vec::new();
    for role in ROLES {
        for referent in referents(members.take(role), &at(role), budget)? {
            functions.push(Function { role: iri(role), referent });
        }
    }
    let mut each = |term: &str, head: &[Referent]| -> Result<Vec<Option<Referent>>, PolicyError> {
        let own = referents(members.take(term), &at(term), budget)?;
        let found = if own.is_empty() { head.to_vec() } else { own };
        Ok(if found.is_empty() { vec![None] } else { found.into_iter().map(Some).collect() })
    };
    let targets = each("target", &head.targets)?;
    let assigners = each("assigner", &head.assigners)?;
    let assignees = each("assignee", &head.assignees)?;
    if actions.len() * targets.len() * assigners.len() * assignees.len() > MOST_ATOMIC {
        return Err(wrong(path, format!("stands for more than {MOST_ATOMIC} rules")));
    }
    let unknown = members.rest(annotation);
    let mut out = Vec::new();
    for acting in &actions {
        for target in &targets {
            for assigner in &assigners {
                for assignee in &assignees {
                    if !out.is_empty() {
                        budget.take(path)?;
                    }
                    let mut unknown = unknown.clone();
                    unknown.extend(acting.unknown.clone());
                    out.push(Rule {
                        id: id.clone(),
                        action: acting.action.clone(),
                        refinements: acting.refinements.clone(),
                        included_in: acting.included_in.clone(),
                        implies: acting.implies.clone(),
                        constraints: constraints.clone(),
                        duties: duties.clone(),
                        consequences: consequences.clone(),
                        remedies: remedies.clone(),
                        target: target.clone().or_else(|| acting.target.first().cloned()),
                        assigner: assigner.clone(),
                        assignee: assignee.clone(),
                        functions: functions.clone(),
                        unknown,
                    });
                }
            }
        }
    }
    Ok(out)
}

/// Actions, with their refinements and where they belong.
pub(super) fn acting(values: &[Value], path: &str, budget: &mut Budget) -> Result<Vec<Acting>, PolicyError> {
    values.iter().map(|value| action(value, path, budget)).collect()
}

fn action(value: &Value, path: &str, budget: &mut Budget) -> Result<Acting, PolicyError> {
    budget.take(path)?;
    let not_a_term = || wrong(path, "is not a term");
    if let Some(found) = scalar(value).or_else(|| single(value)) {
        let action = Some(found.value).filter(|text| !text.trim().is_empty()).ok_or_else(not_a_term)?;
        return Ok(Acting { action: full(&action), ..Acting::default() });
    }
    let node = Node::new(value).ok_or_else(not_a_term)?;
    let mut members = Members::new(node);
    // RDF gives a refined action as a node with a value; EDC once wrote `odrl:type`.
    let mut named = None;
    for key in [rdf::VALUE.to_owned(), iri("type"), format!("{UNEXPLAINED}rdf:value"), "rdf:value".to_owned()]
    {
        let values = members.take_iri(&key);
        named = named.or_else(|| values.first().and_then(scalar).map(|o| o.value));
    }
    let name = named.or_else(|| node.id().map(str::to_owned)).ok_or_else(not_a_term)?;
    let mut terms = |term: &str| -> Vec<String> {
        members.take(term).iter().filter_map(scalar).map(|o| full(&o.value)).collect()
    };
    let (included_in, implies) = (terms("includedIn"), terms("implies"));
    let refinements = constraint::list(members.take("refinement"), &format!("{path}/refinement"), budget)?;
    let target = referents(members.take("target"), &format!("{path}/target"), budget)?;
    Ok(Acting {
        action: full(&name),
        refinements,
        included_in,
        implies,
        unknown: members.rest(annotation),
        target,
    })
}

/// Parties or assets, with their refinements.
pub(super) fn referents(
    values: &[Value],
    path: &str,
    budget: &mut Budget,
) -> Result<Vec<Referent>, PolicyError> {
    values
        .iter()
        .map(|value| {
            budget.take(path)?;
            let referent = referent(value, path, budget)?;
            match &referent.id {
                Some(id) if id.trim().is_empty() => Err(wrong(path, "is empty")),
                _ => Ok(referent),
            }
        })
        .collect()
}

fn referent(value: &Value, path: &str, budget: &mut Budget) -> Result<Referent, PolicyError> {
    if let Some(found) = scalar(value).or_else(|| single(value)) {
        return Ok(Referent::one(found.value));
    }
    let node = Node::new(value).ok_or_else(|| wrong(path, "is not a party or asset"))?;
    let mut members = Members::new(node);
    let at = |error: PolicyError| wrong(format!("{path}/{}", error.path), error.reason);
    let source = members.text("source").map_err(at)?;
    let mut refinements =
        constraint::list(members.take("refinement"), &format!("{path}/refinement"), budget)?;
    let claims = members.take_iri(ovc::CONSTRAINT);
    refinements.extend(constraint::list(claims, &format!("{path}/ovc:constraint"), budget)?);
    let uid = members.id();
    members.take("partOf");
    let typed = node.types().iter().any(|t| {
        let name = t.strip_prefix(odrl::NS).or_else(|| t.strip_prefix(UNEXPLAINED));
        matches!(name, Some("AssetCollection" | "PartyCollection"))
    });
    if typed && source.is_none() && uid.is_none() && !refinements.is_empty() {
        return Err(wrong(format!("{path}/source"), "is missing: nothing says what collection is refined"));
    }
    let collection = typed || source.is_some();
    let (id, uid) = match source {
        Some(source) => (Some(source), uid),
        None => (uid, None),
    };
    // A party of FOAF or schema.org may say more of itself than ODRL asks for.
    let unknown = members.rest(|key| !key.starts_with(odrl::NS) && !key.starts_with(UNEXPLAINED));
    Ok(Referent { id, collection, uid, refinements, unknown })
}
