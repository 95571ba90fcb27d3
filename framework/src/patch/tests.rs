//! What a client that follows the operations of a [`PatchWriter`] does, against a model of what it was asked for.

use proptest::{collection::vec, prelude::*};

use super::{Checkpoint, Operation, PatchWriter};
use crate::protocol::wire::{LARGEST_NUMBER, Reader};

pub(crate) fn any_operation() -> impl Strategy<Value = Operation> {
    let opaque = || vec(any::<u32>(), 0..4);
    prop_oneof![
        Just(Operation::Up),
        any::<u32>().prop_map(|index| Operation::Child { index }),
        any::<String>().prop_map(|text| Operation::Text { text }),
        any::<String>().prop_map(|text| Operation::Append { text }),
        (any::<(u32, u32, u32)>(), any::<String>()).prop_map(|((start, count, length), text)| Operation::Splice {
            start,
            count,
            length,
            text
        }),
        any::<(String, String)>().prop_map(|(name, value)| Operation::Set { name, value }),
        any::<String>().prop_map(|name| Operation::Unset { name }),
        (any::<u32>(), any::<String>(), opaque()).prop_map(|(index, html, opaque)| Operation::Insert { index, html, opaque }),
        ((any::<(u32, u32)>(), any::<String>()), (vec(any::<u32>(), 0..3), vec(any::<String>(), 0..3), vec(any::<String>(), 0..6)))
            .prop_map(|(((index, copies), html), (nodes, names, values))| Operation::Repeat { index, html, copies, nodes, names, values }),
        any::<(u32, u32)>().prop_map(|(index, count)| Operation::Remove { index, count }),
        any::<(u32, u32)>().prop_map(|(from, to)| Operation::Move { from, to }),
        (any::<u32>(), any::<String>(), opaque()).prop_map(|(index, html, opaque)| Operation::Replace { index, html, opaque }),
        any::<u32>().prop_map(|id| Operation::Component { id }),
        (any::<String>(), opaque()).prop_map(|(html, opaque)| Operation::Resync { html, opaque }),
        any::<String>().prop_map(|text| Operation::Title { text }),
        (0..=LARGEST_NUMBER, any::<u8>(), any::<String>(), vec(any::<(String, String)>(), 0..3))
            .prop_map(|(event, code, message, fields)| Operation::Refused { event, code, message, fields }),
        any::<String>().prop_map(|path| Operation::Navigate { path }),
    ]
}

fn decode(bytes: &[u8]) -> Vec<Operation> {
    Operation::decode_all(&mut Reader::new(bytes)).unwrap()
}

