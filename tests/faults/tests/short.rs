//! The rows of the matrix that are quick, in their short form. `make faults` runs all of them in full.

use std::path::Path;

use livefloe_faults::short;

/// `LIVEFLOE_SEED` runs one again.
fn row(id: &str) {
    let measured = short(Path::new(env!("CARGO_BIN_EXE_faults")), id).unwrap_or_else(|error| panic!("{error}"));
    assert!(!measured.is_empty());
}

#[test]
fn what_was_acknowledged_survives_kill_9_and_is_done_once() {
    row("F-15");
}

#[test]
fn relaxed_pages_that_go_back_are_put_right() {
    row("F-15-relaxed");
}

#[test]
fn without_a_store_clients_are_told_that_their_session_is_gone() {
    row("F-15-memory");
}

#[test]
fn a_server_that_stood_still_goes_on() {
    row("F-18");
}

#[test]
fn every_byte_may_be_the_last_of_its_connection() {
    row("F-01");
}

#[test]
fn what_was_done_and_not_heard_of_is_not_done_again() {
    row("F-02");
}

#[test]
fn a_narrow_way_costs_no_memory() {
    row("F-06");
}

#[test]
fn bytes_may_come_one_by_one() {
    row("F-07");
}

#[test]
fn a_link_that_flaps_leaves_nothing_behind() {
    row("F-10");
}

#[test]
fn those_who_are_cut_at_once_come_back_and_others_go_on() {
    row("F-11");
}

#[test]
fn a_killed_node_leaves_its_sessions_to_the_others() {
    row("F-15-nodes");
}

#[test]
fn a_way_to_redis_that_breaks_loses_nothing() {
    row("F-30-way");
}

#[test]
fn wrong_bits_of_some_harm_no_others() {
    row("F-09");
}

#[test]
fn a_server_that_is_refused_by_redis_says_so_and_others_go_on() {
    row("F-31");
}

#[test]
fn what_redis_has_forgotten_is_not_there_twice() {
    row("F-32");
}
