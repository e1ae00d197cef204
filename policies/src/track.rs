//! What a host has to keep so that a policy can be judged: counters, payments, events, and what is to be done.

use crate::decide::{WHEN, covers, deadline};
use crate::facts::Facts;
use crate::model::{Atomic, Constraint, Policy, Rule};
use crate::support::Sort;
use crate::terms::{duty_name, is_own_duty, short};
use ontology::time::{Timestamp, read_duration};

/// What a policy wants to know of its uses. What it does not ask for need not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tracked {
    /// The longest period in milliseconds within which uses are counted.
    pub window_ms: Option<i64>,
    /// It asks how long ago the last use was.
    pub last_use: bool,
    /// It asks for the time of use so far.
    pub metered: bool,
    /// The events that it waits for or that end it, as they are written.
    pub events: Vec<String>,
}

/// Something that must be done, wherever it stands in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyOf {
    /// `permission/0/duty/0`, `obligation/1`, with `/consequence/0` for what follows when it was not done.
    pub path: String,
    /// Its own identifier.
    pub id: Option<String>,
    /// What, by action.
    pub action: String,
    /// Who must do it, where it says so; otherwise the assignee of the policy.
    pub assignee: Option<String>,
    /// The party that is to be informed, paid or asked, where it is named.
    pub party: Option<String>,
    /// The connector does it by itself at each use: it logs, or it informs.
    pub own: bool,
    /// Until when, where that follows from the policy and the day of the agreement.
    pub deadline: Option<Timestamp>,
}

impl Policy {
    /// What must be kept of its uses.
    #[must_use]
    pub fn tracked(&self) -> Tracked {
        let mut found = Tracked::default();
        for (_, _, rule) in self.rules() {
            found.rule(rule);
        }
        found
    }

    /// Everything that must be done under it, consequences included, when it was concluded at `agreed`.
    #[must_use]
    pub fn duties_of(&self, agreed: Option<Timestamp>) -> Vec<DutyOf> {
        let facts = Facts { agreed_at: agreed, ..Facts::default() };
        let mut found = Vec::new();
        for (kind, path, rule) in self.rules() {
            if kind == crate::RuleKind::Obligation {
                add(&facts, path, rule, &mut found);
                continue;
            }
            for (n, duty) in rule.duties.iter().enumerate() {
                add(&facts, format!("{path}/duty/{n}"), duty, &mut found);
            }
        }
        found
    }

    /// Duties to pay, by their path, for which enough was paid.
    #[must_use]
    pub fn paid_in_full(&self, facts: &Facts) -> Vec<String> {
        let mut found = Vec::new();
        for (_, path, rule) in self.rules() {
            let own = std::iter::once((path.clone(), rule));
            let duties = rule.duties.iter().enumerate().map(|(n, duty)| (format!("{path}/duty/{n}"), duty));
            for (path, duty) in own.chain(duties) {
                if pays(duty) && is_paid(duty, facts) {
                    found.push(path);
                }
            }
        }
        found
    }
}

fn add(facts: &Facts, path: String, rule: &Rule, found: &mut Vec<DutyOf>) {
    for (n, consequence) in rule.consequences.iter().enumerate() {
        add(facts, format!("{path}/consequence/{n}"), consequence, found);
    }
    let party = rule.functions.iter().find(|f| PARTIES.contains(&short(&f.role)));
    found.push(DutyOf {
        path,
        id: rule.id.clone(),
        action: duty_name(&rule.action).to_owned(),
        assignee: rule.assignee.as_ref().and_then(|r| r.plain()).map(str::to_owned),
        party: party.and_then(|f| f.referent.id.clone()),
        own: is_own_duty(&rule.action),
        deadline: deadline(facts, rule),
    });
}

/// Roles of parties that something is done towards (ODRL Vocabulary 2.2, section 3.3).
const PARTIES: [&str; 4] = ["informedParty", "compensatedParty", "consentingParty", "attributedParty"];

fn pays(duty: &Rule) -> bool {
    ["compensate", "pay"].contains(&short(&duty.action))
}

/// Are all the amounts that a duty names covered by what was paid? A duty without an amount is not settled by money.
fn is_paid(duty: &Rule, facts: &Facts) -> bool {
    let mut amounts = 0_u32;
    let mut covered = true;
    for constraint in duty.refinements.iter().chain(&duty.constraints) {
        match constraint {
            Constraint::Atomic(a) if short(&a.left) == "payAmount" => {
                amounts += 1;
                covered &= covers(facts, a);
            }
            // By when it is to be paid.
            Constraint::Atomic(a) if WHEN.contains(&short(&a.left)) => {}
            // What else it demands of the payment is not known here.
            _ => covered = false,
        }
    }
    amounts > 0 && covered
}

