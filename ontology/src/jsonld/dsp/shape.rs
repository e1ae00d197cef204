//! The members of protocol messages: name, meaning and form.

use crate::{dcat, dct, dspace, edc, ent, foaf, gx, odrl, rdf, rdfs, schema, spdx, vcard, xsd};

/// The form that the schemas give a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text; references are written as texts.
    Text,
    /// One text or several.
    Texts,
    /// A text that names a term: `use`, `eq`, `REQUESTED`.
    Term,
    /// The left side of a constraint: a term of ODRL, or an IRI.
    Operand,
    /// The right side of a constraint: text, object or array.
    Value,
    /// One object.
    Object,
    /// An array of objects.
    Objects,
    /// A text that refers, or an object.
    Reference,
    /// An array of anything.
    Array,
}

/// One member.
pub(super) struct Member {
    pub(super) term: &'static str,
    pub(super) iri: &'static str,
    pub(super) shape: Shape,
}

macro_rules! members {
    ($($iri:path => $term:literal $shape:ident,)*) => {
        &[$(Member { term: $term, iri: $iri, shape: Shape::$shape },)*]
    };
}

/// All members with a fixed form. `dataset` stands here twice: in a request it is a text, elsewhere an array.
pub(super) const MEMBERS: &[Member] = members! {
    dcat::DATASET => "dataset" Objects,
    dspace::DATASET => "dataset" Text,
    dspace::FILTER => "filter" Array,
    dspace::CODE => "code" Text,
    dspace::REASON => "reason" Array,
    dspace::CALLBACK_ADDRESS => "callbackAddress" Text,
    dspace::PROVIDER_PID => "providerPid" Text,
    dspace::CONSUMER_PID => "consumerPid" Text,
    dspace::OFFER => "offer" Object,
    dspace::AGREEMENT => "agreement" Object,
    dspace::AGREEMENT_ID => "agreementId" Text,
    dspace::TIMESTAMP => "timestamp" Text,
    dspace::EVENT_TYPE => "eventType" Term,
    dspace::STATE => "state" Term,
    dspace::DATA_ADDRESS => "dataAddress" Object,
    dspace::ENDPOINT_TYPE => "endpointType" Text,
    dspace::ENDPOINT_PROPERTIES => "endpointProperties" Objects,
    dspace::ENDPOINT => "endpoint" Text,
    dspace::NAME => "name" Text,
    dspace::VALUE => "value" Text,
    dspace::PARTICIPANT_ID => "participantId" Text,
    dcat::CATALOG => "catalog" Objects,
    dcat::DISTRIBUTION => "distribution" Objects,
    dcat::SERVICE => "service" Objects,
    dcat::SERVES_DATASET => "servesDataset" Objects,
    dcat::ACCESS_SERVICE => "accessService" Reference,
    dcat::ENDPOINT_URL => "endpointURL" Text,
    dcat::ENDPOINT_DESCRIPTION => "endpointDescription" Text,
    dct::FORMAT => "format" Text,
    odrl::HAS_POLICY => "hasPolicy" Objects,
    odrl::PERMISSION => "permission" Objects,
    odrl::PROHIBITION => "prohibition" Objects,
    odrl::OBLIGATION => "obligation" Objects,
    odrl::DUTY => "duty" Objects,
    odrl::CONSTRAINT => "constraint" Objects,
    odrl::REFINEMENT => "refinement" Objects,
    odrl::REMEDY => "remedy" Objects,
    odrl::CONSEQUENCE => "consequence" Objects,
    odrl::AND => "and" Objects,
    odrl::OR => "or" Objects,
    odrl::XONE => "xone" Objects,
    odrl::AND_SEQUENCE => "andSequence" Objects,
    odrl::TARGET => "target" Text,
    odrl::ASSIGNER => "assigner" Text,
    odrl::ASSIGNEE => "assignee" Text,
    odrl::PROFILE => "profile" Texts,
    odrl::ACTION => "action" Term,
    odrl::OPERATOR => "operator" Term,
    odrl::LEFT_OPERAND => "leftOperand" Operand,
    odrl::RIGHT_OPERAND => "rightOperand" Value,
};

/// Namespaces of the older protocol versions; the local names did not change.
const OLD_DSPACE: [&str; 2] = ["https://w3id.org/dspace/2024/1/", "https://w3id.org/dspace/v0.8/"];

