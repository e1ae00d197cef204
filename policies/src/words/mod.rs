//! Policies and refusals as sentences. All text is in [`en`] and [`fr`].

mod en;
mod fr;

use crate::decide::{Clause, Outcome, RuleKind, Verdict};
use crate::model::{Atomic, Constraint, Logic, Policy, Rule};
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
pub(crate) struct Catalogue {
    pub(crate) action: fn(&str) -> &str,
    pub(crate) operand: fn(&str) -> Option<&'static str>,
    pub(crate) operator: fn(&str) -> &'static str,
    pub(crate) you_may: &'static str,
    pub(crate) you_may_not: &'static str,
    pub(crate) you_must: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) only_if: &'static str,
    pub(crate) and: &'static str,
    pub(crate) or: &'static str,
    pub(crate) one_of: &'static str,
    pub(crate) in_order: &'static str,
    pub(crate) duty: &'static str,
    pub(crate) condition: &'static str,
    pub(crate) found: &'static str,
    pub(crate) not_known: &'static str,
    pub(crate) later: &'static str,
    pub(crate) contractual: &'static str,
    pub(crate) holds: &'static str,
    pub(crate) fails: &'static str,
    pub(crate) forbidden: &'static str,
    pub(crate) no_permission: &'static str,
    pub(crate) lang: &'static str,
}

impl Lang {
    const fn words(self) -> &'static Catalogue {
        match self {
            Self::En => &en::WORDS,
            Self::Fr => &fr::WORDS,
        }
    }
}

/// What a policy allows, forbids and demands; one sentence for each rule.
#[must_use]
pub fn sentences(policy: &Policy, lang: Lang) -> Vec<String> {
    let w = lang.words();
    let mut out: Vec<String> = policy.rules().map(|(kind, _, rule)| sentence(kind, rule, lang)).collect();
    if policy.permissions.is_empty() {
        out.push(w.nothing.to_owned());
    }
    out
}

fn sentence(kind: RuleKind, rule: &Rule, lang: Lang) -> String {
    let w = lang.words();
    let head = match kind {
        RuleKind::Permission => w.you_may,
        RuleKind::Prohibition => w.you_may_not,
        RuleKind::Obligation => w.you_must,
    };
    let mut out = format!("{head} {}", (w.action)(short(&rule.action)));
    if !rule.constraints.is_empty() {
        let parts: Vec<String> = rule.constraints.iter().map(|c| part(c, lang, false)).collect();
        out.push_str(&format!("{} {}", w.only_if, parts.join(w.and)));
    }
    if !rule.duties.is_empty() {
        let parts: Vec<&str> = rule.duties.iter().map(|d| (w.action)(short(&d.action))).collect();
        out.push_str(&format!("{} {}", w.duty, parts.join(w.and)));
    }
    out.push('.');
    out
}

fn part(c: &Constraint, lang: Lang, nested: bool) -> String {
    let w = lang.words();
    match c {
        Constraint::Atomic(a) => constraint(a, lang),
        Constraint::Logical(logic, items) => {
            let parts: Vec<String> = items.iter().map(|item| part(item, lang, true)).collect();
            let text = match logic {
                Logic::And => parts.join(w.and),
                Logic::Or => parts.join(w.or),
                Logic::Xone => format!("{} {}", w.one_of, parts.join("; ")),
                Logic::AndSequence => format!("{} {}", w.in_order, parts.join("; ")),
            };
            if nested { format!("({text})") } else { text }
        }
    }
}

/// One comparison as a clause.
pub(crate) fn constraint(a: &Atomic, lang: Lang) -> String {
    let right: Vec<String> = a.right.iter().map(|r| value(&a.left, &r.value, lang)).collect();
    comparison(short(&a.left), a.operator.name(), &right, lang)
}

fn comparison(left: &str, operator: &str, right: &[String], lang: Lang) -> String {
    let w = lang.words();
    let left = (w.operand)(left).map_or_else(|| left.to_owned(), str::to_owned);
    format!("{left} {} {}", (w.operator)(operator), right.join(", "))
}

fn value(left: &str, text: &str, lang: Lang) -> String {
    if short(left) == "spatial" {
        let code = crate::decide::place(text).unwrap_or(text);
        return ontology::place::name(code, lang.words().lang)
            .map_or_else(|| code.to_owned(), |n| format!("{n} ({code})"));
    }
    text.to_owned()
}

/// Why a clause has its result.
pub(crate) fn reason(clause: &Clause, lang: Lang) -> String {
    let w = lang.words();
    let result = match clause.outcome {
        Outcome::Satisfied => w.holds,
        Outcome::NotSatisfied => w.fails,
        Outcome::Unknown => w.not_known,
        Outcome::Deferred => w.later,
        Outcome::Contractual => w.contractual,
    };
    if clause.left.is_empty() {
        return format!("{}: {result}", (w.action)(&clause.text));
    }
    let right: Vec<String> = clause.right.iter().map(|r| value(&clause.left, r, lang)).collect();
    let text = comparison(&clause.left, &clause.operator, &right, lang);
    if clause.found.is_empty() {
        return format!("{} \u{201c}{text}\u{201d} {result}", w.condition);
    }
    let found: Vec<String> = clause.found.iter().map(|f| value(&clause.left, f, lang)).collect();
    format!("{} \u{201c}{text}\u{201d} {result} ({} {})", w.condition, w.found, found.join(", "))
}

/// Why something is refused; one sentence for each clause that stands in the way. Empty when it is permitted.
#[must_use]
pub fn refusal(verdict: &Verdict, lang: Lang) -> Vec<String> {
    if verdict.permitted {
        return Vec::new();
    }
    let w = lang.words();
    let mut out = Vec::new();
    for clause in &verdict.clauses {
        let blocks = match clause.rule {
            RuleKind::Prohibition => matches!(clause.outcome, Outcome::Satisfied | Outcome::Unknown),
            _ => matches!(clause.outcome, Outcome::NotSatisfied | Outcome::Unknown),
        };
        if blocks {
            let head = if clause.rule == RuleKind::Prohibition { w.forbidden } else { "" };
            out.push(format!("{head}{}", reason(clause, lang)));
        }
    }
    if out.is_empty() {
        out.push(w.no_permission.to_owned());
    }
    out
}
