//! French.

use super::Catalogue;
use crate::support::Sort;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

pub(super) static WORDS: Catalogue = Catalogue {
    lang: "fr",
    action,
    operand,
    operator,
    instant,
    units: [("jour", "jours"), ("heure", "heures"), ("minute", "minutes"), ("seconde", "secondes")],
    after_agreement: "après l’accord",
    before_agreement: "avant l’accord",
    signed: "les deux parties ont signé l’accord",
    claim: |name| format!("le champ {name} de votre attestation"),
    you_may: "Vous pouvez",
    you_may_not: "Vous ne pouvez pas",
    you_must: "Vous devez",
    nothing: "Rien n’est permis.",
    only_for: "seulement pour",
    about: "à propos de",
    only_if: ", à ces conditions\u{a0}:",
    when: ", dans ce cas\u{a0}:",
    and: " et ",
    between: "\u{a0}; ",
    or: " ou ",
    one_of: "une seule de ces conditions est remplie\u{a0}:",
    in_order: "ces conditions sont remplies dans cet ordre\u{a0}:",
    duty: ", et devez alors",
    not_understood: "Ce connecteur ne comprend pas",
    condition: "la condition",
    quotes: ("«\u{a0}", "\u{a0}»"),
    found: "constaté\u{a0}:",
    not_known: "ne peut pas être vérifiée, faute de valeur connue",
    not_decided: "ne peut pas être tranchée",
    later: "sera vérifiée plus tard",
    contractual: "est une obligation du contrat que ce connecteur n’observe pas",
    by_connector: "est assuré par ce connecteur",
    undone: "doit précéder l’usage, et ce connecteur ne peut pas voir si c’est fait",
    before_use: "doit précéder l’usage",
    holds: "est remplie",
    fails: "n’est pas remplie",
    forbidden: "interdit\u{a0}: ",
    is_forbidden: "est interdit",
    too_many: "trop de conditions sont remplies, une seule le peut\u{a0}: ",
    no_permission: "Aucune permission de la politique ne couvre cet usage.",
};

fn action(name: &str) -> Option<&'static str> {
    Some(match name {
        "use" => "utiliser les données",
        "read" => "lire les données",
        "distribute" => "transmettre les données",
        "modify" => "modifier les données",
        "delete" => "supprimer les données",
        "log" => "accepter que l’usage soit journalisé",
        "inform" => "accepter que le fournisseur soit informé de l’usage",
        "attribute" => "citer la source",
        "compensate" => "payer l’usage",
        "anonymize" => "anonymiser les données",
        "aggregate" => "combiner les données avec d’autres",
        "archive" => "archiver les données",
        "sell" => "vendre les données",
        "transfer" => "céder les données",
        "reproduce" => "copier les données",
        "extract" => "extraire des parties des données",
        "display" => "afficher les données",
        "print" => "imprimer les données",
        "stream" => "diffuser les données en flux",
        "derive" => "créer une œuvre dérivée des données",
        "translate" => "traduire les données",
        "index" => "indexer les données",
        "grantUse" => "laisser d’autres utiliser les données",
        "nextPolicy" => "ne transmettre les données que sous la politique indiquée",
        "obtainConsent" => "obtenir un consentement",
        "reviewPolicy" => "faire examiner la politique",
        "acceptTracking" => "accepter que l’usage soit suivi",
        "ensureExclusivity" => "garantir l’exclusivité de l’usage",
        _ => return None,
    })
}

fn operand(name: &str) -> Option<&'static str> {
    Some(match name {
        "dateTime" | ontology::edc::IN_FORCE_DATE => "la date",
        "spatial" => "le pays de votre siège",
        "purpose" => "la finalité",
        "recipient" | "assignee" => "le participant",
        "target" => "le jeu de données",
        "count" => "le nombre d’usages",
        "elapsedTime" | "delayPeriod" => "le temps écoulé depuis l’accord",
        "payAmount" => "le montant payé",
        crate::terms::SIGNED_AGREEMENT => "la signature de l’accord par les deux parties",
        _ => return None,
    })
}

fn operator(sort: Option<Sort>, name: &str) -> &'static str {
    match (name, sort) {
        ("lt", Some(Sort::Instant | Sort::InForce)) => "est avant",
        ("lteq", Some(Sort::Instant | Sort::InForce)) => "ne dépasse pas",
        ("gt", Some(Sort::Instant | Sort::InForce)) => "est après",
        ("gteq", Some(Sort::Instant | Sort::InForce)) => "n’est pas avant",
        ("eq", _) => "est",
        ("neq", _) => "n’est pas",
        ("lt", _) => "est inférieur à",
        ("lteq", _) => "est d’au plus",
        ("gt", _) => "est supérieur à",
        ("gteq", _) => "est d’au moins",
        ("isA", _) => "est une sorte de",
        ("isPartOf", Some(Sort::Place)) => "se trouve dans cette zone\u{a0}:",
        ("isPartOf", _) => "fait partie de",
        ("hasPart", _) => "contient",
        ("isAnyOf", _) => "figure parmi",
        ("isNoneOf", _) => "ne figure pas parmi",
        _ => "comprend toutes ces valeurs\u{a0}:",
    }
}

fn instant(year: &str, month: usize, day: u32, time: &str) -> String {
    let month = month.checked_sub(1).and_then(|m| MONTHS.get(m)).unwrap_or(&"");
    let day = if day == 1 { "1er".to_owned() } else { day.to_string() };
    format!("le {day} {month} {year} à {time} UTC")
}
