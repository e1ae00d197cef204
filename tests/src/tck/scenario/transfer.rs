//! Transfer process.

use super::Move::{Complete, Start, Suspend, Terminate};
use super::State::{Completed, Requested, Started, Suspended, Terminated};
use super::Step::{Await, Open, Refused, Send, Shows};
use super::{Cue, Group, Scenario, Step, again, on, scenario};

const fn provider(
    number: &'static str,
    agreement: &'static str,
    script: &'static [Cue],
    steps: &'static [Step],
) -> Scenario {
    scenario(Group::Tp, number, agreement, script, steps)
}

const fn consumer(
    number: &'static str,
    agreement: &'static str,
    script: &'static [Cue],
    steps: &'static [Step],
) -> Scenario {
    scenario(Group::TpC, number, agreement, script, steps)
}

const START: &[Cue] = &[on(Requested, Start)];

/// The connector under test is the provider.
pub(super) const PROVIDER: [Scenario; 16] = [
    provider(
        "01-01",
        "ATP0101",
        &[on(Requested, Start), on(Started, Terminate)],
        &[Open, Await(Started), Await(Terminated), Shows(Terminated)],
    ),
    provider(
        "01-02",
        "ATP0102",
        &[on(Requested, Start), on(Started, Complete)],
        &[Open, Await(Started), Await(Completed), Shows(Completed)],
    ),
    provider(
        "01-03",
        "ATP0103",
        &[on(Requested, Start), on(Started, Suspend), on(Suspended, Terminate)],
        &[Open, Await(Started), Await(Suspended), Await(Terminated), Shows(Terminated)],
    ),
    provider(
        "01-04",
        "ATP0104",
        &[on(Requested, Start), on(Started, Suspend), on(Suspended, Start), again(Started, Complete)],
        &[Open, Await(Started), Await(Suspended), Await(Started), Await(Completed), Shows(Completed)],
    ),
    provider("01-05", "ATP0105", &[on(Requested, Terminate)], &[Open, Await(Terminated), Shows(Terminated)]),
    provider(
        "02-01",
        "ATP0201",
        START,
        &[Open, Await(Started), Shows(Started), Send(Terminate), Shows(Terminated)],
    ),
    provider(
        "02-02",
        "ATP0202",
        START,
        &[Open, Await(Started), Shows(Started), Send(Complete), Shows(Completed)],
    ),
    provider(
        "02-03",
        "ATP0203",
        START,
        &[Open, Await(Started), Send(Suspend), Shows(Suspended), Send(Terminate), Shows(Terminated)],
    ),
    Scenario {
        disabled: true,
        ..provider(
            "02-04",
            "ATP0204",
            START,
            &[
                Open,
                Await(Started),
                Send(Suspend),
                Shows(Suspended),
                Send(Start),
                Shows(Started),
                Send(Complete),
                Shows(Completed),
            ],
        )
    },
    provider("02-05", "ATP0205", &[], &[Open, Shows(Requested), Send(Terminate), Shows(Terminated)]),
    provider("03-01", "ATP0301", &[], &[Open, Shows(Requested), Refused(Complete), Shows(Requested)]),
    provider("03-02", "ATP0302", &[], &[Open, Shows(Requested), Refused(Suspend), Shows(Requested)]),
    provider(
        "03-03",
        "ATP0303",
        START,
        &[Open, Await(Started), Send(Suspend), Shows(Suspended), Refused(Complete), Shows(Suspended)],
    ),
    provider(
        "03-04",
        "ATP0304",
        START,
        &[Open, Await(Started), Send(Terminate), Shows(Terminated), Refused(Start), Shows(Terminated)],
    ),
    provider(
        "03-05",
        "ATP0305",
        START,
        &[Open, Await(Started), Send(Terminate), Shows(Terminated), Refused(Suspend), Shows(Terminated)],
    ),
    provider(
        "03-06",
        "ATP0306",
        START,
        &[Open, Await(Started), Send(Terminate), Shows(Terminated), Refused(Complete), Shows(Terminated)],
    ),
];

/// The connector under test is the consumer.
pub(super) const CONSUMER: [Scenario; 16] = [
    consumer(
        "01-01",
        "ATPC0101",
        &[],
        &[Open, Send(Start), Shows(Started), Send(Terminate), Shows(Terminated)],
    ),
    consumer(
        "01-02",
        "ATPC0102",
        &[],
        &[Open, Send(Start), Shows(Started), Send(Complete), Shows(Completed)],
    ),
    consumer(
        "01-03",
        "ATPC0103",
        &[],
        &[
            Open,
            Send(Start),
            Shows(Started),
            Send(Suspend),
            Shows(Suspended),
            Send(Terminate),
            Shows(Terminated),
        ],
    ),
    consumer(
        "01-04",
        "ATPC0104",
        &[],
        &[
            Open,
            Send(Start),
            Shows(Started),
            Send(Suspend),
            Shows(Suspended),
            Send(Start),
            Shows(Started),
            Send(Complete),
            Shows(Completed),
        ],
    ),
    consumer("01-05", "ATPC0105", &[], &[Open, Send(Terminate), Shows(Terminated)]),
    consumer(
        "02-01",
        "ATPC0201",
        &[on(Started, Terminate)],
        &[Open, Send(Start), Await(Terminated), Shows(Terminated)],
    ),
    consumer(
        "02-02",
        "ATPC0202",
        &[on(Started, Complete)],
        &[Open, Send(Start), Await(Completed), Shows(Completed)],
    ),
    consumer(
        "02-03",
        "ATPC0203",
        &[on(Started, Suspend), on(Suspended, Terminate)],
        &[Open, Send(Start), Await(Suspended), Await(Terminated), Shows(Terminated)],
    ),
    Scenario {
        disabled: true,
        ..consumer(
            "02-04",
            "ATPC0204",
            &[on(Started, Suspend), on(Suspended, Start), again(Started, Complete)],
            &[Open, Send(Start), Await(Suspended), Await(Started), Await(Completed), Shows(Completed)],
        )
    },
    consumer("02-05", "ATPC0205", &[on(Requested, Terminate)], &[Open, Await(Terminated), Shows(Terminated)]),
    consumer("03-01", "ATPC0301", &[], &[Open, Shows(Requested), Refused(Complete), Shows(Requested)]),
    consumer("03-02", "ATPC0302", &[], &[Open, Shows(Requested), Refused(Suspend), Shows(Requested)]),
    consumer(
        "03-03",
        "ATPC0303",
        &[],
        &[
            Open,
            Send(Start),
            Shows(Started),
            Send(Suspend),
            Shows(Suspended),
            Refused(Complete),
            Shows(Suspended),
        ],
    ),
    consumer(
        "03-04",
        "ATPC0304",
        &[],
        &[
            Open,
            Send(Start),
            Shows(Started),
            Send(Terminate),
            Shows(Terminated),
            Refused(Start),
            Shows(Terminated),
        ],
    ),
    consumer(
        "03-05",
        "ATPC0305",
        &[],
        &[
            Open,
            Send(Start),
            Shows(Started),
            Send(Terminate),
            Shows(Terminated),
            Refused(Suspend),
            Shows(Terminated),
        ],
    ),
    consumer(
        "03-06",
        "ATPC0306",
        &[],
        &[
            Open,
            Send(Start),
            Shows(Started),
            Send(Terminate),
            Shows(Terminated),
            Refused(Complete),
            Shows(Terminated),
        ],
    ),
];
