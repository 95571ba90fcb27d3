"""What annotations of parameters and results say to `@app.interface` beyond their types."""

from __future__ import annotations


class Slider:
    """Has a number chosen by dragging: `Annotated[int, lf.Slider(1, 10)]`.

    Args:
        min: The number at the left end.
        max: The number at the right end.
        step: The distance between two numbers; 1 if not given, a hundredth of the range if an end
            is a `float`.
        unit: What the number counts, shown after it.

    Raises:
        ValueError: The left end is not below the right one.
    """

    def __init__(
        self,
        min: float = 0,
        max: float = 100,
        *,
        step: float | None = None,
        unit: str | None = None,
    ) -> None:
        if not min < max:
            raise ValueError(f"lf.Slider expected min below max, got {min!r} and {max!r}")
        self.min, self.max, self.step, self.unit = min, max, step, unit

    def __repr__(self) -> str:
        """As it was written."""
        return f"lf.Slider({self.min!r}, {self.max!r})"


class Text:
    """Says how a text is entered: `Annotated[str, lf.Text(lines=4)]`.

    Args:
        lines: The height of the field; one line by default.
        placeholder: An example, shown while it is empty.
        max_length: The longest text, in characters.
    """

    def __init__(
        self, *, lines: int = 1, placeholder: str | None = None, max_length: int | None = None
    ) -> None:
        self.lines, self.placeholder, self.max_length = lines, placeholder, max_length

    def __repr__(self) -> str:
        """As it was written."""
        return f"lf.Text(lines={self.lines!r})"


class Markdown(str):
    """A text that is shown as Markdown, where a plain `str` is shown as it is.

    Return one, or say `-> lf.Markdown` and return any `str`.
    """

    __slots__ = ()
