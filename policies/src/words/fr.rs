//! French.

use super::Catalogue;
use crate::decide::WhyNot;
use crate::relate::Stage;
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
    set_aside,
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
    narrowed: "avec cette précision\u{a0}:",
    members_of: "les membres de",
    anyone: "quiconque",
    values_at: "ce qui est indiqué dans",
    within_last: "au cours de cette durée\u{a0}:",
    else_also: "\u{a0}; si ce n’est pas fait à temps, vous devez aussi",
    remedy: " Si cela arrive malgré tout, vous devez",
    strategies: [
        "Quand une permission et une interdiction se rencontrent, la permission l’emporte.",
        "Quand une permission et une interdiction se rencontrent, l’interdiction l’emporte.",
        "Quand une permission et une interdiction se rencontrent, toute la politique est nulle.",
    ],
    contradicting: "La politique se contredit sur ce qui l’emporte\u{a0}; elle est nulle quand une permission et une interdiction se rencontrent.",
    inherits: "Les règles de cette politique s’y ajoutent\u{a0}; sans elles, rien n’est permis\u{a0}:",
    replaced: "La politique est nulle\u{a0}; celle-ci l’a remplacée\u{a0}:",
    grants_nothing: "Une politique de cette sorte ne permet rien par elle-même\u{a0}:",
    profile: "Les termes de ce profil sont employés\u{a0}:",
    permitted: "C’est permis.",
    permitted_changed: "C’est permis, sur des données d’abord modifiées\u{a0}:",
    denied: "Ce n’est pas permis.",
    void: "Une permission et une interdiction s’appliquent toutes deux.",
    still_to_do: "Reste à faire\u{a0}:",
    until: "échéance\u{a0}:",
    may_change: "La réponse peut changer à cette date\u{a0}:",
    by_us: "appliqué par ce connecteur",
    by_peer: "appliqué par l’autre connecteur, qui doit le prouver",
    by_law: "obligation du contrat seulement",
    lacking: "il manque à ce connecteur",
    stage,
    capability,
    answer,
    lint,
};

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Catalogue => "catalogue",
        Stage::Negotiation => "négociation",
        Stage::Transfer => "début du transfert",
        Stage::Stream => "transfert",
    }
}

fn set_aside(issuer: &str, why: WhyNot) -> String {
    let why = match why {
        WhyNot::Untrusted => "ne compte pas, car cet émetteur n’est pas agréé pour elle",
        WhyNot::Revoked => "a été révoquée",
        WhyNot::Suspended => "est suspendue",
        WhyNot::Unchecked => "ne compte pas, car sa révocation ne peut pas être vérifiée",
        WhyNot::Early => "n’est pas encore valable",
        WhyNot::Expired => "a expiré",
    };
    format!("l’attestation de {issuer} {why}")
}

fn capability(name: &str) -> &'static str {
    match name {
        "events" => "une source d’événements",
        "payments" => "une preuve des paiements",
        "consents" => "un registre des consentements",
        "transforms" => "un moyen de modifier les données en route",
        "network" => "la position du consommateur sur le réseau",
        "metadata" => "les métadonnées du jeu de données",
        "collections" => "la liste des membres de la collection",
        "credentials" => "la lecture des attestations",
        "onward" => "un contrôle des offres en aval",
        _ => "une attestation de l’autre connecteur",
    }
}

fn answer(holds: Option<bool>, because: &str) -> &'static str {
    match (holds, because) {
        (Some(true), "overlap") => "Il existe un usage que les deux politiques permettent",
        (Some(true), _) => "Tout ce que la première politique permet, la seconde le permet aussi",
        (Some(false), "not-covered") => "La première politique permet plus que la seconde",
        (Some(false), "prohibited") => "La seconde politique interdit ce que la première laisse libre",
        (Some(false), "duty-missing") => "La seconde politique exige plus que la première",
        (Some(false), "no-overlap") => "Aucun usage ne satisfait les deux politiques",
        (Some(false), _) => "Les politiques ne permettent ensemble aucun usage",
        (None, "strategy") => {
            "Les deux politiques ne disent pas de même si la permission ou l’interdiction l’emporte"
        }
        (None, _) => "La question ne peut pas être tranchée",
    }
}

fn lint(code: &str) -> &'static str {
    match code {
        "no-permission" => {
            "rien n’est permis, car une politique sans permission ne permet rien ici ; Eclipse EDC lit des listes de règles vides comme une permission pour tous, écrivez donc la permission d’utiliser"
        }
        "never" => "les conditions s’excluent, si bien que cela ne s’applique jamais",
        "clash" => "ce qui est permis ou exigé ici est interdit ailleurs dans la politique",
        "clash-maybe" => "ce qui est permis ou exigé ici est peut-être interdit ailleurs dans la politique",
        "operator" => "le vocabulaire ne prévoit pas cet opérateur pour cet opérande",
        "unit" => "un montant demande sa devise",
        "value" => "la valeur n’est pas du type indiqué",
        "twice" => "la même condition figure ici deux fois",
        "strategies" => "les stratégies de conflit se contredisent",
        "parties" => "un accord nomme son fournisseur et son consommateur, et une offre son fournisseur",
        "deprecated" => "l’action est obsolète",
        "single" => "une liste d’une seule valeur se lit mieux avec un autre opérateur",
        _ => "ce connecteur ne l’applique pas",
    }
}

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
        "timeInterval" => "le temps écoulé depuis le dernier usage",
        "meteredTime" => "la durée totale d’usage",
        "event" => "le moment de l’usage",
        "percentage" => "la part des données en pour cent",
        "language" => "la langue",
        "fileFormat" => "le format de fichier",
        "version" => "la version",
        "industry" => "le secteur",
        "media" => "le support",
        "product" => "le produit",
        "resolution" => "la résolution",
        "virtualLocation" => "la position sur le réseau",
        "systemDevice" | "system" | "device" => "le système",
        "spatialCoordinates" => "la position",
        "deliveryChannel" => "le mode de livraison",
        "absoluteSize" => "la taille",
        "unitOfCount" => "l’unité comptée",
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
        ("lt", Some(Sort::Event)) => "précède",
        ("lteq", Some(Sort::Event)) => "précède la fin de",
        ("eq", Some(Sort::Event)) => "tombe pendant",
        ("gteq", Some(Sort::Event)) => "suit le début de",
        ("gt", Some(Sort::Event)) => "suit",
        ("eq", Some(Sort::Metered)) => "est d’au plus",
        ("eq", Some(Sort::Interval)) => "est d’au moins",
        ("eq", _) => "est",
        ("neq", _) => "n’est pas",
        ("lt", _) => "est en dessous de",
        ("lteq", _) => "est d’au plus",
        ("gt", _) => "dépasse",
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
