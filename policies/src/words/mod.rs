//! Policies and refusals as sentences. All text is in [`en`] and [`fr`].

mod en;
mod fr;
mod outcome;
mod rule;
mod say;

pub use outcome::{answer, assessment, finding, outcome};

use crate::decide::{Clause, Outcome, RuleKind, Verdict, WhyNot};
use crate::model::{Atomic, Constraint, Logic, Policy};
use crate::support::Sort;
use crate::terms::short;

/// A language of the message catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

/// The words of one language.
struct Catalogue {
    /// Language tag.
    lang: &'static str,
    action: fn(&str) -> Option<&'static str>,
    operand: fn(&str) -> Option<&'static str>,
    operator: fn(Option<Sort>, &str) -> &'static str,
    /// Year, month from 1, day and time of day in UTC.
    instant: fn(&str, usize, u32, &str) -> String,
    /// Days, hours, minutes and seconds: one and several.
    units: [(&'static str, &'static str); 4],
    after_agreement: &'static str,
    before_agreement: &'static str,
    signed: &'static str,
    claim: fn(&str) -> String,
    you_may: &'static str,
    you_may_not: &'static str,
    you_must: &'static str,
    nothing: &'static str,
    only_for: &'static str,
    about: &'static str,
    only_if: &'static str,
    when: &'static str,
    between: &'static str,
    and: &'static str,
    or: &'static str,
    one_of: &'static str,
    in_order: &'static str,
    duty: &'static str,
    not_understood: &'static str,
    condition: &'static str,
    quotes: (&'static str, &'static str),
    found: &'static str,
    /// Why the credential of this issuer does not count.
    set_aside: fn(&str, WhyNot) -> String,
    not_known: &'static str,
    not_decided: &'static str,
    later: &'static str,
    contractual: &'static str,
    by_connector: &'static str,
    undone: &'static str,
    before_use: &'static str,
    holds: &'static str,
    fails: &'static str,
    forbidden: &'static str,
    is_forbidden: &'static str,
    too_many: &'static str,
    no_permission: &'static str,
    /// A narrowed action: what is narrowed, and by what.
    narrowed: &'static str,
    members_of: &'static str,
    anyone: &'static str,
    values_at: &'static str,
    within_last: &'static str,
    else_also: &'static str,
    remedy: &'static str,
    strategies: [&'static str; 3],
    contradicting: &'static str,
    inherits: &'static str,
    replaced: &'static str,
    grants_nothing: &'static str,
    profile: &'static str,
    permitted: &'static str,
    permitted_changed: &'static str,
    denied: &'static str,
    void: &'static str,
    still_to_do: &'static str,
    until: &'static str,
    may_change: &'static str,
    by_us: &'static str,
    by_peer: &'static str,
    by_law: &'static str,
    lacking: &'static str,
    stage: fn(crate::relate::Stage) -> &'static str,
    capability: fn(&str) -> &'static str,
    answer: fn(Option<bool>, &str) -> &'static str,
    lint: fn(&str) -> &'static str,
}

impl Lang {
    const fn words(self) -> &'static Catalogue {
        match self {
            Self::En => &en::WORDS,
            Self::Fr => &fr::WORDS,
        }
    }
}

/// What a policy allows, forbids and demands; one sentence for each rule, and for what holds for all of them.
#[must_use]
pub fn sentences(policy: &Policy, lang: Lang) -> Vec<String> {
    let w = lang.words();
    let mut out: Vec<String> = policy.rules().map(|(kind, _, rule)| rule::sentence(kind, rule, w)).collect();
    if policy.permissions.is_empty() {
        out.push(w.nothing.to_owned());
    }
    out.extend(rule::head(policy, w));
    out.extend(policy.unknown.keys().map(|key| format!("{}.", w.term(key))));
    out
}

fn part(c: &Constraint, w: &Catalogue, nested: bool) -> String {
    let (logic, items) = match c {
        Constraint::Atomic(a) => return atomic(a, w),
        Constraint::Logical(l) => (l.logic, &l.items),
    };
    let parts: Vec<String> = items.iter().map(|item| part(item, w, true)).collect();
    let text = match logic {
        Logic::And => parts.join(w.and),
        Logic::Or => parts.join(w.or),
        Logic::Xone => format!("{} {}", w.one_of, parts.join("; ")),
        Logic::AndSequence => format!("{} {}", w.in_order, parts.join("; ")),
    };
    if nested && items.len() > 1 { format!("({text})") } else { text }
}