/// What a writer that was asked for these things wrote.
fn written(ask: impl FnOnce(&mut PatchWriter<'_>)) -> Vec<u8> {
    let mut frame = Vec::new();
    ask(&mut PatchWriter::new(&mut frame));
    frame
}

#[test]
fn a_counter_costs_a_few_bytes() {
    let frame = written(|writer| {
        writer.component(0);
        writer.descend(1);
        writer.descend(0);
        writer.text("42");
        writer.ascend();
        writer.ascend();
    });
    assert_eq!(frame, [10, 0, 1, 1, 1, 0, 2, 2, b'4', b'2']);
}

#[test]
fn moves_without_an_operation_write_nothing() {
    let mut frame = vec![2, 1, 1];
    let mut writer = PatchWriter::new(&mut frame);
    writer.component(3);
    writer.descend(1);
    writer.ascend();
    writer.component(4);
    writer.descend(9);
    assert!(writer.is_empty());
    assert_eq!(frame, [2, 1, 1]);
}

#[test]
fn the_same_component_is_not_repeated() {
    let frame = written(|writer| {
        writer.component(7);
        writer.descend(2);
        writer.unset("a");
        writer.component(8);
        writer.component(7);
        writer.unset("b");
    });
    let unset = |name: &str| Operation::Unset { name: name.to_owned() };
    assert_eq!(decode(&frame), [Operation::Component { id: 7 }, Operation::Child { index: 2 }, unset("a"), Operation::Up, unset("b")]);
}

#[test]
fn going_up_and_down_again_is_not_written() {
    let frame = written(|writer| {
        writer.component(0);
        writer.descend(2);
        writer.descend(5);
        writer.append("a");
        writer.ascend();
        writer.ascend();
        writer.descend(2);
        writer.descend(6);
        writer.append("b");
    });
    let append = |text: &str| Operation::Append { text: text.to_owned() };
    assert_eq!(
        decode(&frame),
        [
            Operation::Component { id: 0 },
            Operation::Child { index: 2 },
            Operation::Child { index: 5 },
            append("a"),
            Operation::Up,
            Operation::Child { index: 6 },
            append("b"),
        ]
    );
}

#[test]
fn after_a_resync_the_component_is_said_again() {
    let frame = written(|writer| {
        writer.component(4);
        writer.descend(1);
        writer.resync("<p>", &[]);
        writer.remove(0, 1);
    });
    assert_eq!(
        decode(&frame),
        [
            Operation::Component { id: 4 },
            Operation::Resync { html: "<p>".to_owned(), opaque: Vec::new() },
            Operation::Component { id: 4 },
            Operation::Remove { index: 0, count: 1 },
        ]
    );
}

#[test]
fn what_needs_no_cursor_moves_none() {
    let frame = written(|writer| {
        writer.component(5);
        writer.descend(1);
        writer.title("T");
        writer.refused(3, 1, "gone", &[]);
        writer.navigate("/x");
    });
    assert_eq!(
        decode(&frame),
        [
            Operation::Title { text: "T".to_owned() },
            Operation::Refused { event: 3, code: 1, message: "gone".to_owned(), fields: Vec::new() },
            Operation::Navigate { path: "/x".to_owned() },
        ]
    );
}

#[test]
fn an_operation_before_any_component_is_on_the_page() {
    let frame = written(|writer| {
        writer.ascend();
        writer.remove(0, 1);
    });
    assert_eq!(decode(&frame), [Operation::Component { id: 0 }, Operation::Remove { index: 0, count: 1 }]);
}

#[test]
fn a_rollback_leaves_the_header_alone() {
    let (mut longer, mut frame) = (vec![2, 1], vec![2, 1, 1]);
    let early = PatchWriter::new(&mut longer).checkpoint();
    let mut writer = PatchWriter::new(&mut frame);
    writer.title("T");
    writer.rollback(early);
    assert!(writer.is_empty());
    assert_eq!(frame, [2, 1, 1]);
}

/// One call of the writer.
#[derive(Debug, Clone)]
enum Call {
    Component(u32),
    Descend(u32),
    Ascend,
    Write(Operation),
    Checkpoint,
    Rollback(usize),
}

/// Few components and children, so that the same ones come up again.
fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        1 => prop_oneof![0..3_u32, Just(300)].prop_map(Call::Component),
        4 => prop_oneof![0..3_u32, Just(200)].prop_map(Call::Descend),
        4 => Just(Call::Ascend),
        4 => any_operation().prop_filter_map("moves are calls of their own", |operation| (!is_move(&operation)).then_some(Call::Write(consistent(operation)))),
        1 => Just(Call::Checkpoint),
        1 => (0..8_usize).prop_map(Call::Rollback),
    ]
}

/// With as many values as there are places in the copies.
fn consistent(mut operation: Operation) -> Operation {
    if let Operation::Repeat { copies, nodes, names, values, .. } = &mut operation {
        let n_holes = nodes.len().min(names.len());
        nodes.truncate(n_holes);
        names.truncate(n_holes);
        let n_copies = values.len().checked_div(n_holes).unwrap_or(3);
        values.truncate(n_copies * n_holes);
        *copies = u32::try_from(n_copies).unwrap();
    }
    operation
}

const fn is_move(operation: &Operation) -> bool {
    matches!(operation, Operation::Up | Operation::Child { .. } | Operation::Component { .. })
}

const fn needs_cursor(operation: &Operation) -> bool {
    !matches!(operation, Operation::Title { .. } | Operation::Refused { .. } | Operation::Navigate { .. })
}

/// Where an operation is done: a component and the way from its root. `None` for those that need no cursor.
type Place = Option<(u32, Vec<u32>)>;

#[derive(Debug, Clone, Default)]
struct Model {
    component: u32,
    path: Vec<u32>,
    done: Vec<(Place, Operation)>,
}

fn call_writer(writer: &mut PatchWriter<'_>, operation: &Operation) {
    match operation {
        Operation::Up | Operation::Child { .. } | Operation::Component { .. } => unreachable!("moves are calls of their own"),
        Operation::Text { text } => writer.text(text),
        Operation::Append { text } => writer.append(text),
        Operation::Splice { start, count, length, text } => writer.splice(*start, *count, *length, text),
        Operation::Set { name, value } => writer.set(name, value),
        Operation::Unset { name } => writer.unset(name),
        Operation::Insert { index, html, opaque } => writer.insert(*index, html, opaque),
        Operation::Remove { index, count } => writer.remove(*index, *count),
        Operation::Move { from, to } => writer.move_child(*from, *to),
        Operation::Repeat { index, html, copies, nodes, names, values } => {
            let holes: Vec<_> = nodes.iter().zip(names).map(|(node, name)| (*node, (!name.is_empty()).then_some(name.as_str()))).collect();
            writer.repeat(*index, html, &holes, *copies as usize, values.iter());
        }
        Operation::Replace { index, html, opaque } => writer.replace(*index, html, opaque),
        Operation::Resync { html, opaque } => writer.resync(html, opaque),
        Operation::Title { text } => writer.title(text),
        Operation::Refused { event, code, message, fields } => writer.refused(*event, *code, message, fields),
        Operation::Navigate { path } => writer.navigate(path),
    }
}

