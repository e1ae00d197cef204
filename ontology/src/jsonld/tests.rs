use serde_json::{Value, json};

use super::*;
use crate::{cred, dcat, dct, dspace, edc, gx, odrl, schema, xsd};

fn ok(value: Value) -> Value {
    expand(&value).unwrap()
}

fn fault(value: Value) -> JsonLdError {
    expand(&value).unwrap_err()
}

#[test]
fn prefixes_vocab_and_values() {
    let node = ok(json!({
        "@context": {"@vocab": "http://v/", "ex": "http://ex/", "when": {"@id": "ex:when", "@type": "ex:date"}},
        "@id": "asset-1", "@type": ["ex:A", "B"], "name": "n", "ex:n": [1, true, null], "when": "2026",
        "nothing": null, "nested": {"@id": "x:y"}
    }));
    let expected = json!({
        "@id": "asset-1", "@type": ["http://ex/A", "http://v/B"],
        "http://v/name": [{"@value": "n"}],
        "http://ex/n": [{"@value": 1}, {"@value": true}],
        "http://ex/when": [{"@value": "2026", "@type": "http://ex/date"}],
        "http://v/nested": [{"@id": "x:y"}]
    });
    assert_eq!(node, expected);
}

#[test]
fn words_without_meaning_are_dropped() {
    let node = ok(json!({"@context": {"a": "http://a/"}, "a:x": 1, "b": 2, "@future": 3, "c": {"d": 1}}));
    assert_eq!(node, json!({"http://a/x": [{"@value": 1}]}));
}

#[test]
fn terms_may_be_defined_through_later_ones_but_not_themselves() {
    let node = ok(json!({"@context": {"t": {"@id": "p:t"}, "p": "q:r/", "q": "http://q/"}, "t": 1}));
    assert_eq!(node, json!({"http://q/r/t": [{"@value": 1}]}));
    let loops = fault(json!({"@context": {"a": "b:x", "b": "a:y"}, "a": 1}));
    assert!(matches!(loops, JsonLdError::InvalidContext { .. }), "{loops}");
}

#[test]
fn coercion_to_identifiers() {
    let node = ok(json!({
        "@context": {"@vocab": "http://v/", "id": {"@id": "http://e/id", "@type": "@id"},
                     "op": {"@id": "http://e/op", "@type": "@vocab"}, "eq": "http://o/eq"},
        "id": ["asset-1", "urn:x"], "op": ["eq", "other"]
    }));
    assert_eq!(node["http://e/id"], json!([{"@id": "asset-1"}, {"@id": "urn:x"}]));
    assert_eq!(node["http://e/op"], json!([{"@id": "http://o/eq"}, {"@id": "http://v/other"}]));
}

#[test]
fn containers() {
    let node = ok(json!({
        "@context": {
            "list": {"@id": "http://e/list", "@container": "@list"},
            "set": {"@id": "http://e/set", "@container": ["@set"]},
            "label": {"@id": "http://e/label", "@container": "@language"},
            "raw": {"@id": "http://e/raw", "@type": "@json"}
        },
        "list": ["a", "b"], "set": "one", "label": {"FR": ["un", "deux"], "@none": "x"}, "raw": {"a": [null]}
    }));
    assert_eq!(node["http://e/list"], json!([{"@list": [{"@value": "a"}, {"@value": "b"}]}]));
    assert_eq!(node["http://e/set"], json!([{"@value": "one"}]));
    let labels = json!([
        {"@value": "un", "@language": "fr"}, {"@value": "deux", "@language": "fr"}, {"@value": "x"}
    ]);
    assert_eq!(node["http://e/label"], labels);
    assert_eq!(node["http://e/raw"], json!([{"@value": {"a": [null]}, "@type": "@json"}]));
    let explicit =
        ok(json!({"@context": {"@vocab": "http://e/"}, "a": {"@list": [1]}, "b": {"@set": [1, 2]}}));
    assert_eq!(explicit["http://e/a"], json!([{"@list": [{"@value": 1}]}]));
    assert_eq!(explicit["http://e/b"], json!([{"@value": 1}, {"@value": 2}]));
}

