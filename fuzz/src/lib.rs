//! What the fuzz targets do with their input.

use ontology::time::Timestamp;
use policies::{
    Behaviour, Decided, Decision, DutyRecord, DutyState, Event, Facts, Offers, Payment, PendingDuties, Phase,
    Policy, Program, Reading, Units, decide as judge,
};
use serde_json::{Map, Value, json};

/// Reads any text as JSON and as Turtle. Nothing may panic, and what was read is read again from what is written.
pub fn parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        if let Ok(policy) = Policy::parse(&value) {
            again(&policy);
        }
        if let Ok(all) = Policy::parse_all(&value) {
            all.iter().for_each(again);
        }
    }
    for any_action in [false, true] {
        if let Ok(all) = Policy::parse_turtle(text, Reading { any_action }) {
            all.iter().filter(|_| !any_action).for_each(again);
        }
    }
}

fn again(policy: &Policy) {
    let written = policy.to_json();
    match Policy::parse(&written) {
        Ok(read) => assert!(read.same_terms(policy), "{written}"),
        Err(error) => panic!("{error}: {written}"),
    }
}

/// Decides a policy made of the input under facts made of the input, by the program and by the model.
pub fn decide(data: &[u8]) {
    let mut choices = Choices(data);
    let value = choices.policy();
    let facts = choices.facts();
    let Ok(policy) = Policy::parse(&value) else { return };
    let slow = judge(&policy, &facts);
    let slow = Decided {
        permitted: slow.permitted,
        conflict: slow.conflict,
        modified: slow.decision() == Decision::PermitWithModifications,
        next_change: slow.next_change,
    };
    assert_eq!(slow, Program::new(&policy).decide(&facts), "{value} {facts:?}");
}

/// Choices that the input makes; when it is used up, always the first.
struct Choices<'a>(&'a [u8]);

const LEFT: [&str; 24] = [
    "dateTime",
    "elapsedTime",
    "delayPeriod",
    "count",
    "timeInterval",
    "meteredTime",
    "payAmount",
    "event",
    "language",
    "fileFormat",
    "version",
    "virtualLocation",
    "percentage",
    "purpose",
    "spatial",
    "recipient",
    "inForceDate",
    "industry",
    "claim:role",
    "urn:x",
    "policyUsage",
    "moon",
    "https://w3id.org/entente/v1/signedAgreement",
    "https://w3id.org/catenax/2025/9/policy/DataUsageEndDurationDays",
];
const OPERATORS: [&str; 12] =
    ["eq", "neq", "lt", "lteq", "gt", "gteq", "isA", "isPartOf", "hasPart", "isAnyOf", "isNoneOf", "isAllOf"];
const VALUES: [&str; 30] = [
    "2026-06-01T00:00:00Z",
    "2026-07-01",
    "2020-02-01",
    "P31D",
    "PT1H",
    "-P1D",
    "2",
    "10",
    "1e3",
    "FR",
    "GB",
    "EU",
    "EEA",
    "fr",
    "fr-CA",
    "text/csv",
    "10.0.0.0/8",
    "10.1.1.1",
    "2.10",
    "urn:e",
    "policyUsage",
    "contractAgreement+30d",
    "contractAgreement+0s",
    "dpv:AcademicResearch",
    "dpv:ResearchAndDevelopment",
    "nace2:29",
    "nace2:C",
    "did:web:c.example",
    "true",
    "",
];
const ACTIONS: [&str; 10] =
    ["use", "read", "copy", "extract", "sell", "log", "compensate", "anonymize", "urn:mine", "distribute"];
