use super::*;
use crate::record::Kind;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const PARKED: Ending = Ending::Parked(Timestamp::from_millis(0));

fn message(process: &str, number: usize) -> Outgoing {
    Outgoing {
        id: format!("{process}/{number}"),
        process: process.to_owned(),
        kind: Kind::Negotiation,
        peer: format!("did:web:{process}"),
        url: String::new(),
        body: std::sync::Arc::default(),
        attempts: 0,
        refusals: 0,
        due: Timestamp::from_millis(0),
        deadline: Timestamp::from_millis(0),
        traceparent: None,
    }
}

#[test]
fn the_next_one_leaves_when_the_first_is_done() {
    let mut lines = Lines::default();
    assert_eq!(lines.submitted(message("a", 1)), Some(Effect::Send(message("a", 1))));
    assert_eq!(lines.submitted(message("a", 2)), None);
    assert_eq!(
        lines.submitted(message("b", 1)),
        Some(Effect::Send(message("b", 1))),
        "processes in parallel"
    );
    assert_eq!((lines.sending(), lines.held("did:web:a")), (2, 1));
    assert_eq!(lines.ended("a", Ending::Done), Some(Effect::Send(message("a", 2))));
    assert_eq!(lines.ended("a", Ending::Done), None);
    assert_eq!((lines.lines.len(), lines.sending(), lines.held("did:web:a")), (1, 1, 0));
}

#[test]
fn what_waits_behind_a_parked_message_stays_stored_until_that_one_is_done() {
    let mut lines = Lines::default();
    lines.submitted(message("a", 1));
    lines.submitted(message("a", 2));
    assert_eq!(lines.ended("a", PARKED), None);
    assert_eq!(lines.submitted(message("a", 3)), None);
    assert_eq!(lines.sending(), 0, "nothing is in memory");
    assert_eq!(lines.woken(message("a", 1)), Some(Effect::Send(message("a", 1))));
    assert_eq!(lines.ended("a", Ending::Done), Some(Effect::Claim("a".to_owned())));
    let rest = vec![message("a", 2), message("a", 3)];
    assert_eq!(lines.claimed("a", rest, false), Some(Effect::Send(message("a", 2))));
    assert_eq!(lines.ended("a", Ending::Done), Some(Effect::Send(message("a", 3))));
    assert_eq!(lines.ended("a", Ending::Done), None);
    assert!(lines.lines.is_empty());
}

#[test]
fn memory_holds_few_messages_of_one_process() {
    let mut lines = Lines::default();
    for n in 0..100 {
        lines.submitted(message("a", n));
    }
    let Some(Line::Sending(line)) = lines.lines.get("a") else { panic!("it is on its way") };
    assert_eq!((line.waiting.len(), line.more), (MOST_WAITING, true));
}

#[test]
fn a_message_that_is_claimed_while_it_is_being_parked_is_not_forgotten() {
    let mut lines = Lines::default();
    lines.submitted(message("a", 1));
    assert_eq!(lines.woken(message("a", 1)), None);
    assert_eq!(lines.ended("a", PARKED), Some(Effect::Claim("a".to_owned())));
}

/// The store and the tasks around the lines, for the property.
#[derive(Default)]
struct World {
    lines: Lines,
    /// Undelivered messages by process, each with whether it is free.
    stored: BTreeMap<String, Vec<(Outgoing, bool)>>,
    /// Commits of which the dispatcher has not heard.
    unheard: VecDeque<Outgoing>,
    on_the_way: BTreeMap<String, Outgoing>,
    claims: Vec<String>,
    /// Claims made in the store of which the dispatcher has not heard.
    answers: Vec<(String, Vec<Outgoing>)>,
    delivered: BTreeMap<String, Vec<String>>,
    queued: BTreeMap<String, usize>,
}

impl World {
    fn follow(&mut self, effect: Option<Effect>) {
        match effect {
            Some(Effect::Send(message)) => {
                let process = message.process.clone();
                let before = self.on_the_way.insert(process.clone(), message);
                assert!(before.is_none(), "two messages of {process} are on their way");
            }
            Some(Effect::Claim(process)) => self.claims.push(process),
            None => {}
        }
    }

