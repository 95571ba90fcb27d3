//! A list of tasks: rows with keys, a form, moving, a filter.
//!
//! `cargo run -p livefloe-examples --bin todo`, then open <http://127.0.0.1:8000>.

use livefloe::{
    App, Component, Cx, Invalid, Markup, html,
    widget::{button, card, form, page_header, radio, row, text, text_field},
};
use serde::{Deserialize, Serialize};

const MAX_TASKS: usize = 100;
const MAX_LENGTH: u32 = 120;

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    App::new().page("/", Todo::default).serve("127.0.0.1:8000").await
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Todo {
    tasks: Vec<Task>,
    n_made: u64,
    shown: Filter,
}

#[derive(Serialize, Deserialize)]
struct Task {
    id: u64,
    text: String,
    is_done: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
enum Filter {
    #[default]
    All,
    Active,
    Done,
}

#[derive(Deserialize)]
struct Entry {
    task: String,
}

impl Component for Todo {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let visible = self.visible();
        let n_left = self.tasks.iter().filter(|task| !task.is_done).count();
        html! {
            (page_header("Todo").subtitle("A list with keys: what moves is moved, and keeps its focus."))
            (form(row(html! {
                (text_field("New task", "task").placeholder("What is there to do?").autocomplete("off").max_length(MAX_LENGTH))
                (button("Add").submit().primary())
            })).on_submit(cx.form(Self::add)).reset_after_submit())
            (radio("Show", "show").options(["All", "Active", "Done"]).selected(format!("{:?}", self.shown)).inline().hide_label()
                .on_change(cx.value(Self::show)))
            (card(html! {
                div.lf-column role="list" {
                    @for task in visible.iter().map(|index| &self.tasks[*index]) { (item(task, cx)) }
                }
                @if visible.is_empty() { (text("Nothing to show.").muted()) }
            }))
            (row(html! {
                (text(if n_left == 1 { "1 task left".to_owned() } else { format!("{n_left} tasks left") }).muted())
                (button("Clear done").on_click(cx.on(Self::clear_done)).disabled(n_left == self.tasks.len()).ghost())
            }))
        }
    }
}

fn item(task: &Task, cx: &Cx<Todo>) -> Markup {
    let Task { id, text, is_done } = task;
    html! {
        div.lf-row.lf-align-center role="listitem" lf-key=(id) {
            div.lf-field.lf-check {
                label {
                    input type="checkbox" checked[*is_done] lf-change=(cx.with_value(*id, Todo::set_done));
                    @if *is_done { s.lf-muted { (text) } } @else { span { (text) } }
                }
            }
            (row(html! {
                (button("↑").accessible_name(format!("Move {text} up")).on_click(cx.with((*id, true), Todo::shift)).ghost())
                (button("↓").accessible_name(format!("Move {text} down")).on_click(cx.with((*id, false), Todo::shift)).ghost())
                (button("×").accessible_name(format!("Remove {text}")).on_click(cx.with(*id, Todo::remove)).ghost())
            }))
        }
    }
}

impl Todo {
    /// The positions of the tasks that the filter lets through.
    fn visible(&self) -> Vec<usize> {
        let is_visible = |index: &usize| match self.shown {
            Filter::All => true,
            Filter::Active => !self.tasks[*index].is_done,
            Filter::Done => self.tasks[*index].is_done,
        };
        (0..self.tasks.len()).filter(is_visible).collect()
    }

    fn add(&mut self, entry: Entry) -> Result<(), Invalid> {
        match entry.task.trim() {
            "" => return Err(Invalid::field("task", "Say what there is to do.")),
            text if text.chars().count() > MAX_LENGTH as usize => return Err(Invalid::field("task", "That is too long for one task.")),
            _ if self.tasks.len() == MAX_TASKS => return Err(Invalid::field("task", "The list is full: finish something first.")),
            text => self.tasks.push(Task { id: self.n_made + 1, text: text.to_owned(), is_done: false }),
        }
        self.n_made += 1;
        Ok(())
    }

    fn set_done(&mut self, id: u64, is_done: bool) {
        if let Some(task) = self.tasks.iter_mut().find(|task| task.id == id) {
            task.is_done = is_done;
        }
    }

    fn remove(&mut self, id: u64) {
        self.tasks.retain(|task| task.id != id);
    }

    /// Past what the filter hides: otherwise the visitor would see nothing happen.
    fn shift(&mut self, (id, is_up): (u64, bool)) {
        let visible = self.visible();
        let Some(at) = visible.iter().position(|index| self.tasks[*index].id == id) else { return };
        let other = if is_up { at.checked_sub(1) } else { Some(at + 1) };
        if let Some(other) = other.and_then(|other| visible.get(other)) {
            self.tasks.swap(visible[at], *other);
        }
    }

    fn show(&mut self, filter: Filter) {
        self.shown = filter;
    }

    fn clear_done(&mut self) {
        self.tasks.retain(|task| !task.is_done);
    }
}
