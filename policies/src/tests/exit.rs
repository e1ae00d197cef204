//! The checks with which ODRL 2.2 left its candidate stage in 2017: validation (V1 to V24) and normalisation (N1 to
//! N10), one line for each, with a document that fails the check and one that passes it.
//!
//! The wording of V21, V22 and V24 was not at hand; the exit criteria say which part of the Information Model each is
//! about (constraints, kinds of policy, inheritance), and the requirement of that part stands here.

use super::*;
use crate::lint::lint;
use crate::relate::{Options, conflicts};
use std::collections::BTreeMap;

/// What becomes of a document that fails a check.
#[derive(Debug, Clone, Copy)]
enum Fails {
    /// It is not read; the error names this path.
    Refused(&'static str),
    /// It is read, and this remark is made on it.
    Remarked(&'static str),
    /// It is read, it grants nothing, and this term is told as not supported.
    Unsupported(&'static str),
    /// We accept it, for this reason.
    Exempt(&'static str),
}

use Fails::{Exempt, Refused, Remarked, Unsupported};

fn rule_with(member: &str, value: Value) -> Value {
    json!({"@type": "Set", "permission": [{"action": "use", member: value}]})
}

fn constraint(value: Value) -> Value {
    rule_with("constraint", json!([value]))
}

fn check(name: &str, fails: Fails, bad: &Value, good: &Value) {
    let good = Policy::parse(good).unwrap_or_else(|e| panic!("{name}: {e}"));
    let told = |policy: &Policy| -> Vec<String> {
        let found = lint(policy).into_iter().map(|f| f.code.to_owned());
        found.chain(policy.unsupported().into_iter().map(|u| u.term)).collect()
    };
    match (fails, Policy::parse(bad)) {
        (Refused(path), Err(error)) => {
            assert!(error.path.trim_start_matches('/').starts_with(path), "{name}: {error}");
        }
        (Remarked(code), Ok(bad)) => {
            assert!(told(&bad).iter().any(|c| c == code), "{name}: {:?}", told(&bad));
            assert!(!told(&good).iter().any(|c| c == code), "{name}: {:?}", told(&good));
        }
        (Unsupported(term), Ok(bad)) => {
            assert!(bad.unsupported().iter().any(|u| u.term == term), "{name}: {:?}", bad.unsupported());
            assert!(!permits(&bad, &facts()), "{name} grants");
            assert!(good.unsupported().is_empty(), "{name}: {:?}", good.unsupported());
        }
        (Exempt(reason), Ok(bad)) => {
            // An exemption that is none any more has no place here.
            assert!(!reason.is_empty() && bad.unsupported().is_empty(), "{name}: {:?}", bad.unsupported());
        }
        (fails, read) => panic!("{name}: {fails:?}, but {read:?}"),
    }
}

#[test]
fn validation() {
    let offer = |rule: Value| json!({"@id": "urn:o", "@type": "Offer", "permission": [rule]});
    let agreement = |rule: Value| json!({"@id": "urn:a", "@type": "Agreement", "permission": [rule]});
    let both = json!({"action": "use", "assigner": "did:web:p", "assignee": "did:web:c.example"});
    let no_assigner = json!({"action": "use", "assignee": "did:web:c.example"});
    let no_assignee = json!({"action": "use", "assigner": "did:web:p"});
    let any = json!({"@type": "Set", "permission": [{"action": "use"}]});
    let place = atom("spatial", "eq", json!("FR"));
    let without = |member: &str| {
        let mut c = place.clone();
        c.as_object_mut().unwrap().shift_remove(member);
        constraint(c)
    };
    let twice = |member: &str, values: Value| {
        let mut c = place.clone();
        c[member] = values;
        constraint(c)
    };
    let refined = json!([atom("urn:size", "lt", json!("5"))]);
    let collection = |class: &str, source: bool| {
        let mut c = json!({"@type": class, "refinement": refined});
        if source {
            c["source"] = json!("urn:album");
        }
        c
    };
    let remedied = |remedy: Value| json!({"prohibition": [{"action": "print", "remedy": [remedy]}], "permission": [{"action": "use"}]});
    let reference = |value: Value| {
        constraint(json!({"leftOperand": "spatial", "operator": "isAnyOf", "rightOperandReference": value}))
    };
    let list = "https://list.example/";
    let ok = constraint(place.clone());
    // One line for each check.
    #[rustfmt::skip]
    let checks = [
        ("V1 there is a policy", Refused("policy"), json!([json!({}), json!({})]), any.clone()),
        ("V2 a policy has a rule", Remarked("no-permission"), json!({"@type": "Set"}), any.clone()),
        ("V3 a policy has an IRI", Exempt("what a provider writes is named by its connector"), any.clone(), offer(both.clone())),
        ("V4 an offer has an assigner", Remarked("parties"), offer(json!({"action": "use"})), offer(no_assignee.clone())),
        ("V5 an agreement has an assigner", Remarked("parties"), agreement(no_assigner), agreement(both.clone())),
        ("V6 an agreement has an assignee", Remarked("parties"), agreement(no_assignee), agreement(both)),
        ("V7 a rule has a target", Exempt("in a catalogue of the Dataspace Protocol the dataset is the target"), any.clone(), rule_with("target", json!("urn:data"))),
        ("V8 a remedy has no consequence", Refused("prohibition/0/remedy"), remedied(json!({"action": "delete", "consequence": [{"action": "inform"}]})), remedied(json!({"action": "delete"}))),
        ("V9 a refined collection of assets has a source", Refused("permission/0/target/source"), rule_with("target", collection("AssetCollection", false)), rule_with("target", collection("AssetCollection", true))),
        ("V10 a refined collection of parties has a source", Refused("permission/0/assignee/source"), rule_with("assignee", collection("PartyCollection", false)), rule_with("assignee", collection("PartyCollection", true))),
        ("V11 conflict strategies are those of ODRL", Refused("conflict"), json!({"conflict": "luck", "permission": [{"action": "use"}]}), json!({"conflict": "perm", "permission": [{"action": "use"}]})),
        ("V12 actions are those of ODRL, without a profile", Unsupported("urn:fly"), json!({"permission": [{"action": "urn:fly"}]}), any.clone()),
        ("V13 left operands are those of ODRL, without a profile", Unsupported("urn:moon"), constraint(atom("urn:moon", "eq", json!("full"))), ok.clone()),
        ("V14 operators are those of ODRL", Refused("permission/0/constraint/0/operator"), constraint(atom("spatial", "near", json!("FR"))), ok.clone()),
        ("V15 logical operators are those of ODRL", Refused("permission/0/constraint/0"), constraint(json!({"nand": [place]})), constraint(json!({"xone": [place]}))),
        ("V16 there is a right operand", Refused("permission/0/constraint/0/rightOperand"), without("rightOperand"), ok.clone()),
        ("V16 there are not several right operands", Unsupported("eq"), twice("rightOperand", json!(["FR", "DE"])), ok.clone()),
        ("V16 there is not also a reference", Refused("permission/0/constraint/0/rightOperand"), twice("rightOperandReference", json!(list)), ok.clone()),
        ("V17 there is a left operand", Refused("permission/0/constraint/0/leftOperand"), without("leftOperand"), ok.clone()),
        ("V17 there is one left operand", Refused("permission/0/constraint/0/leftOperand"), twice("leftOperand", json!(["spatial", "purpose"])), ok.clone()),
        ("V18 there is an operator", Refused("permission/0/constraint/0/operator"), without("operator"), ok.clone()),
        ("V18 there is one operator", Refused("permission/0/constraint/0/operator"), twice("operator", json!(["eq", "neq"])), ok.clone()),
        ("V19 logical constraints join constraints", Refused("permission/0/constraint/0/or/0"), constraint(json!({"or": ["urn:c"]})), constraint(json!({"or": [place]}))),
        ("V20 references are IRIs", Refused("permission/0/constraint/0/rightOperandReference"), reference(json!({"@value": "FR"})), reference(json!(list))),
        ("V21 a constraint has one unit (Information Model 2.5.1)", Refused("permission/0/constraint/0/unit"), twice("unit", json!(["urn:a", "urn:b"])), ok.clone()),
        ("V22 a policy is of a kind that ODRL has (2.1)", Refused("@type"), json!({"@type": "Invoice", "permission": [{"action": "use"}]}), any.clone()),
        ("V23 there is one conflict strategy", Remarked("strategies"), json!({"conflict": ["perm", "prohibit"], "permission": [{"action": "use"}]}), any),
    ];
    for (name, fails, bad, good) in checks {
        check(name, fails, &bad, &good);
    }
    // V24, inheritance: no policy is its own ancestor, and each ancestor is there (2.9).
    let family: BTreeMap<&str, Policy> =
        [("urn:a", "urn:b"), ("urn:b", "urn:a"), ("urn:c", "urn:d"), ("urn:e", "urn:f")]
            .map(|(id, parent)| {
                (id, policy(json!({"@id": id, "inheritFrom": parent, "permission": [{"action": "use"}]})))
            })
            .into();
    let leaf = policy(json!({"@id": "urn:f", "permission": [{"action": "read"}]}));
    let find = |id: &str| if id == "urn:f" { Some(&leaf) } else { family.get(id) };
    for (id, inherits) in [("urn:a", false), ("urn:b", false), ("urn:c", false), ("urn:e", true)] {
        assert_eq!(family[id].inherit(&find).is_ok(), inherits, "V24 {id}");
    }
}

#[test]
fn normalisation() {
    let same = |name: &str, one: Value, other: Value| {
        let (one, other) = (policy(one), policy(other));
        assert!(one.same_terms(&other), "{name}: {} / {}", one.to_json(), other.to_json());
    };
    let context = json!("http://www.w3.org/ns/odrl.jsonld");
    let plain = json!({"@type": "Set", "target": "urn:data", "permission": [{"action": "use"}]});
    same(
        "N1 what assets and parties say of their policy is part of it",
        json!({"@context": context, "@graph": [
            {"@id": "urn:p", "@type": "Set", "permission": [{"action": "use"}]},
            {"@id": "urn:data", "@type": "Asset", "hasPolicy": "urn:p"}]}),
        plain.clone(),
    );
    same(
        "N2 the kind of a rule follows from its property",
        json!({"@type": "Set", "target": "urn:data", "permission": [{"@type": "Permission", "action": "use"}]}),
        plain.clone(),
    );
    let child = policy(
        json!({"@id": "urn:c", "target": "urn:data", "inheritFrom": "urn:p", "permission": [{"action": "read"}]}),
    );
    let parent = policy(json!({"@id": "urn:p", "permission": [{"action": "print", "target": "urn:data"}]}));
    let inherited = child.inherit(&|id| (id == "urn:p").then_some(&parent)).unwrap();
    assert_eq!(inherited.permissions().len(), 2, "N3 rules of the parent are added");
    same(
        "N4 what the policy says once goes for each rule",
        json!({"action": "use", "permission": [{"target": "urn:a"}, {"target": "urn:b"}]}),
        json!({"permission": [{"action": "use", "target": "urn:a"}, {"action": "use", "target": "urn:b"}]}),
    );
    same(
        "N5 rules with several actions and parties are several rules",
        json!({"permission": [{"action": ["read", "print"], "assignee": ["urn:a", "urn:b"]}]}),
        json!({"permission": [{"action": "read", "assignee": "urn:a"}, {"action": "read", "assignee": "urn:b"},
            {"action": "print", "assignee": "urn:a"}, {"action": "print", "assignee": "urn:b"}]}),
    );
    let asking = |action: &str| Facts { action: action.to_owned(), ..facts() };
    assert!(permits(&plain_of("use"), &asking("read")), "N6 included actions are covered");
    assert!(!permits(&plain_of("read"), &asking("use")), "N6 not the other way round");
    let implied = |implies: Value| {
        policy(json!({"@context": [context, {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}],
            "permission": [{"action": {"rdf:value": {"@id": "urn:share"}, "implies": implies}}],
            "prohibition": [{"action": "print"}]}))
    };
    let clashes = |implies: Value| !conflicts(&implied(implies), &Options::default()).is_empty();
    assert!(clashes(json!({"@id": "odrl:print"})), "N7 what follows from a permission is not forbidden");
    assert!(!clashes(json!({"@id": "odrl:play"})), "N7 another action");
    for (name, member, id) in [("N8", "target", "urn:data"), ("N9", "assignee", "did:web:c.example")] {
        let of = |class: &str| rule_with(member, json!({"@id": "urn:all", "@type": class}));
        let class = if member == "target" { "AssetCollection" } else { "PartyCollection" };
        let mut member_of = facts();
        // Through another collection.
        let parts = [(id, "urn:some"), ("urn:some", "urn:all")];
        member_of.world.collections =
            Some(parts.map(|(part, whole)| (part.to_owned(), vec![whole.to_owned()])).into());
        assert!(permits(&policy(of(class)), &member_of), "{name} parts of a collection are meant");
        member_of.world.collections = Some([(id.to_owned(), vec!["urn:other".to_owned()])].into());
        assert!(!permits(&policy(of(class)), &member_of), "{name} others are not");
    }
    let replaced = policy(json!({"@context": [context, {"dct": "http://purl.org/dc/terms/"}],
        "dct:isReplacedBy": {"@id": "urn:new"}, "permission": [{"action": "use"}]}));
    assert!(!permits(&replaced, &facts()), "N10 a policy that was replaced is void");
}

fn plain_of(action: &str) -> Policy {
    policy(json!({"permission": [{"action": action}]}))
}
