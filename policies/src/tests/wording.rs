use super::*;

fn said(policy: &Policy, lang: Lang) -> String {
    sentences(policy, lang).join("\n").replace('\u{a0}', " ")
}

fn refused(policy: &Policy, facts: &Facts, lang: Lang) -> String {
    refusal(&decide(policy, facts), lang).join("\n").replace('\u{a0}', " ")
}

fn rich() -> Policy {
    policy(json!({
        "permission": [{"action": "use", "duty": [{"action": "log"}], "constraint": [
            atom("spatial", "isPartOf", json!("EU")),
            atom("dateTime", "lteq", json!("2026-07-01T00:00:00Z")),
            {"or": [atom("purpose", "isAnyOf", json!(["research", "teaching"])), atom("claim:role", "eq", json!("auditor"))]},
            atom("count", "lteq", json!("5")),
            atom("elapsedTime", "lteq", json!("P1DT12H")),
            atom("https://w3id.org/entente/v1/signedAgreement", "eq", json!("true"))]}],
        "prohibition": [{"action": "distribute"}],
        "obligation": [{"action": "attribute"}, {"action": "delete", "constraint": [
            atom("inForceDate", "gteq", json!("contractAgreement+30d"))]}],
    }))
}

#[test]
fn sentences_in_english() {
    insta::assert_snapshot!(said(&rich(), Lang::En), @r"
    You may use the data, provided that the country of your seat is in this area: European Union (EU) and the time is not after 1 July 2026, 00:00 UTC and (the purpose is one of research, teaching or the field role of your credential is auditor) and the number of uses is at most 5 and the time since the agreement is at most 1 day 12 hours and both parties have signed the agreement, and must then have the use logged.
    You may not pass the data on.
    You must name the source.
    You must delete the data, when the time is not before 30 days after the agreement.
    ");
}

#[test]
fn sentences_in_french() {
    insta::assert_snapshot!(said(&rich(), Lang::Fr), @r"
    Vous pouvez utiliser les données, à ces conditions : le pays de votre siège se trouve dans cette zone : Union européenne (EU) ; la date ne dépasse pas le 1er juillet 2026 à 00:00 UTC ; (la finalité figure parmi research, teaching ou le champ role de votre attestation est auditor) ; le nombre d’usages est d’au plus 5 ; le temps écoulé depuis l’accord est d’au plus 1 jour 12 heures ; les deux parties ont signé l’accord, et devez alors accepter que l’usage soit journalisé.
    Vous ne pouvez pas transmettre les données.
    Vous devez citer la source.
    Vous devez supprimer les données, dans ce cas : la date n’est pas avant 30 jours après l’accord.
    ");
}

#[test]
fn refusals_in_english() {
    let mut facts = facts();
    facts.now = at("2026-08-01");
    facts.uses = Some(6);
    facts.claims.insert("spatial".to_owned(), vec!["US".to_owned()]);
    insta::assert_snapshot!(refused(&rich(), &facts, Lang::En), @r"
    the condition “the country of your seat is in this area: European Union (EU)” is not met (found: United States (US))
    the condition “the time is not after 1 July 2026, 00:00 UTC” is not met (found: 1 August 2026, 00:00 UTC)
    the condition “the purpose is one of research, teaching” cannot be checked, as no such value is known
    the condition “the field role of your credential is auditor” is not met (found: member, auditor)
    the condition “the number of uses is at most 5” is not met (found: 6)
    the condition “the time since the agreement is at most 1 day 12 hours” is not met (found: 92 days)
    ");
    insta::assert_snapshot!(refused(&rich(), &nobody(), Lang::En), @r"
    the condition “the country of your seat is in this area: European Union (EU)” cannot be checked, as no such value is known
    the condition “the purpose is one of research, teaching” cannot be checked, as no such value is known
    the condition “the field role of your credential is auditor” cannot be checked, as no such value is known
    the condition “the number of uses is at most 5” cannot be checked, as no such value is known
    the condition “the time since the agreement is at most 1 day 12 hours” cannot be checked, as no such value is known
    ");
}

#[test]
fn refusals_in_french() {
    let mut facts = facts();
    facts.now = at("2026-08-01");
    facts.uses = Some(6);
    facts.claims.insert("spatial".to_owned(), vec!["US".to_owned()]);
    insta::assert_snapshot!(refused(&rich(), &facts, Lang::Fr), @r"
    la condition « le pays de votre siège se trouve dans cette zone : Union européenne (EU) » n’est pas remplie (constaté : États-Unis (US))
    la condition « la date ne dépasse pas le 1er juillet 2026 à 00:00 UTC » n’est pas remplie (constaté : le 1er août 2026 à 00:00 UTC)
    la condition « la finalité figure parmi research, teaching » ne peut pas être vérifiée, faute de valeur connue
    la condition « le champ role de votre attestation est auditor » n’est pas remplie (constaté : member, auditor)
    la condition « le nombre d’usages est d’au plus 5 » n’est pas remplie (constaté : 6)
    la condition « le temps écoulé depuis l’accord est d’au plus 1 jour 12 heures » n’est pas remplie (constaté : 92 jours)
    ");
}

#[test]
fn other_reasons() {
    let all = [
        policy(json!({"permission": [{"action": "read"}]})),
        policy(json!({"permission": [{"action": "use"}], "prohibition": [{"action": "use"}]})),
        unless("spatial", "eq", json!("FR")),
        policy(json!({"permission": [{"action": "use", "assignee": "did:web:d.example"}]})),
        policy(json!({"permission": [{"action": "use", "duty": [{"action": "compensate"}]}]})),
        policy(json!({"permission": [{"action": "use", "remedy": [{"action": "delete"}]}]})),
        policy(json!({"permission": [{"action": "use", "constraint": [
            {"xone": [atom("spatial", "eq", json!("FR")), atom("recipient", "eq", json!("did:web:c.example"))]}]}]})),
        only("spatial", "eq", json!("FR-29")),
        only("spatial", "eq", json!("Asia")),
    ];
    let lines = |lang| all.iter().map(|p| refused(p, &facts(), lang)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(lines(Lang::En), @r"
    No permission of the policy covers this.
    “use the data” is forbidden
    forbidden: the condition “the country of your seat is France (FR)” holds (found: France (FR))
    the condition “the participant is did:web:d.example” is not met (found: did:web:c.example)
    “pay for the use” must come before the use, and this connector cannot see whether it was done
    This connector does not understand “remedy”
    too many hold of which only one may: the condition “the country of your seat is France (FR)” holds (found: France (FR))
    too many hold of which only one may: the condition “the participant is did:web:c.example” holds (found: did:web:c.example)
    the condition “the country of your seat is FR-29” cannot be decided (found: France (FR))
    the condition “the country of your seat is in this area: Asia” is not met (found: France (FR))
    ");
    insta::assert_snapshot!(lines(Lang::Fr), @r"
    Aucune permission de la politique ne couvre cet usage.
    « utiliser les données » est interdit
    interdit : la condition « le pays de votre siège est France (FR) » est remplie (constaté : France (FR))
    la condition « le participant est did:web:d.example » n’est pas remplie (constaté : did:web:c.example)
    « payer l’usage » doit précéder l’usage, et ce connecteur ne peut pas voir si c’est fait
    Ce connecteur ne comprend pas « remedy »
    trop de conditions sont remplies, une seule le peut : la condition « le pays de votre siège est France (FR) » est remplie (constaté : France (FR))
    trop de conditions sont remplies, une seule le peut : la condition « le participant est did:web:c.example » est remplie (constaté : did:web:c.example)
    la condition « le pays de votre siège est FR-29 » ne peut pas être tranchée (constaté : France (FR))
    la condition « le pays de votre siège se trouve dans cette zone : Asie (Asia) » n’est pas remplie (constaté : France (FR))
    ");
}

/// A condition that holds, or one beside which another holds, is no reason.
#[test]
fn only_what_stands_in_the_way_is_named() {
    let p = policy(json!({"permission": [{"action": "use", "constraint": [
        atom("spatial", "eq", json!("BE")),
        {"or": [atom("recipient", "eq", json!("did:web:x")), atom("claim:role", "isAnyOf", json!("member"))]}]}],
        "prohibition": [{"action": "use", "constraint": [atom("spatial", "eq", json!("FR")), atom("count", "gt", json!("3"))]}]}));
    let verdict = decide(&p, &facts());
    let blocking: Vec<&str> = verdict.clauses.iter().filter(|c| c.blocks).map(|c| c.path.as_str()).collect();
    assert_eq!(blocking, ["permission/0/constraint/0"]);
}

#[test]
fn every_action_of_the_vocabulary_can_be_said() {
    for (action, _) in terms::ACTIONS {
        let p = policy(json!({"permission": [{"action": action}]}));
        for lang in [Lang::En, Lang::Fr] {
            assert!(said(&p, lang).ends_with('.'), "{action}");
        }
    }
}
