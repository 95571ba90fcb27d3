//! Rows of the matrix that other tests show.

use tokio::process::Command;

use crate::Result;

/// Where a row is shown.
pub(crate) enum Shown {
    /// By these tests over real sockets, which are run now.
    It(&'static [&'static str]),
    /// By tests of another kind, which `make test` runs.
    Other(&'static str),
}

/// A row and what shows it.
pub(crate) struct Elsewhere {
    pub(crate) id: &'static str,
    pub(crate) fault: &'static str,
    pub(crate) shown: Shown,
}

pub(crate) const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        id: "F-08",
        fault: "client stops reading",
        shown: Shown::It(&[
            "limits::those_who_read_nothing_wait_and_others_go_on",
            "patches::a_client_that_answers_nothing_gets_few_patches_and_then_one_for_all",
            "connect::a_client_that_answers_no_heartbeat_is_disconnected_and_may_come_back",
            "connections::a_client_that_does_not_read_its_page_is_given_up",
        ]),
    },
    Elsewhere {
        id: "F-13",
        fault: "proxy that blocks WebSockets",
        shown: Shown::Other("blocked.spec.mjs: Chromium behind an nginx without upgrades"),
    },
    Elsewhere {
        id: "F-17",
        fault: "old and new version side by side, with another tree",
        shown: Shown::It(&[
            "stores::a_session_of_another_version_of_the_app_is_none",
            "stores::a_snapshot_that_is_not_as_we_wrote_it_is_no_session",
        ]),
    },
    Elsewhere {
        id: "F-21",
        fault: "panic in a handler or component",
        shown: Shown::It(&[
            "events::what_fails_is_undone_and_the_session_lives",
            "tasks::a_task_that_panics_is_reported_and_the_session_lives",
            "idle::a_rendering_that_fails_on_waking_refuses_the_event_and_is_tried_again",
        ]),
    },
    Elsewhere {
        id: "F-22",
        fault: "Python exceptions, sys.exit, KeyboardInterrupt, RecursionError",
        shown: Shown::Other("test_handler.py: test_exceptions_that_end_programs_end_only_their_event"),
    },
    Elsewhere {
        id: "F-23",
        fault: "Python ends its process",
        shown: Shown::Other("restart.spec.mjs: a Python app that is killed; the process is the server's, so it is F-15 else"),
    },
    Elsewhere {
        id: "F-24",
        fault: "Python holds the interpreter",
        shown: Shown::Other("greedy.spec.mjs: pages in Rust answer, every connection lives; clicks for Python wait, and count"),
    },
    Elsewhere {
        id: "F-25",
        fault: "handler that never ends",
        shown: Shown::It(&[
            "events::an_async_handler_that_takes_too_long_is_stopped_and_undone",
            "events::an_async_handler_holds_up_its_own_session_only",
            "shutdown::what_takes_too_long_when_the_server_stops_is_undone_and_runs_again_elsewhere",
        ]),
    },
    Elsewhere {
        id: "F-26",
        fault: "handler that gives a million updates",
        shown: Shown::It(&[
            "patches::a_client_that_answers_nothing_gets_few_patches_and_then_one_for_all",
            "bus::a_session_that_is_far_behind_misses_messages_and_renders_again",
        ]),
    },
    Elsewhere {
        id: "F-27",
        fault: "tab killed, back and forward, reload, duplicate",
        shown: Shown::Other("reload.spec.mjs and cases-return.spec.mjs in Chromium; tests/it/reload.rs"),
    },
    Elsewhere {
        id: "F-28",
        fault: "old client with a new server",
        shown: Shown::Other("status.test.js: one reload and no loop; tests/it/connect.rs"),
    },
    Elsewhere {
        id: "F-29",
        fault: "two sockets claim one session",
        shown: Shown::It(&[
            "sessions::a_second_socket_takes_over",
            "nodes::the_newest_of_two_sockets_has_the_session_on_whatever_nodes_they_are",
            "nodes::a_token_or_a_page_from_before_takes_no_session_from_its_node",
        ]),
    },
    Elsewhere {
        id: "F-34",
        fault: "commands and messages of the bus twice, late, out of order",
        shown: Shown::It(&[
            "redis::a_command_that_arrives_after_its_repetition_changes_nothing",
            "redis::a_late_owner_stays_out_even_when_redis_has_lost_its_memory",
            "nodes::what_is_broadcast_everywhere_reaches_the_sessions_of_all_nodes_once_and_in_order",
        ]),
    },
    Elsewhere {
        id: "F-40",
        fault: "upload cut",
        shown: Shown::It(&[
            "uploads::an_upload_cut_at_any_byte_goes_on_or_leaves_nothing",
            "uploads::nobody_sees_half_a_file",
            "uploads::a_client_that_comes_back_need_not_wait_for_the_connection_that_hangs",
            "uploads::a_session_that_ends_leaves_nothing",
        ]),
    },
    Elsewhere { id: "F-42", fault: "soak", shown: Shown::Other("make soak") },
];

/// Runs the tests that all of these name, once; those that didn't pass.
pub(crate) async fn failed() -> Result<Vec<String>> {
    let names = || ELSEWHERE.iter().flat_map(|row| if let Shown::It(tests) = row.shown { tests } else { &[] });
    let output = Command::new(option_env!("CARGO").unwrap_or("cargo"))
        .args(["test", "--locked", "-p", "livefloe-tests", "--features", "redis", "--test", "it", "--", "--exact"])
        .args(names())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .kill_on_drop(true)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let passed = |name: &str| text.lines().any(|line| line == format!("test {name} ... ok"));
    Ok(names().filter(|name| !passed(name)).map(|name| (*name).to_owned()).collect())
}
