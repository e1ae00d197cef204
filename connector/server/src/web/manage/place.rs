//! Where in a body something is wrong: the IRIs of the expanded form, joined by slashes.

use ontology::{edc, odrl};

/// Names that mean the ODRL term wherever the engine uses them.
const ODRL: [&str; 19] = [
    "permission",
    "prohibition",
    "obligation",
    "duty",
    "action",
    "constraint",
    "leftOperand",
    "rightOperand",
    "target",
    "assigner",
    "assignee",
    "profile",
    "conflict",
    "unit",
    "and",
    "andSequence",
    "or",
    "xone",
    "uid",
];

/// The place of a field that the engine names.
pub(super) fn of_field(field: &str) -> String {
    if field.contains("://") {
        return field.to_owned();
    }
    let field = match field {
        "address" => "counterPartyAddress",
        "format" => "transferType",
        other => other,
    };
    // The engine calls offer what is the policy of a request.
    let field =
        field.strip_prefix("offer/").map_or_else(|| field.to_owned(), |rest| format!("policy/{rest}"));
    join(field.split('/'), false)
}

/// The place of a JSON pointer into the body as it was sent.
pub(super) fn of_pointer(pointer: &str) -> String {
    let segments: Vec<String> =
        pointer.split('/').map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
    join(segments.iter().map(String::as_str), false)
}

/// A place within a policy.
pub(super) fn odrl(path: &str) -> String {
    join(path.split('/'), true)
}

fn join<'s>(segments: impl Iterator<Item = &'s str>, within_policy: bool) -> String {
    let mut in_odrl = within_policy;
    let mut out = Vec::new();
    for segment in segments.filter(|s| !s.is_empty()) {
        let keyword = segment.starts_with('@') || segment.contains(':');
        out.push(if keyword || segment.bytes().all(|b| b.is_ascii_digit()) {
            segment.to_owned()
        } else if in_odrl || ODRL.contains(&segment) {
            in_odrl = true;
            format!("{}{segment}", odrl::NS)
        } else {
            // What stands in a policy is ODRL's.
            in_odrl = segment == "policy";
            format!("{}{segment}", edc::NS)
        });
    }
    out.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDC: &str = "https://w3id.org/edc/v0.0.1/ns/";
    const RULES: &str = "http://www.w3.org/ns/odrl/2/";

    #[test]
    fn names_of_the_engine_become_iris() {
        for (field, path) in [
            ("contractId", format!("{EDC}contractId")),
            ("address", format!("{EDC}counterPartyAddress")),
            ("@id", "@id".to_owned()),
            ("assetsSelector/operator", format!("{EDC}assetsSelector/{EDC}operator")),
            ("offer/@id", format!("{EDC}policy/@id")),
            ("offer/target", format!("{EDC}policy/{RULES}target")),
            (
                "policy/permission/0/constraint/1/operator",
                format!("{EDC}policy/{RULES}permission/0/{RULES}constraint/1/{RULES}operator"),
            ),
            ("permission/0/action", format!("{RULES}permission/0/{RULES}action")),
            ("https://a/b", "https://a/b".to_owned()),
        ] {
            assert_eq!(of_field(field), path);
        }
    }

    #[test]
    fn pointers_are_unescaped() {
        assert_eq!(of_pointer("/policy/@context"), format!("{EDC}policy/@context"));
        assert_eq!(of_pointer("/https:~1~1x~1y/0"), "https://x/y/0");
        assert_eq!(of_pointer(""), "");
    }
}