#[test]
fn languages() {
    let node = ok(json!({
        "@context": {"@vocab": "http://e/", "@language": "EN", "code": {"@id": "http://e/code", "@language": null}},
        "a": "x", "code": "y", "b": {"@value": "z", "@language": "fr"}, "n": 1
    }));
    assert_eq!(node["http://e/a"], json!([{"@value": "x", "@language": "en"}]));
    assert_eq!(node["http://e/code"], json!([{"@value": "y"}]));
    assert_eq!(node["http://e/b"], json!([{"@value": "z", "@language": "fr"}]));
    assert_eq!(node["http://e/n"], json!([{"@value": 1}]));
}

#[test]
fn scoped_contexts() {
    let node = ok(json!({
        "@context": {
            "@vocab": "http://v/",
            "T": {"@id": "http://v/T", "@context": {"x": "http://scoped/x"}},
            "P": {"@id": "http://v/P", "@context": {"@propagate": true, "x": "http://wide/x"}},
            "box": {"@id": "http://v/box", "@context": {"x": "http://box/x"}}
        },
        "@type": "T", "x": 1, "inner": {"x": 2}, "box": {"x": 3, "deep": {"x": 4}},
        "wide": {"@type": "P", "x": 5, "deep": {"x": 6}}
    }));
    let value = |path: &str| node.pointer(path).unwrap().clone();
    assert_eq!(node["http://scoped/x"], json!([{"@value": 1}]));
    assert_eq!(node["http://v/inner"], json!([{"http://v/x": [{"@value": 2}]}]));
    assert_eq!(value("/http:~1~1v~1box/0/http:~1~1box~1x"), json!([{"@value": 3}]));
    assert_eq!(value("/http:~1~1v~1box/0/http:~1~1v~1deep/0"), json!({"http://box/x": [{"@value": 4}]}));
    assert_eq!(value("/http:~1~1v~1wide/0/http:~1~1wide~1x"), json!([{"@value": 5}]));
    assert_eq!(value("/http:~1~1v~1wide/0/http:~1~1v~1deep/0"), json!({"http://wide/x": [{"@value": 6}]}));
}

#[test]
fn contexts_stack_and_reset() {
    let node = ok(json!({
        "@context": [{"@vocab": "http://a/"}, {"x": "http://b/x"}],
        "x": 1, "y": {"@context": null, "x": 2, "http://c/z": 3}, "w": {"@context": {"x": null}, "x": 4, "v": 5}
    }));
    assert_eq!(node["http://b/x"], json!([{"@value": 1}]));
    assert_eq!(node["http://a/y"], json!([{"http://c/z": [{"@value": 3}]}]));
    assert_eq!(node["http://a/w"], json!([{"http://a/v": [{"@value": 5}]}]));
}

#[test]
fn aliases_of_keywords() {
    let node =
        ok(json!({"@context": {"id": "@id", "type": "@type", "A": "http://a/A"}, "id": "i", "type": "A"}));
    assert_eq!(node, json!({"@id": "i", "@type": ["http://a/A"]}));
}

#[test]
fn one_node_only() {
    assert_eq!(ok(json!([{"http://a/b": 1}])), json!({"http://a/b": [{"@value": 1}]}));
    let graph = json!({"@context": {"a": "http://a/"}, "@graph": [{"@id": "x", "a:b": 1}]});
    assert_eq!(ok(graph), json!({"@id": "x", "http://a/b": [{"@value": 1}]}));
    assert!(matches!(fault(json!([{"@id": "a"}, {"@id": "b"}])), JsonLdError::InvalidValue { .. }));
    assert!(matches!(fault(json!(1)), JsonLdError::InvalidValue { .. }));
}

#[test]
fn what_is_left_out_is_refused_with_its_place() {
    let vocab = json!({"@vocab": "http://v/"});
    for (member, value) in
        [("@included", json!([])), ("@reverse", json!({})), ("@graph", json!([])), ("@nest", json!({}))]
    {
        let mut inner = json!({});
        inner[member] = value;
        let fault = fault(json!({"@context": vocab, "a": [{"@id": "x"}, inner]}));
        assert!(matches!(fault, JsonLdError::Unsupported { .. }), "{member}: {fault}");
        assert_eq!(fault.path(), format!("/a/1/{member}"));
    }
    for definition in
        [json!({"@reverse": "http://a/b"}), json!({"@id": "http://a/b", "@container": "@index"})]
    {
        let fault = fault(json!({"@context": {"t": definition}}));
        assert!(matches!(fault, JsonLdError::Unsupported { .. }), "{fault}");
        assert_eq!(fault.path(), "/@context/t");
    }
    let unknown = fault(json!({"@context": {"@vocab": "http://v/"}, "a": {"@context": "https://e/c"}}));
    assert_eq!(
        unknown,
        JsonLdError::UnknownContext { path: "/a/@context".into(), context: "https://e/c".into() }
    );
}

