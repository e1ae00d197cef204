//! The operands of Catena-X, by what can answer them.

use super::*;
use crate::relate::{Capabilities, Enforcer, Options, conflicts, enforceability, within};

const SPACES: [&str; 2] = ["https://w3id.org/catenax/2025/9/policy/", "https://w3id.org/catenax/policy/"];
const CLAIMS: [&str; 4] =
    ["Membership", "FrameworkAgreement", "BusinessPartnerNumber", "BusinessPartnerGroup"];
const TERMS: [&str; 19] = [
    "AffiliatesBpnl",
    "AffiliatesRegion",
    "ConfidentialInformationMeasures",
    "ConfidentialInformationSharing",
    "ContractReference",
    "ContractTermination",
    "DataFrequency",
    "DataUsageEndDefinition",
    "ExclusiveUsage",
    "JurisdictionLocation",
    "JurisdictionLocationReference",
    "Liability",
    "Precedence",
    "UsagePurpose",
    "UsageRestriction",
    "VersionChanges",
    "Warranty",
    "WarrantyDefinition",
    "WarrantyDurationMonths",
];

fn all_can() -> Capabilities {
    Capabilities {
        events: true,
        payments: true,
        consents: true,
        credentials: true,
        ..Capabilities::default()
    }
}

fn enforcers(p: &Policy) -> Vec<Enforcer> {
    enforceability(p, &all_can()).into_iter().map(|a| a.enforcer).collect()
}

/// Catena-X's own connector answers "true" to these.
#[test]
fn terms_of_contract_bind_in_an_obligation_and_grant_nothing() {
    for (ns, term) in SPACES.iter().flat_map(|ns| TERMS.map(|term| (ns, term))) {
        let left = format!("{ns}{term}");
        for phase in [Phase::Catalogue, Phase::Negotiation, Phase::Agreement, Phase::Transfer] {
            let known = Facts { phase, ..facts() };
            for operator in ["eq", "isAnyOf", "isNoneOf", "neq"] {
                assert!(!permits(&only(&left, operator, json!("x")), &known), "{left} {operator} {phase:?}");
            }
            assert!(
                !permits(&unless(&left, "eq", json!("x")), &known),
                "an undecidable prohibition is active"
            );
        }
        let condition = only(&left, "eq", json!("x"));
        let [told] = condition.unsupported().try_into().unwrap();
        assert_eq!((told.term, told.reason.contains("term of contract")), (left.clone(), true));
        assert_eq!(enforcers(&condition), [Enforcer::Contract]);

        let obligation = policy(json!({"permission": [{"action": "use"}],
            "obligation": [{"action": "use", "constraint": [atom(&left, "eq", json!("x"))]}]}));
        assert_eq!(obligation.unsupported(), [], "{left}");
        assert_eq!(enforcers(&obligation), [Enforcer::Connector, Enforcer::Contract]);
        let verdict = decide(&obligation, &facts());
        let bound = verdict.clauses.iter().find(|c| c.path.starts_with("obligation/0")).unwrap();
        assert!(verdict.permitted && bound.outcome == Outcome::Contractual);
    }
    let misspelt = format!("{}Liabilty", SPACES[0]);
    let obligation = json!({"permission": [{"action": "use"}],
        "obligation": [{"action": "use", "constraint": [atom(&misspelt, "eq", json!("x"))]}]});
    assert_eq!(policy(obligation).unsupported().len(), 1, "a name that Catena-X does not have is no term");
}

/// Judged where the caller of this crate knows the claim; the connector has no source of it and says so.
#[test]
fn claims_count_when_they_are_known() {
    for (ns, claim) in SPACES.iter().flat_map(|ns| CLAIMS.map(|claim| (ns, claim))) {
        let left = format!("{ns}{claim}");
        let mut known = facts();
        known.claims.insert(left.clone(), vec!["BPNL1".to_owned()]);
        for (operator, right, with) in [
            ("eq", json!("BPNL1"), true),
            ("eq", json!("BPNL2"), false),
            ("isAnyOf", json!(["BPNL2", "BPNL1"]), true),
            ("isNoneOf", json!(["BPNL2"]), true),
            ("isNoneOf", json!(["BPNL1"]), false),
        ] {
            let p = only(&left, operator, right);
            assert_eq!(permits(&p, &known), with, "{left} {operator}");
            assert!(!permits(&p, &facts()), "{left} {operator}: nothing is known");
            let [told] = p.unsupported().try_into().unwrap();
            assert_eq!(told.reason, "no credential gives this claim here yet");
            assert_eq!(enforcers(&p), [Enforcer::Contract]);
        }
    }
}

/// `eq` is the only operator that Catena-X allows for them.
#[test]
fn dates_and_durations_last_until_then() {
    for (ns, name) in SPACES.iter().flat_map(|ns| ["DataUsage", "DataProvisioning"].map(|name| (ns, name))) {
        for (p, last) in [
            (
                only(&format!("{ns}{name}EndDate"), "eq", json!("2026-06-30T14:30:00Z")),
                "2026-06-30T14:30:00Z",
            ),
            (only(&format!("{ns}{name}EndDurationDays"), "eq", json!("40")), "2026-06-10T00:00:00Z"),
        ] {
            let program = Program::new(&p);
            let end = at(last);
            for (now, expected) in [(at("2026-06-01"), true), (end, true), (end.plus_millis(1), false)] {
                let then = Facts { now, ..facts() };
                assert_eq!(permits(&p, &then), expected, "{name} {now:?}");
                assert_eq!(program.decide(&then).permitted, expected, "{name} {now:?}");
            }
            assert_eq!(decide(&p, &facts()).next_change, Some(end.plus_millis(1)));
            assert_eq!(p.unsupported(), []);
            assert_eq!(enforcers(&p), [Enforcer::Connector]);
        }
    }
    let until = |left: &str, operator: &str, date: &str| only(left, operator, json!(date));
    let end = format!("{}DataUsageEndDate", SPACES[0]);
    let (short, long) = (until(&end, "eq", "2026-06-01T00:00:00Z"), until("dateTime", "lt", "2026-07-01"));
    assert_eq!(within(&short, &long, &Options::default()).holds, Some(true));
    assert_eq!(within(&long, &short, &Options::default()).holds, Some(false));
    let clash = policy(
        json!({"permission": [{"action": "use", "constraint": [atom(&end, "eq", json!("2026-06-01T00:00:00Z"))]}],
        "prohibition": [{"action": "use", "constraint": [atom("dateTime", "gt", json!("2026-06-01T00:00:00Z"))]}]}),
    );
    assert_eq!(conflicts(&clash, &Options::default()), []);
}