    fn commit(&mut self, process: &str) {
        let number = self.queued.entry(process.to_owned()).or_default();
        *number += 1;
        let message = message(process, *number);
        self.stored.entry(process.to_owned()).or_default().push((message.clone(), false));
        self.unheard.push_back(message);
    }

    fn end(&mut self, pick: usize, ending: Ending) {
        let Some(process) = self.on_the_way.keys().nth(pick % self.on_the_way.len().max(1)).cloned() else {
            return;
        };
        let message = self.on_the_way.remove(&process).unwrap();
        let rows = self.stored.get_mut(&process).unwrap();
        let place = rows.iter().position(|(m, _)| m.id == message.id);
        // What was delivered meanwhile cannot be parked, and the store says so.
        let ending = if place.is_none() { Ending::Done } else { ending };
        match (ending, place) {
            (Ending::Done, place) => {
                let seen = self.delivered.entry(process.clone()).or_default();
                // A repetition is known by its id; it must not come after a later one for the first time.
                if !seen.contains(&message.id) {
                    seen.push(message.id.clone());
                }
                if let Some(place) = place {
                    rows.remove(place);
                }
            }
            (Ending::Parked(_), Some(place)) => rows[place].1 = true,
            _ => {}
        }
        let effect = self.lines.ended(&process, ending);
        self.follow(effect);
    }

    /// The store answers a claim; the dispatcher hears of it later.
    fn claim(&mut self, pick: usize) {
        if self.claims.is_empty() {
            return;
        }
        let process = self.claims.remove(pick % self.claims.len());
        let rows = self.stored.entry(process.clone()).or_default();
        let got = rows.iter_mut().take(2).map(|row| {
            row.1 = false;
            row.0.clone()
        });
        let got = got.collect();
        self.answers.push((process, got));
    }

    fn hear(&mut self) {
        if let Some(message) = self.unheard.pop_front() {
            let effect = self.lines.submitted(message);
            self.follow(effect);
        }
    }

    fn answer(&mut self) {
        if let Some((process, messages)) = self.answers.pop() {
            let full = messages.len() == 2;
            let effect = self.lines.claimed(&process, messages, full);
            self.follow(effect);
        }
    }

    /// Everything that is due is claimed; with `expired` also what is held by nobody.
    fn wake(&mut self, expired: bool) {
        for rows in self.stored.values_mut() {
            let Some(head) = rows.first_mut() else { continue };
            let lost = expired && !self.on_the_way.contains_key(&head.0.process);
            if head.1 || lost {
                head.1 = false;
                let message = head.0.clone();
                match self.lines.woken(message) {
                    Some(Effect::Send(message)) => {
                        drop(self.on_the_way.insert(message.process.clone(), message));
                    }
                    other => assert_eq!(other, None),
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn order_is_kept_and_nothing_is_lost(
        steps in prop::collection::vec((0_usize..8, 0_usize..5), 1..200),
    ) {
        let mut world = World::default();
        for (what, pick) in steps {
            match what {
                0 | 1 => world.commit(["a", "b", "c", "d", "e"][pick]),
                2 => world.hear(),
                3 => world.end(pick, Ending::Done),
                4 => world.end(pick, PARKED),
                5 => world.claim(pick),
                6 => world.answer(),
                _ if pick == 0 => world.end(pick, Ending::Lost),
                _ => world.wake(false),
            }
        }
        // The peers come back and time passes.
        for _ in 0..2000 {
            world.hear();
            world.end(0, Ending::Done);
            world.claim(0);
            world.answer();
            if world.unheard.is_empty() && world.claims.is_empty() && world.answers.is_empty() {
                world.wake(true);
            }
        }
        for (process, number) in &world.queued {
            let expected: Vec<String> = (1..=*number).map(|n| format!("{process}/{n}")).collect();
            prop_assert_eq!(world.delivered.get(process), Some(&expected));
        }
        prop_assert!(world.stored.values().all(Vec::is_empty));
        prop_assert_eq!(world.lines.sending(), 0);
        prop_assert!(world.lines.held.is_empty());
        let left: BTreeSet<&String> = world.lines.lines.keys().collect();
        prop_assert!(left.is_empty(), "{left:?}");
    }
}
