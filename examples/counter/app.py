"""A counter, and what it counts by: state, handlers, and components that run again by themselves.

`python app.py`, then open http://127.0.0.1:8000.
"""

import livefloe as lf

app = lf.App("Counter")


class Counter(lf.State):
    """What one visitor has counted. Its methods are handlers."""

    count: int = 0
    step: int = 1
    tallies: dict[str, int] = {"Apples": 0, "Pears": 0}

    def add(self) -> None:
        self.count += self.step

    def subtract(self) -> None:
        self.count -= self.step

    def reset(self) -> None:
        self.count = 0

    def set_step(self, step: int) -> None:
        # A slider is a text field to whoever writes the request by hand.
        self.step = min(max(step, 1), 10)

    def add_to(self, name: str) -> None:
        self.tallies[name] += self.step


@app.page("/")
def counter() -> None:
    state = Counter()
    lf.title(f"Counter: {state.count}")
    lf.page_header("Counter", subtitle="State lives on the server; a click runs a Python function.")
    with lf.card():
        lf.heading(f"Count: {state.count}")
        lf.slider("Step", 1, 10, state.step, on_input=state.set_step)
        with lf.row():
            lf.button(f"−{state.step}", state.subtract)
            lf.button(f"+{state.step}", state.add, variant="primary")
            lf.button("Reset", state.reset, variant="ghost")
    lf.heading("Children")
    lf.text("Each counts for itself, and takes the step from the page.")
    with lf.grid():
        for name in state.tallies:
            tally(name, state.step, key=name)


@lf.component
def tally(name: str, step: int) -> None:
    """Runs again when the step is another, or when its own number is: the page doesn't."""
    state = Counter()
    with lf.card(f"{name}: {state.tallies[name]}"):
        lf.button(f"Add {step}", state.add_to, args=(name,))


if __name__ == "__main__":
    app.run()
