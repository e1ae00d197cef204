//! Terms, comparisons and values in words.

use super::Catalogue;
use crate::decide::sort;
use crate::decide::{InForce, in_force, place};
use crate::support::{Sort, is_region};
use crate::terms::{CLAIM_NS, SIGNED_AGREEMENT, full, short};
use ontology::gx;
use ontology::time::{Timestamp, parse_duration};

impl Catalogue {
    /// An action, as what one does.
    pub(super) fn act<'a>(&self, action: &'a str) -> &'a str {
        let name = short(action);
        (self.action)(name).unwrap_or(name)
    }

    /// That a term is not understood.
    pub(super) fn term(&self, key: &str) -> String {
        let (open, close) = self.quotes;
        format!("{} {open}{}{close}", self.not_understood, short(key))
    }

    pub(super) fn comparison(&self, left: &str, operator: &str, right: &[&str]) -> String {
        if left == SIGNED_AGREEMENT && operator == "eq" && right == ["true"] {
            return self.signed.to_owned();
        }
        // Rules may have operands that this connector does not enforce, but can still put in words.
        let sort = sort(&full(left));
        let operator = match (operator, right) {
            ("eq", [place]) if sort == Some(Sort::Place) && is_region(place) => "isPartOf",
            _ => operator,
        };
        let values: Vec<String> = right.iter().map(|r| self.value(left, r)).collect();
        format!("{} {} {}", self.subject(left), (self.operator)(sort, operator), values.join(", "))
    }

    fn subject(&self, left: &str) -> String {
        if let Some(name) = (self.operand)(left) {
            return name.to_owned();
        }
        if let Some(path) = left.strip_prefix("$.") {
            return (self.claim)(path);
        }
        let claim = left.strip_prefix(CLAIM_NS).or_else(|| left.strip_prefix(gx::NS));
        match claim.or_else(|| left.strip_prefix("gx:").or_else(|| left.strip_prefix("claim:"))) {
            Some(name) => (self.claim)(&name.replace("gx:", "")),
            None => left.to_owned(),
        }
    }

    /// A value of an operand.
    pub(super) fn value(&self, left: &str, text: &str) -> String {
        let said = match sort(&full(left)) {
            Some(Sort::Place) => place(text).map(|code| {
                ontology::place::name(code, self.lang)
                    .filter(|name| *name != code)
                    .map_or_else(|| code.to_owned(), |name| format!("{name} ({code})"))
            }),
            Some(Sort::Instant) => Timestamp::parse(text).ok().and_then(|at| self.at(at)),
            Some(Sort::Duration | Sort::Interval | Sort::Metered) => {
                parse_duration(text).ok().map(|ms| self.duration(ms))
            }
            Some(Sort::InForce) => match in_force(text) {
                Some(InForce::At(at)) => self.at(at),
                Some(InForce::After(ms)) => {
                    let link = if ms < 0 { self.before_agreement } else { self.after_agreement };
                    Some(format!("{} {link}", self.duration(ms.saturating_abs())))
                }
                None => None,
            },
            _ => None,
        };
        said.unwrap_or_else(|| short(text).to_owned())
    }

    pub(super) fn at(&self, at: Timestamp) -> Option<String> {
        let text = at.to_rfc3339();
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let (rest, day) = date.rsplit_once('-')?;
        let (year, month) = rest.rsplit_once('-')?;
        // Whole minutes are what people write.
        let time = time.strip_suffix(":00").unwrap_or(time);
        Some((self.instant)(year, month.parse().ok()?, day.parse().ok()?, time))
    }

    /// A duration by its largest units; milliseconds are left out.
    pub(super) fn duration(&self, millis: i64) -> String {
        let mut rest = millis.unsigned_abs() / 1_000;
        let mut parts = Vec::new();
        for ((one, many), seconds) in self.units.iter().zip([86_400, 3_600, 60, 1]) {
            let count = rest / seconds;
            rest %= seconds;
            if count > 0 {
                parts.push(format!("{count} {}", if count == 1 { one } else { many }));
            }
        }
        if parts.is_empty() {
            parts.push(format!("0 {}", self.units[3].1));
        }
        let sign = if millis < 0 { "-" } else { "" };
        format!("{sign}{}", parts.join(" "))
    }
}