/// Makes the calls of a writer and of the model.
fn make(calls: Vec<Call>, frame: &mut Vec<u8>) -> Model {
    let (mut writer, mut model) = (PatchWriter::new(frame), Model::default());
    let mut checkpoints: Vec<(Checkpoint, Model)> = Vec::new();
    for call in calls {
        match call {
            Call::Component(id) => {
                writer.component(id);
                (model.component, model.path) = (id, Vec::new());
            }
            Call::Descend(index) => {
                writer.descend(index);
                model.path.push(index);
            }
            Call::Ascend => {
                writer.ascend();
                model.path.pop();
            }
            Call::Write(operation) => {
                call_writer(&mut writer, &operation);
                if matches!(operation, Operation::Resync { .. }) {
                    model.path.clear();
                }
                let place = needs_cursor(&operation).then(|| (model.component, model.path.clone()));
                model.done.push((place, operation));
            }
            Call::Checkpoint => checkpoints.push((writer.checkpoint(), model.clone())),
            Call::Rollback(to) if !checkpoints.is_empty() => {
                checkpoints.truncate(to % checkpoints.len() + 1);
                let (checkpoint, state) = checkpoints.last().cloned().unwrap();
                writer.rollback(checkpoint);
                model = state;
            }
            Call::Rollback(_) => {}
        }
        assert_eq!(writer.is_empty(), model.done.is_empty());
    }
    model
}

/// Follows the operations as a client does.
fn follow(operations: Vec<Operation>) -> Vec<(Place, Operation)> {
    let (mut cursor, mut done) = (None, Vec::new());
    for operation in operations {
        match &operation {
            Operation::Component { id } => cursor = Some((*id, Vec::new())),
            Operation::Child { index } => cursor.as_mut().expect("a component first").1.push(*index),
            Operation::Up => drop(cursor.as_mut().expect("a component first").1.pop().expect("not above the root")),
            Operation::Resync { .. } => {
                let (component, path) = cursor.take().expect("a component first");
                assert!(path.is_empty(), "a resync is done on the root");
                done.push((Some((component, path)), operation));
            }
            _ if needs_cursor(&operation) => done.push((Some(cursor.clone().expect("a component first")), operation)),
            _ => done.push((None, operation)),
        }
    }
    done
}

/// How many moves the shortest walk through these places has.
fn shortest(done: &[(Place, Operation)]) -> usize {
    let (mut moves, mut at) = (0, None);
    for (place, operation) in done {
        let Some((component, path)) = place else { continue };
        moves += match at {
            Some((from, way)) if from == component => {
                let shared = Iterator::zip(path.iter(), way).take_while(|(one, other)| one == other).count();
                path.len() + Vec::len(way) - 2 * shared
            }
            _ => 1 + path.len(),
        };
        at = (!matches!(operation, Operation::Resync { .. })).then_some((component, path));
    }
    moves
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn operations_survive_the_wire(operations in vec(any_operation(), 0..20)) {
        let mut bytes = Vec::new();
        for operation in &operations {
            operation.encode(&mut bytes);
        }
        prop_assert_eq!(decode(&bytes), operations);
    }

    #[test]
    fn each_operation_is_done_where_it_was_asked_for(calls in vec(any_call(), 0..60), header in vec(any::<u8>(), 0..4)) {
        let mut frame = header.clone();
        let model = make(calls, &mut frame);
        prop_assert_eq!(&frame[..header.len()], &header);
        let operations = decode(&frame[header.len()..]);
        prop_assert!(!operations.last().is_some_and(is_move), "a move at the end leads nowhere");
        prop_assert_eq!(operations.iter().filter(|operation| is_move(operation)).count(), shortest(&model.done));
        prop_assert_eq!(follow(operations), model.done);
    }

    #[test]
    fn a_rollback_leaves_no_trace(
        before in vec(any_call(), 0..20), taken_back in vec(any_call(), 0..20), after in vec(any_call(), 0..20),
    ) {
        // Other checkpoints would change which one the rollback goes to.
        let plain = |calls: Vec<Call>| calls.into_iter().filter(|call| !matches!(call, Call::Checkpoint | Call::Rollback(_)));
        let (before, taken_back, after) = (plain(before), plain(taken_back), plain(after));
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let first = std::iter::once(Call::Checkpoint);
        let back = std::iter::once(Call::Rollback(0));
        make(before.clone().chain(first).chain(taken_back).chain(back).chain(after.clone()).collect(), &mut with);
        make(before.chain(after).collect(), &mut without);
        prop_assert_eq!(with, without);
    }
}