const NAMES: [&str; 5] = ["urn:data", "urn:album", "did:web:c.example", "urn:staff", "urn:other"];

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.byte()) % all.len()]
    }

    /// Zero to two.
    fn few(&mut self) -> u8 {
        self.byte() % 3
    }

    fn some(&mut self, make: fn(&mut Self) -> Value) -> Value {
        (0..self.few()).map(|_| make(self)).collect()
    }

    fn atomic(&mut self) -> Value {
        let mut c = json!({"leftOperand": self.of(&LEFT), "operator": self.of(&OPERATORS)});
        c["rightOperand"] = match self.byte() % 4 {
            0 | 1 => json!(self.of(&VALUES)),
            2 => (0..1 + self.few()).map(|_| json!(self.of(&VALUES))).collect(),
            _ => json!({"@id": self.of(&VALUES)}),
        };
        match self.byte() % 12 {
            1 => c["unit"] = json!("urn:EUR"),
            2 => c["unit"] = json!("P1D"),
            3 => c["status"] = json!("3"),
            4 => c["moon"] = json!("full"),
            _ => {}
        }
        c
    }

    fn condition(&mut self) -> Value {
        match self.byte() % 8 {
            logic @ 0..4 => {
                let items: Value = (0..1 + self.few()).map(|_| self.atomic()).collect();
                json!({["and", "or", "xone", "andSequence"][usize::from(logic)]: items})
            }
            _ => self.atomic(),
        }
    }

    fn referent(&mut self) -> Value {
        let name = self.of(&NAMES);
        match self.byte() % 4 {
            0 | 1 => json!(name),
            2 => json!({"@id": name, "@type": "AssetCollection"}),
            _ => json!({"source": name, "refinement": [self.atomic()]}),
        }
    }

    fn duty(&mut self) -> Value {
        let then: Value = (0..self.few()).map(|_| json!({"action": self.of(&ACTIONS)})).collect();
        json!({"action": self.of(&ACTIONS), "constraint": self.some(Self::condition), "consequence": then})
    }

    fn rule(&mut self) -> Value {
        let mut rule = Map::new();
        let action = self.of(&ACTIONS);
        rule.insert("action".into(), json!(action));
        match self.byte() % 6 {
            1 => {
                let refined = json!({"@id": format!("urn:refined:{action}"), "includedIn": {"@id": format!("odrl:{action}")}});
                rule.insert("action".into(), refined);
            }
            2 => {
                let refined = json!({"http://www.w3.org/1999/02/22-rdf-syntax-ns#value": {"@id": format!("odrl:{action}")},
                    "refinement": [self.condition()]});
                rule.insert("action".into(), refined);
            }
            _ => {}
        }
        rule.insert("constraint".into(), self.some(Self::condition));
        for (bit, key) in [(1, "target"), (2, "assignee")] {
            if self.byte() & bit != 0 {
                rule.insert(key.into(), self.referent());
            }
        }
        if self.flag() {
            rule.insert("duty".into(), self.some(Self::duty));
        }
        Value::Object(rule)
    }

    fn policy(&mut self) -> Value {
        let mut policy = json!({"permission": self.some(Self::rule), "prohibition": self.some(Self::rule),
            "obligation": self.some(Self::duty)});
        match self.byte() % 16 {
            1 => policy["@type"] = json!("Offer"),
            2 => policy["@type"] = json!("Ticket"),
            3 => policy["conflict"] = json!("perm"),
            4 => policy["conflict"] = json!(["perm", "prohibit"]),
            5 => policy["profile"] = json!("urn:profile"),
            6 => policy["inheritFrom"] = json!("urn:parent"),
            7 => policy["target"] = json!("urn:data"),
            8 => policy["moon"] = json!("full"),
            _ => {}
        }
        policy
    }

    fn instant(&mut self) -> Timestamp {
        let days = i64::from(self.byte()) * 100 + i64::from(self.byte());
        Timestamp::from_millis(days * 86_400_000)
    }

    fn facts(&mut self) -> Facts {
        let mut f = Facts {
            now: self.instant(),
            phase: self.of(&[
                Phase::Catalogue,
                Phase::Negotiation,
                Phase::Agreement,
                Phase::Transfer,
                Phase::Stream,
            ]),
            action: self.of(&ACTIONS).to_owned(),
            ..Facts::default()
        };
        f.target = self.flag().then(|| self.of(&NAMES).to_owned());
        f.assignee = self.flag().then(|| self.of(&NAMES).to_owned());
        f.agreed_at = self.flag().then(|| self.instant());
        f.uses = self.flag().then(|| u64::from(self.byte()));
        f.purpose = self.flag().then(|| (0..self.few()).map(|_| self.of(&VALUES).to_owned()).collect());
        for _ in 0..self.byte() % 4 {
            let (key, value) = (self.of(&["spatial", "role", "urn:x", "industry"]), self.of(&VALUES));
            f.claims.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        let w = &mut f.world;
        for _ in 0..self.byte() % 6 {
            let (key, value) = (self.of(&LEFT), self.of(&VALUES));
            let place = match self.byte() % 3 {
                0 => &mut w.context,
                1 => &mut w.action,
                _ => &mut w.asset,
            };
            place.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        w.terms.built_in = self.flag();
        w.used_at = self.flag().then(|| (0..self.few()).map(|_| self.instant()).collect());
        w.metered = self.flag().then(|| i64::from(self.byte()) * 600_000);
        w.paid = self.flag().then(|| {
            vec![Payment {
                amount: self.of(&VALUES).to_owned(),
                unit: "urn:EUR".to_owned(),
                at: self.instant(),
            }]
        });
        w.events = self.flag().then(|| {
            let (start, end) = (self.instant(), self.flag().then(|| self.instant()));
            vec![Event { id: "urn:e".to_owned(), start, end }]
        });
        w.collections = self.flag().then(|| {
            (0..self.few()).map(|_| (self.of(&NAMES).to_owned(), vec![self.of(&NAMES).to_owned()])).collect()
        });
        for _ in 0..self.few() {
            let duty = self.of(&[
                "permission/0/duty/0",
                "permission/0/duty/1",
                "permission/0/duty/0/consequence/0",
                "obligation/0",
                "permission/1/duty/0",
            ]);
            let state = self.of(&[DutyState::Pending, DutyState::Fulfilled, DutyState::Violated]);
            w.duties.push(DutyRecord { duty: duty.to_owned(), state, late: self.flag() });
        }
        for _ in 0..self.few() {
            let n = self.byte() % 3;
            w.became.insert(format!("permission/0/constraint/0/andSequence/{n}"), self.instant());
        }
        let m = &mut f.mode;
        m.pending = self.of(&[PendingDuties::Block, PendingDuties::Allow]);
        m.behaviour = self.of(&[Behaviour::Closed, Behaviour::Open]);
        m.offers = self.of(&[Offers::AsIfAgreed, Offers::Never]);
        m.units = self.of(&[Units::Strict, Units::AsInPolicy]);
        if self.flag() {
            m.profiles.push("urn:profile".to_owned());
            m.transforms.push("anonymize".to_owned());
        }
        f
    }
}
