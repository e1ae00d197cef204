//! The messages of each process, in line: at most one is on its way, and none overtakes another.
//!
//! This is all that the dispatcher remembers. It is pure: what is to be done comes back as an [`Effect`]. The store
//! has every message; memory has those that leave soon, and the names of the processes whose messages do not.

use crate::port::Outgoing;
use ontology::time::Timestamp;
use std::collections::{HashMap, VecDeque};

/// Most messages of one process that wait in memory behind the one on its way.
const MOST_WAITING: usize = 8;

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub(super) enum Effect {
    /// Deliver it, and say how that ended.
    Send(Outgoing),
    /// Claim the first messages of this process.
    Claim(String),
}

/// How the work on one message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is no longer stored.
    Done,
    /// It is stored, free, for an attempt at this instant.
    Parked(Timestamp),
    /// It is stored and still held, as its end could not be written down.
    Lost,
}

/// One process.
#[derive(Debug)]
enum Line {
    /// A message is on its way.
    Sending(Sending),
    /// Its next messages are being claimed.
    Claiming(Claiming),
    /// Its first message waits in the store, and the others behind it.
    Parked(Parked),
}

#[derive(Debug)]
struct Sending {
    /// The message on its way.
    id: String,
    peer: String,
    waiting: VecDeque<Outgoing>,
    /// May more of them be in the store only?
    more: bool,
    /// Was it claimed while it was on its way? Then nobody else will.
    reclaimed: bool,
}

#[derive(Debug)]
struct Claiming {
    /// Has one come since the claim was made?
    more: bool,
}

#[derive(Debug)]
struct Parked;

/// All processes with undelivered messages.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: HashMap<String, Line>,
    /// Messages on their way or in memory, by peer.
    held: HashMap<String, usize>,
    total: usize,
}

impl Lines {
    /// At the start: this process has messages in the store.
    pub(super) fn park(&mut self, process: String) {
        self.lines.entry(process).or_insert(Line::Parked(Parked));
    }

    /// A message was committed.
    pub(super) fn submitted(&mut self, message: Outgoing) -> Option<Effect> {
        match self.lines.get_mut(&message.process) {
            None => Some(self.send(message, VecDeque::new(), false)),
            Some(Line::Sending(line)) => {
                if line.id == message.id || line.waiting.iter().any(|m| m.id == message.id) {
                    // A claim was quicker than the word of the commit.
                } else if line.more || line.waiting.len() >= MOST_WAITING {
                    line.more = true;
                } else {
                    line.waiting.push_back(message);
                }
                None
            }
            Some(Line::Claiming(line)) => {
                line.more = true;
                None
            }
            Some(Line::Parked(_)) => None,
        }
    }

    /// The work on the message on its way has ended.
    pub(super) fn ended(&mut self, process: &str, ending: Ending) -> Option<Effect> {
        let Some(Line::Sending(line)) = self.lines.get_mut(process) else { return None };
        let next = match ending {
            Ending::Done => line.waiting.pop_front(),
            Ending::Parked(_) | Ending::Lost => None,
        };
        let (more, reclaimed, waiting) = (line.more, line.reclaimed, std::mem::take(&mut line.waiting));
        let peer = std::mem::take(&mut line.peer);
        self.release(&peer);
        match (ending, next) {
            (Ending::Done, Some(next)) => Some(self.send(next, waiting, more)),
            (Ending::Done, None) if !more => {
                self.lines.remove(process);
                None
            }
            (Ending::Parked(_), _) if !reclaimed => {
                self.set(process, Line::Parked(Parked));
                None
            }
            (Ending::Lost, _) => {
                self.set(process, Line::Parked(Parked));
                None
            }
            _ => {
                self.set(process, Line::Claiming(Claiming { more: false }));
                Some(Effect::Claim(process.to_owned()))
            }
        }
    }

    /// What a claim for this process gave. `full` says that there may be more.
    pub(super) fn claimed(&mut self, process: &str, messages: Vec<Outgoing>, full: bool) -> Option<Effect> {
        let Some(Line::Claiming(line)) = self.lines.get_mut(process) else { return None };
        let more = line.more;
        let mut messages = VecDeque::from(messages);
        match messages.pop_front() {
            Some(first) => Some(self.send(first, messages, more || full)),
            None if more => {
                line.more = false;
                Some(Effect::Claim(process.to_owned()))
            }
            None => {
                self.lines.remove(process);
                None
            }
        }
    }

    /// A parked message was claimed.
    pub(super) fn woken(&mut self, message: Outgoing) -> Option<Effect> {
        match self.lines.get_mut(&message.process) {
            Some(Line::Sending(line)) => {
                line.reclaimed = true;
                None
            }
            // That claim gets it too.
            Some(Line::Claiming(_)) => None,
            Some(Line::Parked(_)) | None => Some(self.send(message, VecDeque::new(), true)),
        }
    }

    /// Messages of this peer that are on their way.
    pub(super) fn held(&self, peer: &str) -> usize {
        self.held.get(peer).copied().unwrap_or(0)
    }

    /// Messages that are on their way.
    pub(super) const fn sending(&self) -> usize {
        self.total
    }

    fn set(&mut self, process: &str, line: Line) {
        self.lines.insert(process.to_owned(), line);
    }

    fn send(&mut self, message: Outgoing, waiting: VecDeque<Outgoing>, more: bool) -> Effect {
        let (id, peer) = (message.id.clone(), message.peer.clone());
        *self.held.entry(peer.clone()).or_default() += 1;
        self.total += 1;
        self.set(
            &message.process.clone(),
            Line::Sending(Sending { id, peer, waiting, more, reclaimed: false }),
        );
        Effect::Send(message)
    }

    fn release(&mut self, peer: &str) {
        self.total = self.total.saturating_sub(1);
        if let Some(count) = self.held.get_mut(peer) {
            *count -= 1;
            if *count == 0 {
                self.held.remove(peer);
            }
        }
    }
}

#[cfg(test)]
mod tests;
