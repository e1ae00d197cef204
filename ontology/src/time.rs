//! Instants and durations, as plain numbers of milliseconds.

use std::fmt;
use std::str::FromStr;

use oxsdatatypes::{DayTimeDuration, Decimal, Integer};
use serde::{Deserialize, Serialize};
use thiserror::Error;

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;
const SECOND: i64 = 1_000;

/// A time or duration that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not an `xsd:dateTime` or `xsd:date`.
    #[error("`{0}` is not a date or a date and time")]
    Instant(String),
    /// Not a duration of fixed length.
    #[error("`{0}` is not a duration in days, hours, minutes and seconds")]
    Duration(String),
}

/// Instant in UTC, milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// From whole seconds since the epoch; saturates.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }

    /// Whole seconds since the epoch, rounded towards the past.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// Reads an `xsd:dateTime` or `xsd:date`. Without an offset it is taken as UTC; a date is its first instant.
    /// Seconds may be left out, as the protocol's own examples do; digits past milliseconds are cut.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        Self::read(text).ok_or_else(|| TimeError::Instant(text.to_owned()))
    }

    /// As [`Timestamp::parse`], without an error to describe, and so without allocation.
    pub fn read(text: &str) -> Option<Self> {
        parse_instant(text.trim()).map(Self)
    }

    /// RFC 3339 in UTC, with milliseconds only when there are any.
    pub fn to_rfc3339(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        let ms = self.0.rem_euclid(DAY);
        let (hour, minute, second, milli) =
            (ms / HOUR, ms % HOUR / MINUTE, ms % MINUTE / SECOND, ms % SECOND);
        let sign = if year < 0 { "-" } else { "" };
        let year = year.abs();
        let head = format!("{sign}{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if milli == 0 { format!("{head}Z") } else { format!("{head}.{milli:03}Z") }
    }

    /// This instant moved by some milliseconds; saturates.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `other` to this instant; saturates.
    pub const fn minus(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        Self::parse(text)
    }
}

/// Milliseconds of an `xsd:dayTimeDuration` (`P1DT2H`) or of the short forms `30d`, `2h`, `5m`, `10s`.
/// Years and months have no fixed length and are errors.
pub fn parse_duration(text: &str) -> Result<i64, TimeError> {
    read_duration(text).ok_or_else(|| TimeError::Duration(text.to_owned()))
}

/// As [`parse_duration`], without an error to describe, and so without allocation.
pub fn read_duration(text: &str) -> Option<i64> {
    let trimmed = text.trim();
    short_duration(trimmed).or_else(|| xsd_duration(trimmed))
}

fn short_duration(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        'd' => DAY,
        'h' => HOUR,
        'm' => MINUTE,
        's' => SECOND,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    number(digits)?.checked_mul(unit)
}

fn xsd_duration(text: &str) -> Option<i64> {
    let seconds = DayTimeDuration::from_str(text).ok()?.as_seconds();
    let millis = seconds.checked_mul(Decimal::from(SECOND))?;
    Integer::try_from(millis).ok().map(i64::from)
}

/// Unsigned decimal number; `str::parse` alone would take a sign.
fn number(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

fn parse_instant(text: &str) -> Option<i64> {
    if !text.is_ascii() {
        return None;
    }
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let (date, time, offset) = match time {
        Some(time) => {
            let (time, offset) = split_offset(time)?;
            (date, time, offset)
        }
        None => {
            let (date, offset) = split_date_offset(date)?;
            (date, "00:00:00", offset)
        }
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, two(parts.next()?)?, two(parts.next()?)?);
    let leading_zero = year.len() > 4 && year.starts_with('0');
    if parts.next().is_some() || !(4..=9).contains(&year.len()) || leading_zero {
        return None;
    }
    let year = if negative { -number(year)? } else { number(year)? };
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let instant = days_from_civil(year, month, day).checked_mul(DAY)?;
    instant.checked_add(clock(time)?)?.checked_sub(offset)
}

/// Splits `12:00:00+02:00` into the clock part and the offset in milliseconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    match time.find(['+', '-']) {
        Some(at) => Some((time.get(..at)?, offset(time.get(at..)?)?)),
        None => Some((time, 0)),
    }
}

fn split_date_offset(date: &str) -> Option<(&str, i64)> {
    if let Some(date) = date.strip_suffix('Z') {
        return Some((date, 0));
    }
    // yyyy-mm-dd has two hyphens; a third one, or a plus, opens the offset.
    let third = date.match_indices('-').nth(2).map(|(at, _)| at);
    match date.find('+').or(third) {
        Some(at) => Some((date.get(..at)?, offset(date.get(at..)?)?)),
        None => Some((date, 0)),
    }
}

