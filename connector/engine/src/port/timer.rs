//! What is looked at again at a later instant.

/// What a timer is about. It is looked at in full when the timer fires, so that firing twice does no harm.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Watched {
    /// An agreement, by id: has the time of its policy passed?
    Agreement(String),
    /// A transfer that was asked for, by our process id: did it start in time?
    Request(String),
    /// A running transfer, by our process id: may it go on?
    Transfer(String),
    /// The duties of an agreement: were they done in time?
    Duties(String),
}

impl Watched {
    /// Name of the kind, as stored.
    #[must_use]
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Agreement(_) => "agreement",
            Self::Request(_) => "transfer-request",
            Self::Transfer(_) => "transfer",
            Self::Duties(_) => "duties",
        }
    }

    /// Key of the record.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Agreement(id) | Self::Request(id) | Self::Transfer(id) | Self::Duties(id) => id,
        }
    }

    /// The reverse of [`Self::what`] and [`Self::subject`]; none for a kind that is not known.
    #[must_use]
    pub fn of(what: &str, subject: String) -> Option<Self> {
        match what {
            "agreement" => Some(Self::Agreement(subject)),
            "transfer-request" => Some(Self::Request(subject)),
            "transfer" => Some(Self::Transfer(subject)),
            "duties" => Some(Self::Duties(subject)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Watched;

    #[test]
    fn names_are_read_back() {
        let id = || "a".to_owned();
        for watched in
            [Watched::Agreement(id()), Watched::Request(id()), Watched::Transfer(id()), Watched::Duties(id())]
        {
            assert_eq!(Watched::of(watched.what(), watched.subject().to_owned()), Some(watched));
        }
        assert_eq!(Watched::of("moon", id()), None);
    }
}