#[test]
fn malformed_documents_are_refused() {
    for document in [
        json!({"@id": 1}),
        json!({"@type": {"a": 1}}),
        json!({"@context": 1}),
        json!({"@context": {"@vocab": 1}}),
        json!({"@context": {"@version": 1.0}}),
        json!({"@context": {"a": "relative"}}),
        json!({"@context": {"a": {"@id": "http://a", "@type": "@context"}}}),
        json!({"http://a/b": {"@value": "x", "http://c/d": 1}}),
        json!({"http://a/b": {"@value": {"x": 1}}}),
        json!({"http://a/b": {"@list": [], "@id": "x"}}),
        json!({"@context": {"id": "@id"}, "@id": "a", "id": "b"}),
    ] {
        assert!(expand(&document).is_err(), "{document}");
    }
}

#[test]
fn depth_and_number_of_contexts_are_limited() {
    let mut deep = json!({"http://a/b": 1});
    for _ in 0..70 {
        deep = json!({ "http://a/b": deep });
    }
    assert!(matches!(fault(deep), JsonLdError::TooDeep { .. }));
    let mut context = json!({});
    for _ in 0..70 {
        context = json!([context]);
    }
    assert!(matches!(fault(json!({ "@context": context })), JsonLdError::TooDeep { .. }));
    let many: Vec<Value> = (0..10_001).map(|_| json!({"@context": {}})).collect();
    assert!(matches!(fault(json!({ "http://a/b": many })), JsonLdError::TooManyContexts { .. }));
}

#[test]
fn the_default_context_stands_in() {
    let context = json!({"@context": {"@vocab": edc::NS}});
    let with = |value: Value| expand_with(&value, Some(&context)).unwrap();
    assert_eq!(with(json!({"name": "n"})), json!({edc::NAME: [{"@value": "n"}]}));
    assert_eq!(with(json!({"@context": {}, "name": "n"})), json!({}));
}

#[test]
fn management_bodies() {
    for context in [json!(EDC_MANAGEMENT_V2), json!([EDC_MANAGEMENT_V001]), json!({"@vocab": edc::NS})] {
        let node = ok(json!({
            "@context": context, "@id": "p1", "@type": "PolicyDefinition",
            "properties": {"version": "1", "language": "fr"},
            "policy": {
                "@context": ODRL_CONTEXT, "@type": "Set",
                "permission": [{"action": "use", "constraint": [
                    {"leftOperand": "inForceDate", "operator": "lteq", "rightOperand": "contractAgreement+30d"},
                    {"leftOperand": "spatial", "operator": "eq", "rightOperand": "EU"}
                ]}]
            }
        }));
        let node = Node::new(&node).unwrap();
        assert_eq!((node.id(), node.types()), (Some("p1"), vec![edc::POLICY_DEFINITION]));
        let properties = node.first_node(edc::PROPERTIES).unwrap();
        assert_eq!(properties.keys().collect::<Vec<_>>(), [edc::VERSION, concat_ns("language").as_str()]);
        let policy = node.first_node(edc::POLICY).unwrap();
        assert_eq!(policy.types(), [odrl::SET]);
        let permission = policy.first_node(odrl::PERMISSION).unwrap();
        assert_eq!(permission.first_id(odrl::ACTION), Some(odrl::USE));
        let operands: Vec<_> = permission.nodes(odrl::CONSTRAINT);
        let left: Vec<_> = operands.iter().filter_map(|c| c.first_id(odrl::LEFT_OPERAND)).collect();
        assert_eq!(left, [edc::IN_FORCE_DATE, odrl::SPATIAL]);
        assert_eq!(operands[1].first_str(odrl::RIGHT_OPERAND).as_deref(), Some("EU"));
    }
}

