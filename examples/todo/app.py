"""A list of tasks: rows with keys, a form, moving, a filter.

`python app.py`, then open http://127.0.0.1:8000.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import livefloe as lf

MAX_TASKS = 100
MAX_LENGTH = 120

app = lf.App("Todo")

Filter = Literal["All", "Active", "Done"]


@dataclass
class Task:
    """Whatever shows a task runs again when the task changes."""

    id: int
    text: str
    is_done: bool = False


class Todo(lf.State):
    tasks: list[Task] = []
    n_made: int = 0
    shown: Filter = "All"

    def visible(self) -> list[Task]:
        if self.shown == "All":
            return self.tasks
        return [task for task in self.tasks if task.is_done == (self.shown == "Done")]

    def add(self, task: str) -> None:
        """Gets what the form sent: its parameters are named like the fields."""
        text = task.strip()
        if not text:
            raise lf.Invalid(task="Say what there is to do.")
        if len(text) > MAX_LENGTH:
            raise lf.Invalid(task="That is too long for one task.")
        if len(self.tasks) == MAX_TASKS:
            raise lf.Invalid(task="The list is full: finish something first.")
        self.n_made += 1
        self.tasks.append(Task(self.n_made, text))

    def set_done(self, task: Task, is_done: bool) -> None:
        task.is_done = is_done

    def remove(self, task: Task) -> None:
        self.tasks.remove(task)

    def shift(self, task: Task, by: int) -> None:
        """Changes places with the next task in view, past what the filter hides."""
        visible = self.visible()
        to = visible.index(task) + by
        if 0 <= to < len(visible):
            here, there = self.tasks.index(task), self.tasks.index(visible[to])
            self.tasks[here], self.tasks[there] = self.tasks[there], self.tasks[here]

    def clear_done(self) -> None:
        self.tasks[:] = [task for task in self.tasks if not task.is_done]


@app.page("/")
def todo() -> None:
    state = Todo()
    n_left = sum(not task.is_done for task in state.tasks)
    lf.page_header("Todo", subtitle="A list with keys: what moves is moved, and keeps its focus.")
    with lf.form(on_submit=state.add, reset=True), lf.row():
        lf.text_field(
            "New task",
            name="task",
            placeholder="What is there to do?",
            autocomplete="off",
            max_length=MAX_LENGTH,
        )
        lf.button("Add", submit=True, variant="primary")
    lf.radio("Show", get_args(Filter), bind=Todo.shown, inline=True, hide_label=True)
    with lf.card():
        with lf.element("div", class_="lf-column", role="list"):
            for task in state.visible():
                row(task, key=task.id)
        if not state.visible():
            lf.text("Nothing to show.", muted=True)
    with lf.row():
        lf.text("1 task left" if n_left == 1 else f"{n_left} tasks left", muted=True)
        lf.button(
            "Clear done", state.clear_done, disabled=n_left == len(state.tasks), variant="ghost"
        )


@lf.component
def row(task: Task) -> None:
    state = Todo()
    with lf.element("div", class_="lf-row lf-align-center", role="listitem"):
        lf.checkbox(task.text, task.is_done, name="done", on_change=state.set_done, args=(task,))
        with lf.row():
            for text, name, action, args in [
                ("↑", f"Move {task.text} up", state.shift, (task, -1)),
                ("↓", f"Move {task.text} down", state.shift, (task, 1)),
                ("×", f"Remove {task.text}", state.remove, (task,)),
            ]:
                lf.button(text, action, args=args, accessible_name=name, variant="ghost", key=text)


if __name__ == "__main__":
    app.run()
