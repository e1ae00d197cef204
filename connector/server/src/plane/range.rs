//! Byte ranges and preconditions (RFC 9110, sections 13 and 14). Pure.

/// One requested byte range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spec {
    /// From an offset to the end.
    From(u64),
    /// Two offsets, both included.
    Between(u64, u64),
    /// The last so many bytes.
    Last(u64),
}

impl Spec {
    /// Reads a `Range` header. `None` means: answer as if there were none, which is also what several ranges get.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (unit, set) = header.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = set.trim().split_once('-')?;
        match (first, last) {
            ("", last) => number(last).map(Self::Last),
            (first, "") => number(first).map(Self::From),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Between(first, last))
            }
        }
    }

    /// First and last offset within `total` bytes; `None` when nothing of it is there.
    pub(super) fn resolve(self, total: u64) -> Option<(u64, u64)> {
        let end = total.checked_sub(1)?;
        match self {
            Self::From(first) => (first <= end).then_some((first, end)),
            Self::Between(first, last) => (first <= end).then_some((first, last.min(end))),
            Self::Last(0) => None,
            Self::Last(count) => Some((total.saturating_sub(count), end)),
        }
    }

    /// As a `Range` header.
    pub(super) fn header(self) -> String {
        match self {
            Self::From(first) => format!("bytes={first}-"),
            Self::Between(first, last) => format!("bytes={first}-{last}"),
            Self::Last(count) => format!("bytes=-{count}"),
        }
    }
}

/// Digits only; what is too large for us is larger than any file.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// First offset, last offset and total of a `Content-Range` header.
pub(super) fn content_range(header: &str) -> Option<(u64, u64, Option<u64>)> {
    let (span, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = span.trim().split_once('-')?;
    let total = if total == "*" { None } else { Some(number(total)?) };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last, total))
}

/// The conditions and the range of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ask {
    /// Only the head is wanted.
    pub(super) head: bool,
    /// The byte range.
    pub(super) range: Option<Spec>,
    /// `If-Match`.
    pub(super) if_match: Option<String>,
    /// `If-None-Match`.
    pub(super) if_none_match: Option<String>,
    /// `If-Range`.
    pub(super) if_range: Option<String>,
}

/// What the preconditions say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Go on.
    Proceed,
    /// 304.
    NotModified,
    /// 412.
    Failed,
}

impl Ask {
    /// Evaluates `If-Match` and `If-None-Match` against our entity tag.
    pub(super) fn condition(&self, tag: Option<&str>) -> Condition {
        let listed = |list: &str, weak: bool| {
            list.trim() == "*"
                || tag.is_some_and(|tag| {
                    list.split(',').map(str::trim).any(|item| {
                        item == tag || (weak && item.strip_prefix("W/").is_some_and(|item| item == tag))
                    })
                })
        };
        if self.if_match.as_deref().is_some_and(|list| !listed(list, false)) {
            Condition::Failed
        } else if self.if_none_match.as_deref().is_some_and(|list| listed(list, true)) {
            Condition::NotModified
        } else {
            Condition::Proceed
        }
    }

    /// Whether any condition is attached.
    pub(super) const fn is_conditional(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some() || self.if_range.is_some()
    }

    /// The range that counts: only for GET, and only when `If-Range` names our entity tag.
    pub(super) fn effective_range(&self, tag: Option<&str>) -> Option<Spec> {
        let current = self.if_range.as_deref().is_none_or(|wanted| tag == Some(wanted.trim()));
        self.range.filter(|_| current && !self.head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let cases = [
            ("bytes=0-9", Some(Spec::Between(0, 9))),
            ("Bytes=5-", Some(Spec::From(5))),
            ("bytes=-7", Some(Spec::Last(7))),
            ("bytes=99999999999999999999999-", Some(Spec::From(u64::MAX))),
            ("bytes=9-0", None),
            ("bytes=0-1,4-5", None),
            ("bytes=+1-2", None),
            ("bytes=-", None),
            ("items=0-9", None),
            ("bytes", None),
        ];
        for (header, expected) in cases {
            assert_eq!(Spec::parse(header), expected, "{header}");
            if let Some(spec) = expected {
                assert_eq!(Spec::parse(&spec.header()), expected, "{header} written back");
            }
        }
    }

    #[test]
    fn ranges_are_resolved() {
        assert_eq!(Spec::Between(2, 500).resolve(10), Some((2, 9)));
        assert_eq!(Spec::From(9).resolve(10), Some((9, 9)));
        assert_eq!(Spec::From(10).resolve(10), None);
        assert_eq!(Spec::Last(3).resolve(10), Some((7, 9)));
        assert_eq!(Spec::Last(30).resolve(10), Some((0, 9)));
        assert_eq!(Spec::Last(0).resolve(10), None);
        assert_eq!(Spec::From(0).resolve(0), None);
    }

    #[test]
    fn content_ranges_are_read() {
        assert_eq!(content_range("bytes 2-5/10"), Some((2, 5, Some(10))));
        assert_eq!(content_range("bytes 2-5/*"), Some((2, 5, None)));
        assert_eq!(content_range("bytes */10"), None);
        assert_eq!(content_range("bytes 5-2/10"), None);
    }

    #[test]
    fn preconditions_follow_the_tag() {
        let tag = Some("\"a\"");
        let ask = |if_match: Option<&str>, if_none_match: Option<&str>| Ask {
            if_match: if_match.map(str::to_owned),
            if_none_match: if_none_match.map(str::to_owned),
            ..Ask::default()
        };
        assert_eq!(ask(None, None).condition(tag), Condition::Proceed);
        assert_eq!(ask(Some("\"b\", \"a\""), None).condition(tag), Condition::Proceed);
        assert_eq!(ask(Some("*"), None).condition(None), Condition::Proceed);
        assert_eq!(ask(Some("W/\"a\""), None).condition(tag), Condition::Failed);
        assert_eq!(ask(None, Some("W/\"a\"")).condition(tag), Condition::NotModified);
        assert_eq!(ask(None, Some("\"b\"")).condition(tag), Condition::Proceed);
        let mut resumed =
            Ask { range: Some(Spec::From(3)), if_range: Some("\"a\"".into()), ..Ask::default() };
        assert_eq!(resumed.effective_range(tag), Some(Spec::From(3)));
        assert_eq!(resumed.effective_range(Some("\"b\"")), None);
        assert_eq!(resumed.effective_range(None), None);
        resumed.head = true;
        assert_eq!(resumed.effective_range(tag), None);
    }
}