fn atomic(a: &Atomic, w: &Catalogue) -> String {
    let (open, close) = w.quotes;
    let listed;
    let right: Vec<&str> = match a.references.as_slice() {
        [] => a.right.iter().map(|r| r.value.as_str()).collect(),
        references => {
            listed = format!("{} {}", w.values_at, references.join(", "));
            vec![&listed]
        }
    };
    let mut out = match &a.credential {
        Some(_) => {
            let operator = (w.operator)(None, a.operator.name());
            format!("{} {operator} {}", (w.claim)(a.left.trim_start_matches("$.")), right.join(", "))
        }
        None => w.comparison(short(&a.left), a.operator.name(), &right),
    };
    if let Some(unit) = &a.unit {
        match ontology::time::read_duration(unit) {
            Some(ms) if short(&a.left) == "count" => {
                out.push_str(&format!(" {} {}", w.within_last, w.duration(ms)));
            }
            _ => out.push_str(&format!(" {}", unit.rsplit(['/', '#']).next().unwrap_or(unit))),
        }
    }
    for key in a.unknown.keys() {
        out.push_str(&format!(" [{}]", w.term(key)));
    }
    if a.right.iter().any(|r| r.language.is_some()) {
        // The language of a text is part of its meaning.
        let tags: Vec<&str> = a.right.iter().filter_map(|r| r.language.as_deref()).collect();
        out.push_str(&format!(" {open}{}{close}", tags.join(", ")));
    }
    out
}

/// A clause of a verdict, without its result.
pub(crate) fn text(clause: &Clause, lang: Lang) -> String {
    let w = lang.words();
    match (clause.left.as_str(), clause.operator.as_str()) {
        (term, "") => w.term(term),
        ("action", _) => clause.right.iter().map(|action| w.act(action)).collect::<Vec<_>>().join(", "),
        (left, operator) => {
            let right: Vec<&str> = clause.right.iter().map(String::as_str).collect();
            w.comparison(left, operator, &right)
        }
    }
}

/// Why a clause has its result.
pub(crate) fn reason(clause: &Clause, lang: Lang) -> String {
    let w = lang.words();
    let text = text(clause, lang);
    if clause.operator.is_empty() {
        return text;
    }
    let (open, close) = w.quotes;
    if clause.left == "action" {
        let result = match (clause.rule, clause.outcome) {
            (RuleKind::Prohibition, Outcome::Satisfied) => w.is_forbidden,
            (_, Outcome::Satisfied) => w.by_connector,
            (_, Outcome::Deferred) => w.before_use,
            (_, Outcome::Contractual) => w.contractual,
            _ => w.undone,
        };
        return format!("{open}{text}{close} {result}");
    }
    let result = match clause.outcome {
        Outcome::Satisfied => w.holds,
        Outcome::NotSatisfied => w.fails,
        Outcome::Unknown if clause.found.is_empty() => w.not_known,
        Outcome::Unknown => w.not_decided,
        Outcome::Deferred => w.later,
        Outcome::Contractual => w.contractual,
    };
    let mut out = format!("{} {open}{text}{close} {result}", w.condition);
    for credential in &clause.not_counted {
        out.push_str(&format!("; {}", (w.set_aside)(&credential.issuer, credential.why)));
    }
    if !clause.found.is_empty() {
        let found: Vec<String> = clause.found.iter().map(|f| w.value(&clause.left, f)).collect();
        out.push_str(&format!(" ({} {})", w.found, found.join(", ")));
    }
    out
}

/// Why something is refused; one sentence for each clause that stands in the way. Empty when it is permitted.
#[must_use]
pub fn refusal(verdict: &Verdict, lang: Lang) -> Vec<String> {
    if verdict.permitted {
        return Vec::new();
    }
    let w = lang.words();
    let mut out: Vec<String> = Vec::new();
    for clause in verdict.clauses.iter().filter(|clause| clause.blocks) {
        let head = match (clause.rule, clause.left.as_str()) {
            (RuleKind::Prohibition, left) if left != "action" => w.forbidden,
            (RuleKind::Permission, _) if clause.outcome == Outcome::Satisfied => w.too_many,
            _ => "",
        };
        let line = format!("{head}{}", reason(clause, lang));
        if !out.contains(&line) {
            out.push(line);
        }
    }
    if out.is_empty() {
        out.push(w.no_permission.to_owned());
    }
    out
}
