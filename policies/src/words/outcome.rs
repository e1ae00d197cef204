//! Decisions, comparisons and assessments in words.

use super::{Lang, refusal};
use crate::decide::{Decision, Verdict};
use crate::lint::Finding;
use crate::relate::{Answer, Assessment, Enforcer};

/// A decision: the answer, its reasons when it is a refusal, what is changed on the way, what is still to be done,
/// and when the answer may change.
#[must_use]
pub fn outcome(verdict: &Verdict, lang: Lang) -> Vec<String> {
    let w = lang.words();
    let mut out = match verdict.decision() {
        Decision::Permit => vec![w.permitted.to_owned()],
        Decision::PermitWithModifications => {
            let changes: Vec<&str> = verdict.modifications.iter().map(|m| w.act(&m.action)).collect();
            vec![format!("{} {}.", w.permitted_changed, changes.join(w.and))]
        }
        Decision::Deny => vec![w.denied.to_owned()],
    };
    if verdict.conflict {
        out.push(w.void.to_owned());
    }
    out.extend(refusal(verdict, lang));
    for open in &verdict.open {
        let mut line = format!("{} {}", w.still_to_do, w.act(&open.action));
        if let Some(text) = open.deadline.and_then(|at| w.at(at)) {
            line.push_str(&format!(", {} {text}", w.until));
        }
        out.push(format!("{line}."));
    }
    if let Some(text) = verdict.next_change.and_then(|at| w.at(at)) {
        out.push(format!("{} {text}.", w.may_change));
    }
    out
}

/// The answer to a question about two policies.
#[must_use]
pub fn answer(answer: &Answer, lang: Lang) -> String {
    let w = lang.words();
    let text = (w.answer)(answer.holds, &answer.because);
    if answer.path.is_empty() { format!("{text}.") } else { format!("{text} ({}).", answer.path) }
}

/// Who enforces a clause.
#[must_use]
pub fn assessment(assessment: &Assessment, lang: Lang) -> String {
    let w = lang.words();
    let mut out = match assessment.enforcer {
        Enforcer::Connector => {
            let stages: Vec<&str> = assessment.stages.iter().map(|stage| (w.stage)(*stage)).collect();
            format!("{}: {} ({})", assessment.path, w.by_us, stages.join(", "))
        }
        Enforcer::Peer => format!("{}: {}", assessment.path, w.by_peer),
        Enforcer::Contract => format!("{}: {}", assessment.path, w.by_law),
    };
    if let Some(missing) = &assessment.missing {
        out.push_str(&format!("; {} {}", w.lacking, (w.capability)(missing)));
    }
    out.push('.');
    out
}

/// A remark of the lint.
#[must_use]
pub fn finding(finding: &Finding, lang: Lang) -> String {
    let w = lang.words();
    let text = (w.lint)(finding.code);
    if finding.path.is_empty() { format!("{text}.") } else { format!("{}: {text}.", finding.path) }
}