fn concat_ns(local: &str) -> String {
    format!("{}{local}", edc::NS)
}

#[test]
fn protocol_messages() {
    let node = ok(json!({
        "@context": [DSPACE_CONTEXT, EDC_DSPACE_CONTEXT], "@type": "Catalog", "participantId": "provider",
        "dataset": [{"@id": "asset-1", "@type": "Dataset", "description": "d", "edc:name": "n",
            "hasPolicy": [{"@id": "o", "@type": "Offer", "permission": [{"action": "use"}]}],
            "distribution": [{"@type": "Distribution", "format": "HttpData-PULL"}]}]
    }));
    let node = Node::new(&node).unwrap();
    assert_eq!(node.types(), [dcat::CATALOG_CLASS]);
    assert_eq!(node.first_id(dspace::PARTICIPANT_ID), Some("provider"));
    let dataset = node.first_node(dcat::DATASET).unwrap();
    assert_eq!(dataset.first_str(edc::NAME).as_deref(), Some("n"));
    assert_eq!(dataset.first_str(edc::DESCRIPTION).as_deref(), Some("d"));
    let distribution = dataset.first_node(dcat::DISTRIBUTION).unwrap();
    assert_eq!(distribution.first_str(dct::FORMAT).as_deref(), Some("HttpData-PULL"));
    let request = ok(json!({"@context": [DSPACE_CONTEXT], "@type": "DatasetRequestMessage", "dataset": "d"}));
    assert_eq!(request[dspace::DATASET], json!([{"@value": "d"}]));
    let property =
        ok(json!({"@context": [DSPACE_CONTEXT], "@type": "EndpointProperty", "name": "n", "value": "v"}));
    assert_eq!(property[dspace::NAME], json!([{"@value": "n"}]));
}

#[test]
fn credentials() {
    let node = ok(json!({
        "@context": [CREDENTIALS_V2_CONTEXT, GX_CONTEXT],
        "id": "https://p.example/vc", "type": ["VerifiableCredential", "gx:LegalPerson"],
        "issuer": "did:web:p.example", "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {"id": "https://p.example/vc#cs", "type": "gx:LegalPerson", "schema:name": "P",
            "gx:legalAddress": {"type": "gx:Address", "gx:countryCode": "DE", "locality": "Bonn"}}
    }));
    let node = Node::new(&node).unwrap();
    assert_eq!(node.types(), [cred::VERIFIABLE_CREDENTIAL_CLASS, gx::LEGAL_PERSON]);
    assert_eq!(node.first_id(cred::ISSUER), Some("did:web:p.example"));
    assert_eq!(node.values(cred::VALID_FROM)[0]["@type"], xsd::DATE_TIME);
    let subject = node.first_node(cred::CREDENTIAL_SUBJECT).unwrap();
    assert_eq!(subject.first_str(schema::NAME).as_deref(), Some("P"));
    let address = subject.first_node(gx::LEGAL_ADDRESS).unwrap();
    assert_eq!(address.first_str(gx::COUNTRY_CODE).as_deref(), Some("DE"));
    assert_eq!(address.first_str(crate::vcard::LOCALITY).as_deref(), Some("Bonn"));
}

#[test]
fn node_accessors() {
    let value = json!({
        "@id": "n", "@type": ["http://t"],
        "http://l": [{"@list": [{"@value": "a"}, {"@id": "b"}]}],
        "http://m": [{"@value": 7}, {"@value": true}, {"@value": "8"}], "http://e": []
    });
    let node = Node::new(&value).unwrap();
    assert_eq!(node.values("http://l").len(), 2);
    assert_eq!(node.first_str("http://l").as_deref(), Some("a"));
    assert_eq!(node.first_id("http://l"), Some("b"));
    assert_eq!(node.nodes("http://l").len(), 1);
    assert_eq!((node.first_i64("http://m"), node.first_bool("http://m")), (Some(7), Some(true)));
    assert_eq!(node.first_str("http://m").as_deref(), Some("7"));
    assert!(node.has("http://e") && !node.has("http://f") && node.values("http://f").is_empty());
    assert_eq!(node.keys().count(), 3);
    assert!(Node::new(&json!({"@value": 1})).is_none() && Node::new(&json!("x")).is_none());
}