fn offset(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
        return None;
    }
    let millis = hours * HOUR + minutes * MINUTE;
    Some(if negative { -millis } else { millis })
}

fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute) = (two(parts.next()?)?, two(parts.next()?)?);
    let (second, fraction) = match parts.next() {
        Some(seconds) => match seconds.split_once('.') {
            Some((whole, fraction)) => (two(whole)?, millis_of(fraction)?),
            None => (two(seconds)?, 0),
        },
        None => (0, 0),
    };
    let midnight = hour == 24 && minute == 0 && second == 0 && fraction == 0;
    if parts.next().is_some() || (hour > 23 && !midnight) || minute > 59 || second > 59 {
        return None;
    }
    Some(hour * HOUR + minute * MINUTE + second * SECOND + fraction)
}

fn millis_of(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let kept = number(fraction.get(..3).unwrap_or(fraction))?;
    Some(match fraction.len() {
        1 => kept * 100,
        2 => kept * 10,
        _ => kept,
    })
}

fn two(text: &str) -> Option<i64> {
    if text.len() == 2 { number(text) } else { None }
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the epoch to a date in the proleptic Gregorian calendar; years are counted from March.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + (month <= 2) as i64, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        Timestamp::parse(text).unwrap().millis()
    }

    #[test]
    fn reads_dates_and_times() {
        assert_eq!(ms("1970-01-01T00:00:00Z"), 0);
        assert_eq!(ms("2023-01-01T01:00:00Z"), 1_672_534_800_000);
        assert_eq!(ms("2023-01-01T03:00:00+02:00"), 1_672_534_800_000);
        assert_eq!(ms("2022-12-31T20:00:00.000-05:00"), 1_672_534_800_000);
        assert_eq!(ms("2023-01-01T01:00:00"), 1_672_534_800_000);
        assert_eq!(ms("2023-12-31T06:00Z"), ms("2023-12-31T06:00:00Z"));
        assert_eq!(ms("2023-12-31T24:00:00Z"), ms("2024-01-01T00:00:00Z"));
        assert_eq!(ms("2024-02-29"), ms("2024-02-29T00:00:00Z"));
        assert_eq!(ms("2024-02-29+01:00"), ms("2024-02-28T23:00:00Z"));
        assert_eq!(ms("2024-02-29-01:00"), ms("2024-02-29T01:00:00Z"));
        assert_eq!(ms("1969-12-31T23:59:59.9999Z"), -1);
    }

    #[test]
    fn refuses_what_is_not_a_time() {
        for text in [
            "",
            "2023",
            "2023-13-01",
            "2023-02-29",
            "2100-02-29",
            "2023-01-01T25:00:00Z",
            "2023-01-01T24:00:01Z",
            "2023-01-01T00:00:60Z",
            "2023-01-01T00:00:00.Z",
            "2023-01-01T00:00:00+15:00",
            "2023-1-1",
            "+2023-01-01",
            "2023-01-01T+1:00:00Z",
            "now",
            "2023-01-01T00:00:00é",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["2026-11-23T02:15:23Z", "1600-02-29T23:59:59.001Z", "1969-12-31T23:59:59.999Z"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        let mut day = ms("1599-12-31");
        for _ in 0..200_000 {
            assert_eq!(ms(&Timestamp::from_millis(day).to_rfc3339()), day);
            day += DAY;
        }
    }

    #[test]
    fn seconds_round_to_the_past() {
        assert_eq!(Timestamp::from_millis(-1).seconds(), -1);
        assert_eq!(Timestamp::from_seconds(5).plus_millis(20).seconds(), 5);
        assert_eq!(Timestamp::from_seconds(5).minus(Timestamp::from_seconds(3)), 2_000);
    }

    #[test]
    fn reads_durations() {
        assert_eq!(parse_duration("P1DT2H"), Ok(DAY + 2 * HOUR));
        assert_eq!(parse_duration("PT0.5S"), Ok(500));
        assert_eq!(parse_duration("-PT1M"), Ok(-MINUTE));
        assert_eq!(parse_duration("30d"), Ok(30 * DAY));
        assert_eq!(parse_duration("5m"), Ok(5 * MINUTE));
        for text in ["P1M", "P1Y", "PT", "P", "d", "-5m", "5w", "", "99999999999999999d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
