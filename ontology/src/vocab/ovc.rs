//! The Gaia-X profile of ODRL for conditions on verifiable credentials.

vocabulary! {
    "https://w3id.org/gaia-x/ovc/1/", "ovc";
    CONSTRAINT = "constraint",
    LEFT_OPERAND = "leftOperand",
    CREDENTIAL_SUBJECT_TYPE = "credentialSubjectType",
}