impl Tracked {
    fn rule(&mut self, rule: &Rule) {
        let parties = [&rule.target, &rule.assignee].into_iter().flatten().flat_map(|r| &r.refinements);
        for constraint in rule.constraints.iter().chain(&rule.refinements).chain(parties) {
            constraint.each(&mut |a| self.atom(a));
        }
        for inner in rule.duties.iter().chain(&rule.consequences).chain(&rule.remedies) {
            self.rule(inner);
        }
    }

    fn atom(&mut self, a: &Atomic) {
        match crate::decide::sort(&a.left) {
            Some(Sort::Number) => {
                let window = a.unit.as_deref().and_then(read_duration);
                self.window_ms = self.window_ms.max(window);
            }
            Some(Sort::Interval) => self.last_use = true,
            Some(Sort::Metered) => self.metered = true,
            Some(Sort::Event) => {
                for right in &a.right {
                    if !self.events.contains(&right.value) {
                        self.events.push(right.value.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

/// Is it a decimal number above zero, as an amount of money must be?
#[must_use]
pub fn is_positive(amount: &str) -> bool {
    crate::model::number(amount).is_some_and(|amount| amount > 0.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::facts::{Payment, Phase, World};
    use crate::{Program, decide};
    use serde_json::{Value, json};

    fn policy(value: Value) -> Policy {
        Policy::parse(&value).unwrap()
    }

    fn atom(left: &str, operator: &str, right: &str, unit: Option<&str>) -> Value {
        let mut atom = json!({"leftOperand": left, "operator": operator, "rightOperand": right});
        if let Some(unit) = unit {
            atom["unit"] = json!(unit);
        }
        atom
    }

    #[test]
    fn what_a_policy_asks_about_is_kept() {
        let of = |atoms: Vec<Value>| {
            policy(json!({"permission": [{"action": "use", "constraint": atoms}]})).tracked()
        };
        assert_eq!(of(vec![atom("count", "lteq", "5", None)]), Tracked::default());
        let day = of(vec![atom("count", "lteq", "5", Some("P1D")), atom("count", "lteq", "2", Some("PT1H"))]);
        assert_eq!(day.window_ms, Some(86_400_000));
        assert!(of(vec![atom("timeInterval", "gteq", "PT1H", None)]).last_use);
        assert!(of(vec![json!({"or": [atom("meteredTime", "lteq", "PT1H", None)]})]).metered);
        assert_eq!(of(vec![atom("event", "lt", "urn:end", None)]).events, ["urn:end"]);
    }

    #[test]
    fn duties_are_listed_with_their_paths_parties_and_deadlines() {
        let policy = policy(json!({
            "permission": [{"action": "use", "duty": [
                {"action": "inform", "informedParty": "did:web:auditor.example"},
                {"action": "compensate", "consequence": [{"action": "inform"}]}]}],
            "obligation": [{"action": "delete", "uid": "urn:del",
                "constraint": [atom("elapsedTime", "lteq", "P1D", None)]}]}));
        let agreed = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        let all = policy.duties_of(Some(agreed));
        let seen: Vec<(&str, &str, bool)> =
            all.iter().map(|d| (d.path.as_str(), d.action.as_str(), d.own)).collect();
        assert_eq!(
            seen,
            [
                ("permission/0/duty/0", "inform", true),
                ("permission/0/duty/1/consequence/0", "inform", true),
                ("permission/0/duty/1", "compensate", false),
                ("obligation/0", "delete", false),
            ]
        );
        assert_eq!(all[0].party.as_deref(), Some("did:web:auditor.example"));
        assert_eq!(all[3].deadline, Some(agreed.plus_millis(86_400_000)));
    }

    #[test]
    fn a_duty_to_pay_is_settled_by_enough_money_in_its_currency() {
        let policy = policy(json!({"permission": [{"action": "use", "duty": [
            {"action": "compensate", "constraint": [atom("payAmount", "eq", "12.50", Some("urn:eur"))]}]}]}));
        let paid = |amounts: &[(&str, &str)]| {
            let payment = |(amount, unit): &(&str, &str)| Payment {
                amount: (*amount).to_owned(),
                unit: (*unit).to_owned(),
                at: Timestamp::from_millis(0),
            };
            let world = World { paid: Some(amounts.iter().map(payment).collect()), ..World::default() };
            Facts { now: Timestamp::from_millis(1), phase: Phase::Transfer, world, ..Facts::default() }
        };
        for (amounts, settled) in [
            (&[][..], false),
            (&[("12.5", "urn:eur")][..], true),
            (&[("10", "urn:eur"), ("3", "urn:eur")][..], true),
            (&[("10", "urn:eur")][..], false),
            (&[("10", "urn:eur"), ("10", "urn:usd")][..], false),
        ] {
            let facts = paid(amounts);
            assert_eq!(policy.paid_in_full(&facts).len(), usize::from(settled), "{amounts:?}");
            // Money does not lift the duty; the ledger says that it is done.
            assert!(!decide(&policy, &facts).permitted && !Program::new(&policy).decide(&facts).permitted);
        }
        assert!(is_positive("0.01") && !is_positive("0") && !is_positive("-3") && !is_positive("x"));
    }
}
