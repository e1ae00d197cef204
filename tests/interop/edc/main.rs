//! A live EDC control plane against a real `entente serve`, over DSP 2025-1, in both directions.
//!
//! Run: `cargo test -p conformance --test interop_edc`; words after `--` choose checks by their ids.
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test target; indexing a JSON value gives null and never panics"
)]

mod catalogue;
mod negotiation;
mod runtime;
mod tokens;
mod transfer;
mod world;

use conformance::checks;
use conformance::matrix::{self, Check, Gate};
use std::process::ExitCode;
use std::sync::Arc;
use world::World;

const GATE: Gate<'_> = Gate {
    name: "interop_edc",
    expected: &[("VER", 2), ("CAT", 6), ("PAG", 5), ("PRO", 13), ("CON", 9), ("TRF", 7), ("TOK", 7)],
    exemptions: include_str!("exempt.tsv"),
};

/// PRO: we are the provider; CON: we are the consumer.
fn all() -> Vec<Check<World>> {
    checks![World;
        "VER:01" "EDC serves 2025-1 where we call it" catalogue::edc_has_the_version,
        "VER:02" "we serve 2025-1 where EDC calls us" catalogue::we_have_the_version,
        "CAT:01" "EDC reads our catalogue: what it may see, with offers and formats" catalogue::edc_reads_ours,
        "CAT:02" "EDC reads one dataset of ours" catalogue::edc_reads_one_of_ours,
        "CAT:03" "EDC learns that a dataset does not exist, or not for it" catalogue::edc_reads_none_of_ours,
        "CAT:04" "we read EDC's catalogue" catalogue::we_read_theirs,
        "CAT:05" "we read one dataset of EDC" catalogue::we_read_one_of_theirs,
        "CAT:06" "we learn that a dataset does not exist" catalogue::we_read_none_of_theirs,
        "PAG:01" "EDC takes our catalogue in pages" catalogue::edc_takes_pages_of_ours,
        "PAG:02" "EDC filters our catalogue" catalogue::edc_filters_ours,
        "PAG:03" "our pages are linked as EDC links its own" catalogue::our_pages_are_linked,
        "PAG:04" "we follow EDC's pages to the end" catalogue::we_read_all_of_theirs,
        "PAG:05" "we take EDC's catalogue in pages" catalogue::we_take_pages_of_theirs,
        "PRO:01" "EDC's request becomes a contract" negotiation::edc_gets_plain,
        "PRO:02" "EDC's request under a constraint becomes a contract" negotiation::edc_gets_dated,
        "PRO:03" "our policy refuses EDC, which learns why" negotiation::edc_is_refused,
        "PRO:04" "an offer that is not ours is refused" negotiation::edc_knows_no_offer,
        "PRO:05" "an altered offer is refused" negotiation::edc_alters_our_offer,
        "PRO:06" "EDC terminates in REQUESTED" negotiation::edc_ends_requested,
        "PRO:07" "EDC terminates in VERIFIED" negotiation::edc_ends_verified,
        "PRO:08" "we terminate in REQUESTED" negotiation::we_refuse_requested,
        "PRO:09" "we terminate in VERIFIED" negotiation::we_end_verified,
        "PRO:10" "we agree and finalize by hand" negotiation::we_decide_by_hand,
        "PRO:11" "we answer with an offer, EDC takes it, we end it" negotiation::we_counter_offer,
        "PRO:12" "we open with an offer, which EDC stores and answers with 500" negotiation::we_open_with_an_offer,
        "PRO:13" "twenty requests of EDC at once" negotiation::edc_gets_many,
        "CON:01" "our request becomes a contract" negotiation::we_get_plain,
        "CON:02" "our request under a constraint becomes a contract" negotiation::we_get_dated,
        "CON:03" "EDC refuses an offer that is not its own" negotiation::we_know_no_offer,
        "CON:04" "EDC agrees on other terms than asked: we refuse" negotiation::we_alter_their_offer,
        "CON:05" "we terminate in AGREED" negotiation::we_end_agreed,
        "CON:06" "EDC terminates in AGREED" negotiation::edc_ends_agreed,
        "CON:07" "we terminate right after the request" negotiation::we_end_at_once,
        "CON:08" "we verify by hand" negotiation::we_verify_by_hand,
        "CON:09" "twenty requests of ours at once" negotiation::we_get_many,
        "TRF:01" "EDC pulls the bytes of our dataset" transfer::edc_pulls,
        "TRF:02" "EDC suspends and resumes" transfer::edc_suspends,
        "TRF:03" "we suspend and resume" transfer::we_suspend,
        "TRF:04" "we complete" transfer::we_complete,
        "TRF:05" "EDC terminates" transfer::edc_terminates,
        "TRF:06" "we terminate" transfer::we_terminate,
        "TRF:07" "we start by hand" transfer::we_start_by_hand,
        "TOK:01" "we refuse bad tokens" tokens::we_refuse_bad_tokens,
        "TOK:02" "we refuse a message without token" tokens::we_refuse_no_token,
        "TOK:03" "we take both forms of the token" tokens::we_take_both_forms,
        "TOK:04" "EDC refuses bad tokens" tokens::edc_refuses_bad_tokens,
        "TOK:05" "EDC takes the token that we send" tokens::edc_takes_ours,
        "TOK:06" "processes are shown to the counterparty only" tokens::processes_are_private,
        "TOK:07" "a runtime with a refused token gets nothing" tokens::a_faulty_peer_gets_nothing,
    ]
}

fn main() -> ExitCode {
    matrix::main(&GATE, async |only| {
        let world = Arc::new(World::new().await?);
        println!(
            "EDC {} at {}, ours at {}",
            runtime::version(),
            world.edc.address(),
            world.ours.setup.address()
        );
        Ok(matrix::run(&GATE, all(), world, &only).await)
    })
}
