//! Whose credentials count, for each type of credential. Nobody's, unless the operator says so.

use policies::decide::same_type;

/// The issuers that the operator trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedIssuers(Vec<(String, Who)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// A participant's word about itself is enough.
    Subject,
    Issuer(String),
}

impl TrustedIssuers {
    /// From entries of the form `TYPE=DID`, or `TYPE=self` for what participants may say about themselves.
    ///
    /// # Errors
    /// The entry that is not of this form.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let read = entries.iter().map(|entry| {
            let bad = || format!("{entry:?} is not of the form TYPE=did:web:... or TYPE=self");
            // A type may be an address with an equals sign in it; a DID has none.
            let (kind, who) = entry.rsplit_once('=').ok_or_else(bad)?;
            let who = match who.trim() {
                "self" => Who::Subject,
                did if did.len() > "did:web:".len() && did.starts_with("did:web:") => {
                    Who::Issuer(did.to_owned())
                }
                _ => return Err(bad()),
            };
            if kind.trim().is_empty() { Err(bad()) } else { Ok((kind.trim().to_owned(), who)) }
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// Those of `types` for which `issuer` is trusted when it speaks about `subject`.
    pub(super) fn accepted(&self, issuer: &str, subject: &str, types: &[String]) -> Vec<String> {
        let trusts = |kind: &&String| {
            self.0.iter().any(|(trusted, who)| {
                let right = match who {
                    Who::Subject => issuer == subject,
                    Who::Issuer(did) => did == issuer,
                };
                right && same_type(trusted, kind)
            })
        };
        types.iter().filter(trusts).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_per_type() {
        let parse = |entries: &[&str]| {
            TrustedIssuers::parse(&entries.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>())
        };
        let trusted = parse(&[
            "Membership=did:web:assoc.example",
            "https://x.example/?t=A#B=did:web:b",
            "gx:LegalPerson=self",
        ])
        .unwrap();
        let types =
            ["Membership".to_owned(), "gx:LegalPerson".to_owned(), "https://x.example/?t=A#B".to_owned()];
        let accepted = |issuer: &str| trusted.accepted(issuer, "did:web:me", &types);
        assert_eq!(accepted("did:web:assoc.example"), types[..1]);
        assert_eq!(accepted("did:web:me"), types[1..2]);
        assert_eq!(accepted("did:web:b"), types[2..]);
        assert!(accepted("did:web:other").is_empty());
        assert!(TrustedIssuers::default().accepted("did:web:me", "did:web:me", &types).is_empty());
        for bad in
            ["Membership", "=did:web:a", "Membership=", "Membership=did:web:", "Membership=*", "A=did:key:z"]
        {
            assert!(parse(&[bad]).unwrap_err().contains(bad), "{bad}");
        }
    }
}
