"""A sketchpad and a small network: a model in the same process, asked while the visitor draws.

`python app.py`, then open http://127.0.0.1:8000. `train.py`, beside this file, made the network.
"""

import os
from pathlib import Path

import livefloe as lf

#: What the network looks at: 8 by 8 cells, in each the ink of a block of 4 by 4.
SIDE, SHEET = 8, 32
#: A digit is narrower than the sheet that it was written on.
MAX_WIDTH = 24

Rows = list[list[float]]

SIGNATURE = "image: f32 [n, 1, 8, 8] -> probabilities: f32 [n, 10]"

app = lf.App("Digits")
problem = ""
try:
    path = os.environ.get("DIGITS_MODEL", Path(__file__).with_name("digits.pt"))
    network = app.torch(path, SIGNATURE)
except lf.errors.ModelError as error:
    problem = str(error)


class Digits(lf.State):
    probabilities: list[float] = []  # none while nothing is drawn

    async def read(self, picture: lf.Picture) -> None:
        # Without a network the page says so already.
        is_asked = not (picture.is_empty or problem)
        self.probabilities = await network([prepare(picture)]) if is_asked else []


@app.page("/")
def digits() -> None:
    state = Digits()
    lf.title("Digits")
    lf.page_header("Digits", subtitle="Draw one, and a small network says which it is.")
    if problem:
        lf.alert(problem, "warning", title="There is no network to ask")
    with lf.row():
        with lf.card():
            lf.sketchpad(
                "Your digit",
                size=(SHEET, SHEET),
                clear="Clear",
                on_input=state.read,
                debounce_ms=50,
            )
        with lf.card(), lf.element("div", aria_live="polite"):
            lf.label(state.probabilities, top=3, title="It is a", placeholder="Draw something.")


def prepare(picture: lf.Picture) -> Rows:
    """Brings a drawing to the form of those that the network was trained with.

    Cut out, made as high as the sheet, put in its middle, and counted in blocks.
    """
    rows = transposed(cropped(transposed(cropped(picture.to_lists()))))
    width = min(max(round(len(rows[0]) * SHEET / len(rows)), 1), MAX_WIDTH)
    left = (SHEET - width) // 2
    sheet = [[0.0] * SHEET for _ in range(SHEET)]
    for y, covered in enumerate(parts(rows, SHEET)):
        for x, cells in enumerate(parts(transposed(covered), width)):
            sheet[y][left + x] = mean(cells)
    return [
        [mean(cells) for cells in parts(transposed(block), SIDE)] for block in parts(sheet, SIDE)
    ]


def cropped(rows: Rows) -> Rows:
    inked = [index for index, row in enumerate(rows) if any(row)]
    return rows[inked[0] : inked[-1] + 1]


def transposed(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def parts(rows: Rows, count: int) -> list[Rows]:
    """What each of `count` parts covers, those at the edges included."""
    size = len(rows)
    return [rows[part * size // count : -(-(part + 1) * size // count)] for part in range(count)]


def mean(cells: Rows) -> float:
    return sum(map(sum, cells)) / sum(map(len, cells))


if __name__ == "__main__":
    app.run()
