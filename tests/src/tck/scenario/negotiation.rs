//! Contract negotiation.

use super::Move::{Accept, Agree, Finalize, Offer, Request, Terminate, Verify};
use super::State::{Accepted, Agreed, Finalized, Offered, Requested, Terminated, Verified};
use super::Step::{Await, Open, Refused, Send, Shows};
use super::{Cue, Group, Scenario, Step, again, on, scenario};

const fn provider(
    number: &'static str,
    dataset: &'static str,
    script: &'static [Cue],
    steps: &'static [Step],
) -> Scenario {
    scenario(Group::Cn, number, dataset, script, steps)
}

const fn consumer(
    number: &'static str,
    dataset: &'static str,
    script: &'static [Cue],
    steps: &'static [Step],
) -> Scenario {
    scenario(Group::CnC, number, dataset, script, steps)
}

/// The connector under test is the provider.
pub(super) const PROVIDER: [Scenario; 15] = [
    provider(
        "01-01",
        "ACN0101",
        &[on(Requested, Offer)],
        &[Open, Await(Offered), Send(Terminate), Shows(Terminated)],
    ),
    provider(
        "01-02",
        "ACN0102",
        &[on(Requested, Offer), again(Requested, Terminate)],
        &[Open, Await(Offered), Send(Request), Await(Terminated)],
    ),
    provider(
        "01-03",
        "ACN0103",
        &[on(Requested, Offer), on(Accepted, Agree), on(Verified, Finalize)],
        &[Open, Await(Offered), Send(Accept), Await(Agreed), Send(Verify), Await(Finalized)],
    ),
    provider(
        "01-04",
        "ACN0104",
        &[on(Requested, Agree), on(Verified, Finalize)],
        &[Open, Await(Agreed), Send(Verify), Await(Finalized)],
    ),
    provider("02-01", "ACN0201", &[on(Requested, Terminate)], &[Open, Await(Terminated)]),
    provider("02-02", "ACN0202", &[], &[Open, Send(Terminate), Shows(Terminated)]),
    provider(
        "02-03",
        "ACN0203",
        &[on(Requested, Agree)],
        &[Open, Await(Agreed), Send(Terminate), Shows(Terminated)],
    ),
    provider(
        "02-04",
        "ACN0204",
        &[on(Requested, Offer)],
        &[Open, Await(Offered), Send(Terminate), Shows(Terminated)],
    ),
    provider(
        "02-05",
        "ACN0205",
        &[on(Requested, Offer), on(Offered, Terminate)],
        &[Open, Await(Offered), Await(Terminated)],
    ),
    provider(
        "02-06",
        "ACN0206",
        &[on(Requested, Offer), on(Accepted, Terminate)],
        &[Open, Await(Offered), Send(Accept), Await(Terminated)],
    ),
    provider(
        "02-07",
        "ACN0207",
        &[on(Requested, Agree), on(Verified, Terminate)],
        &[Open, Await(Agreed), Send(Verify), Await(Terminated)],
    ),
    provider(
        "03-01",
        "ACN0301",
        &[on(Requested, Agree), on(Verified, Finalize)],
        &[Open, Await(Agreed), Send(Verify), Await(Finalized), Shows(Finalized), Refused(Terminate)],
    ),
    provider("03-02", "ACN0302", &[on(Requested, Offer)], &[Open, Await(Offered), Refused(Verify)]),
    provider(
        "03-03",
        "ACN0303",
        &[on(Requested, Offer)],
        &[Open, Await(Offered), Send(Accept), Refused(Verify)],
    ),
    provider(
        "03-04",
        "ACN0304",
        &[on(Requested, Offer)],
        &[Open, Await(Offered), Send(Request), Refused(Request)],
    ),
];

/// The connector under test is the consumer.
pub(super) const CONSUMER: [Scenario; 16] = [
    consumer(
        "01-01",
        "ACNC0101",
        &[on(Offered, Accept), on(Agreed, Verify)],
        &[Open, Send(Offer), Await(Accepted), Send(Agree), Await(Verified), Send(Finalize), Shows(Finalized)],
    ),
    consumer(
        "01-02",
        "ACNC0102",
        &[on(Offered, Request)],
        &[Open, Send(Offer), Await(Requested), Send(Terminate), Shows(Terminated)],
    ),
    consumer(
        "01-03",
        "ACNC0103",
        &[on(Offered, Terminate)],
        &[Open, Send(Offer), Await(Terminated), Shows(Terminated)],
    ),
    consumer(
        "01-04",
        "ACNC0104",
        &[on(Agreed, Verify)],
        &[Open, Send(Agree), Await(Verified), Send(Finalize), Shows(Finalized)],
    ),
    consumer("02-01", "ACNC0201", &[], &[Open, Send(Terminate), Shows(Terminated)]),
    consumer("02-02", "ACNC0202", &[on(Requested, Terminate)], &[Open, Await(Terminated), Shows(Terminated)]),
    consumer(
        "02-03",
        "ACNC0203",
        &[on(Agreed, Terminate)],
        &[Open, Send(Agree), Await(Terminated), Shows(Terminated)],
    ),
    consumer(
        "02-04",
        "ACNC0204",
        &[],
        &[Open, Send(Offer), Shows(Offered), Send(Terminate), Shows(Terminated)],
    ),
    consumer(
        "02-05",
        "ACNC0205",
        &[on(Offered, Accept)],
        &[Open, Send(Offer), Await(Accepted), Send(Terminate), Shows(Terminated)],
    ),
    consumer(
        "02-06",
        "ACNC0206",
        &[on(Agreed, Verify)],
        &[Open, Send(Agree), Await(Verified), Send(Terminate), Shows(Terminated)],
    ),
    consumer("03-01", "ACNC0301", &[], &[Open, Refused(Finalize), Shows(Requested)]),
    consumer("03-02", "ACNC0302", &[], &[Open, Send(Offer), Shows(Offered), Refused(Agree), Shows(Offered)]),
    consumer("03-03", "ACNC0303", &[], &[Open, Send(Offer), Refused(Finalize), Shows(Offered)]),
    consumer(
        "03-04",
        "ACNC0304",
        &[on(Offered, Accept)],
        &[Open, Send(Offer), Await(Accepted), Refused(Finalize), Shows(Accepted)],
    ),
    consumer(
        "03-05",
        "ACNC0305",
        &[on(Offered, Accept)],
        &[Open, Send(Offer), Await(Accepted), Refused(Offer), Shows(Accepted)],
    ),
    consumer(
        "03-06",
        "ACNC0306",
        &[on(Offered, Accept)],
        &[Open, Send(Offer), Await(Accepted), Send(Agree), Refused(Finalize), Shows(Agreed)],
    ),
];
