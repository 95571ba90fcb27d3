//! A list of tasks: rows with keys, a form, editing in place, a filter.
//!
//! `cargo run -p livefloe-examples --bin todo`, then open <http://127.0.0.1:8000>.

use livefloe::{
    App, Component, Cx, Invalid, Markup, html,
    widget::{button, card, form, page_header, radio, row, text, text_field},
};
use serde::{Deserialize, Serialize};

/// Enough for anyone, and little enough to keep for everyone.
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
    editing: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Task {
    id: u64,
    text: String,
    is_done: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
enum Filter {
    #[default]
    All,
    Active,
    Done,
}

/// What both forms send.
#[derive(Deserialize)]
struct Entry {
    task: String,
}

impl Component for Todo {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let visible: Vec<_> = self.tasks.iter().filter(|task| self.shown.includes(task)).collect();
        let n_left = self.tasks.iter().filter(|task| !task.is_done).count();
        html! {
            (page_header("Todo").subtitle("A list with keys: what moves is moved, and keeps its focus."))
            (form(row(html! {
                (text_field("New task", "task").placeholder("What is there to do?").autocomplete("off").max_length(MAX_LENGTH))
                (button("Add").submit().primary())
            })).on_submit(cx.form(Self::add)).reset_after_submit())
            (radio("Show", "show").options(["All", "Active", "Done"]).selected(self.shown.name()).inline().hide_label()
                .on_change(cx.value(Self::show)))
            (card(html! {
                div.lf-column role="list" {
                    @for task in &visible {
                        div.lf-row.lf-align-center role="listitem" lf-key=(task.id) {
                            @if self.editing == Some(task.id) { (edited(task, cx)) } @else { (shown(task, cx)) }
                        }
                    }
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

fn shown(task: &Task, cx: &Cx<Todo>) -> Markup {
    html! {
        div.lf-field.lf-check {
            label {
                input type="checkbox" checked[task.is_done] lf-change=(cx.with_value(task.id, Todo::set_done));
                @if task.is_done { s.lf-muted { (task.text) } } @else { span { (task.text) } }
            }
        }
        (row(html! {
            (button("↑").accessible_name(format!("Move {} up", task.text)).on_click(cx.with((task.id, -1), Todo::shift)).ghost())
            (button("↓").accessible_name(format!("Move {} down", task.text)).on_click(cx.with((task.id, 1), Todo::shift)).ghost())
            (button("Edit").accessible_name(format!("Edit {}", task.text)).on_click(cx.with(task.id, Todo::edit)).ghost())
            (button("×").accessible_name(format!("Remove {}", task.text)).on_click(cx.with(task.id, Todo::remove)).ghost())
        }))
    }
}

fn edited(task: &Task, cx: &Cx<Todo>) -> Markup {
    html! {
        form.lf-form lf-submit=(cx.with_form(task.id, Todo::save)) lf-keydown=(cx.on(Todo::cancel)) lf-key="Escape" {
            (row(html! {
                (text_field("Task", "task").hide_label().value(&*task.text).autocomplete("off").max_length(MAX_LENGTH).autofocus(true))
                (button("Save").submit().primary())
                (button("Cancel").on_click(cx.on(Todo::cancel)))
            }))
        }
    }
}

impl Filter {
    fn name(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Active => "Active",
            Self::Done => "Done",
        }
    }

    fn includes(self, task: &Task) -> bool {
        match self {
            Self::All => true,
            Self::Active => !task.is_done,
            Self::Done => task.is_done,
        }
    }
}

impl Entry {
    /// Checked here too: what the browser checks is only a courtesy.
    fn text(self) -> Result<String, Invalid> {
        match self.task.trim() {
            "" => Err(Invalid::field("task", "Say what there is to do.")),
            text if text.chars().count() > MAX_LENGTH as usize => Err(Invalid::field("task", "That is too long for one task.")),
            text => Ok(text.to_owned()),
        }
    }
}

impl Todo {
    fn index(&self, id: u64) -> Option<usize> {
        self.tasks.iter().position(|task| task.id == id)
    }

    fn add(&mut self, entry: Entry) -> Result<(), Invalid> {
        if self.tasks.len() == MAX_TASKS {
            return Err(Invalid::field("task", "The list is full: finish something first."));
        }
        self.n_made += 1;
        self.tasks.push(Task { id: self.n_made, text: entry.text()?, is_done: false });
        Ok(())
    }

    fn set_done(&mut self, id: u64, is_done: bool) {
        if let Some(index) = self.index(id) {
            self.tasks[index].is_done = is_done;
        }
    }

    fn edit(&mut self, id: u64) {
        self.editing = Some(id);
    }

    fn save(&mut self, id: u64, entry: Entry) -> Result<(), Invalid> {
        let text = entry.text()?;
        if let Some(index) = self.index(id) {
            self.tasks[index].text = text;
        }
        self.editing = None;
        Ok(())
    }

    fn cancel(&mut self) {
        self.editing = None;
    }

    fn remove(&mut self, id: u64) {
        self.tasks.retain(|task| task.id != id);
    }

    /// Changes places with the next task in view, past what the filter hides: otherwise the visitor would see nothing happen.
    fn shift(&mut self, (id, by): (u64, isize)) {
        let visible: Vec<_> = (0..self.tasks.len()).filter(|&index| self.shown.includes(&self.tasks[index])).collect();
        let from = visible.iter().position(|&index| self.tasks[index].id == id);
        let to = from.and_then(|from| visible.get(from.checked_add_signed(by)?));
        if let (Some(from), Some(&to)) = (from, to) {
            self.tasks.swap(visible[from], to);
        }
    }

    fn show(&mut self, filter: Filter) {
        self.shown = filter;
    }

    fn clear_done(&mut self) {
        self.tasks.retain(|task| !task.is_done);
    }
}
