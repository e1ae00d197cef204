//! French.

use super::Catalogue;

pub(super) static WORDS: Catalogue = Catalogue {
    action,
    operand,
    operator,
    you_may: "Vous pouvez",
    you_may_not: "Vous ne pouvez pas",
    you_must: "Vous devez",
    nothing: "Rien n’est permis.",
    only_if: ", à condition que :",
    and: " et ",
    or: " ou ",
    one_of: "exactement une de ces conditions soit remplie :",
    in_order: "ces conditions soient remplies dans cet ordre :",
    duty: ", et devez alors",
    condition: "la condition",
    found: "constaté :",
    not_known: "ne peut pas être vérifiée, faute de valeur connue",
    later: "sera vérifiée plus tard",
    contractual: "engage par contrat et n’est pas observée par ce connecteur",
    holds: "est remplie",
    fails: "n’est pas remplie",
    forbidden: "interdit : ",
    no_permission: "Aucune permission de la politique ne couvre cet usage.",
    lang: "fr",
};

fn action(name: &str) -> &str {
    match name {
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
        "sell" => "vendre les données",
        "transfer" => "céder les données",
        "reproduce" => "copier les données",
        "derive" => "créer une œuvre dérivée des données",
        other => other,
    }
}

fn operand(name: &str) -> Option<&'static str> {
    Some(match name {
        "dateTime" => "la date",
        "spatial" => "le pays de votre siège",
        "purpose" => "la finalité",
        "recipient" => "le participant",
        "count" => "le nombre d’usages",
        "elapsedTime" => "le temps écoulé depuis l’accord",
        "https://w3id.org/edc/v0.0.1/ns/inForceDate" => "la date",
        crate::terms::SIGNED_AGREEMENT => "un accord signé par les deux parties",
        _ => return None,
    })
}

fn operator(name: &str) -> &'static str {
    match name {
        "eq" => "est",
        "neq" => "n’est pas",
        "lt" => "est strictement avant ou sous",
        "lteq" => "est au plus",
        "gt" => "est strictement après ou au-dessus de",
        "gteq" => "est au moins",
        "isA" => "est une sorte de",
        "isPartOf" => "se trouve dans",
        "hasPart" => "contient",
        "isAnyOf" => "est l’une de :",
        "isNoneOf" => "n’est aucune de :",
        _ => "comprend toutes ces valeurs :",
    }
}