/// Prefixes used for what has no unprefixed term.
const PREFIXES: &[(&str, &str)] = &[
    ("dct", dct::NS),
    ("dcat", dcat::NS),
    ("odrl", odrl::NS),
    ("dspace", dspace::NS),
    ("edc", edc::NS),
    ("ent", ent::NS),
    ("spdx", spdx::NS),
    ("foaf", foaf::NS),
    ("gx", gx::NS),
    ("schema", schema::NS),
    ("vcard", vcard::NS),
    ("xsd", xsd::NS),
    ("rdfs", rdfs::NS),
    ("rdf", rdf::NS),
];

/// Unprefixed terms of the Eclipse namespace in its protocol context.
const EDC_TERMS: [&str; 6] = ["id", "description", "isCatalog", "inForceDate", "QuerySpec", "Criterion"];

/// Members of Eclipse's query objects, which are unprefixed inside those only.
const QUERY_TERMS: [&str; 8] = [
    "offset",
    "limit",
    "sortOrder",
    "sortField",
    "filterExpression",
    "operandLeft",
    "operator",
    "operandRight",
];

/// Part of an IRI of any protocol version after the namespace.
pub(super) fn dspace_local(iri: &str) -> Option<&str> {
    let spaces = [dspace::NS].into_iter().chain(OLD_DSPACE);
    spaces.into_iter().find_map(|space| iri.strip_prefix(space))
}

/// The member an IRI stands for.
pub(super) fn by_iri(iri: &str) -> Option<&'static Member> {
    if let Some(local) = dspace_local(iri) {
        let of_protocol = |member: &&Member| member.iri.starts_with(dspace::NS);
        return MEMBERS.iter().filter(of_protocol).find(|member| member.term == local);
    }
    match iri {
        // Spellings of older Eclipse releases.
        "http://www.w3.org/ns/dcat#endpointUrl" | "http://purl.org/dc/terms/endpointUrl" => {
            by_iri(dcat::ENDPOINT_URL)
        }
        _ => MEMBERS.iter().find(|member| member.iri == iri),
    }
}

/// The member of that plain name; for `dataset`, the array.
pub(super) fn by_term(term: &str) -> Option<&'static Member> {
    MEMBERS.iter().find(|member| member.term == term)
}

/// Whether a name is a prefixed or full form of a member that has a plain name.
pub(super) fn has_plain_name(name: &str) -> bool {
    if !name.contains(':') {
        return false;
    }
    by_iri(name).is_some()
        || full_iri(name).is_some_and(|(space, local)| by_iri(&format!("{space}{local}")).is_some())
}

/// Namespace and local part of a prefixed name.
pub(super) fn full_iri(name: &str) -> Option<(&'static str, &str)> {
    let (prefix, local) = name.split_once(':')?;
    PREFIXES.iter().find(|(known, _)| *known == prefix).map(|(_, space)| (*space, local))
}

/// A short name for an IRI without a fixed form: `dct:title`, or the IRI itself.
pub(super) fn short(iri: &str, in_query: bool) -> String {
    if let Some(local) = iri.strip_prefix(edc::NS)
        && (EDC_TERMS.contains(&local) || (in_query && QUERY_TERMS.contains(&local)))
    {
        return local.to_owned();
    }
    if let Some(local) = dspace_local(iri) {
        return format!("dspace:{local}");
    }
    let found = PREFIXES.iter().find_map(|(prefix, space)| Some((prefix, iri.strip_prefix(space)?)));
    match found {
        Some((prefix, local)) if !local.is_empty() && !local.contains(['/', '#', ':']) => {
            format!("{prefix}:{local}")
        }
        _ => iri.to_owned(),
    }
}

/// The plain name of a class: protocol, catalogue and policy classes have no prefix.
pub(super) fn class(iri: &str) -> String {
    let plain =
        dspace_local(iri).or_else(|| iri.strip_prefix(dcat::NS)).or_else(|| iri.strip_prefix(odrl::NS));
    match plain {
        Some(local) if !local.is_empty() => local.to_owned(),
        _ => short(iri, false),
    }
}

/// The plain name of a term value such as a state, an action or an operator.
pub(super) fn term(text: &str) -> String {
    let plain = dspace_local(text)
        .or_else(|| text.strip_prefix(odrl::NS))
        .or_else(|| text.strip_prefix("dspace:"))
        .or_else(|| text.strip_prefix("odrl:"));
    plain.filter(|local| !local.is_empty()).unwrap_or(text).to_owned()
}

/// The plain name of a left operand; only ODRL's own and Eclipse's one well-known operand have one.
pub(super) fn operand(text: &str) -> String {
    match text {
        edc::IN_FORCE_DATE | "edc:inForceDate" => "inForceDate".to_owned(),
        _ => match full_iri(text) {
            Some((odrl::NS, local)) => local.to_owned(),
            Some((space, local)) => format!("{space}{local}"),
            None => term(text),
        },
    }
}
