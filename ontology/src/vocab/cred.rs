//! W3C Verifiable Credentials 2.0.

vocabulary! {
    "https://www.w3.org/2018/credentials#", "cred";
    VERIFIABLE_CREDENTIAL_CLASS = "VerifiableCredential",
    VERIFIABLE_PRESENTATION = "VerifiablePresentation",
    ENVELOPED_VERIFIABLE_CREDENTIAL = "EnvelopedVerifiableCredential",
    ENVELOPED_VERIFIABLE_PRESENTATION = "EnvelopedVerifiablePresentation",
    JSON_SCHEMA = "JsonSchema",
    CREDENTIAL_SUBJECT = "credentialSubject",
    CREDENTIAL_STATUS = "credentialStatus",
    CREDENTIAL_SCHEMA = "credentialSchema",
    ISSUER = "issuer",
    ISSUANCE_DATE = "issuanceDate",
    EXPIRATION_DATE = "expirationDate",
    VALID_FROM = "validFrom",
    VALID_UNTIL = "validUntil",
    HOLDER = "holder",
    VERIFIABLE_CREDENTIAL = "verifiableCredential",
    EVIDENCE = "evidence",
    TERMS_OF_USE = "termsOfUse",
    DIGEST_SRI = "digestSRI",
}
