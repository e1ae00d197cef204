//! Entente's own terms, used only where no public vocabulary has one.

vocabulary! {
    "https://w3id.org/entente/v1/", "ent";
    SIGNATURE = "signature",
    SIGNED_AGREEMENT = "signedAgreement",
    PURPOSE = "purpose",
}
