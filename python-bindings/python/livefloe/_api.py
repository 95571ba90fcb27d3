"""The API of an interface: the function over HTTP, with JSON in and out.

`POST {path}/api` with an object of arguments gives `{"result": …}`; what doesn't fit gives 422 and
`{"error": …, "fields": {…}}`. `GET {path}/api` describes both as JSON schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ._inputs import Group, Input, first_texts
from ._run import Run
from .errors import Invalid

#: Calls that may be under way at the same time, waiting ones included. Further ones get 503.
MAX_CALLS = 256


@dataclass
class Api:
    """What answers."""

    title: str
    description: str
    inputs: Sequence[Input | Group]
    schema: Mapping[str, Any]
    function: Callable[..., Any]
    plain: Callable[[Any], Any]
    failure: Callable[[Exception], str]
    n_calls: int = 0

    async def answer(self, method: str, kind: str, body: bytes) -> tuple[int, bytes]:
        """Answers a request.

        Args:
            method: `GET` or `POST`; `HEAD` and `OPTIONS` are answered too.
            kind: The media type of the body.
            body: The body.

        Returns:
            A status and JSON.
        """
        if method in ("GET", "HEAD"):
            return 200, _json(self.described())
        if method != "POST":
            return 405, _json({"error": f"expected GET or POST, got {method}"})
        if kind.partition(";")[0].strip().lower() != "application/json":
            # Also what keeps other sites out: their forms can't send it without asking first.
            return 415, _json({"error": f"expected application/json, got {kind or 'nothing'}"})
        if self.n_calls >= MAX_CALLS:
            return 503, _json({"error": "too many calls are under way; try again later"})
        self.n_calls += 1
        try:
            return await self._call(body)
        finally:
            self.n_calls -= 1

    async def _call(self, body: bytes) -> tuple[int, bytes]:
        try:
            values = self.read(json.loads(body))
        except (ValueError, RecursionError) as error:
            return 400, _json({"error": f"expected JSON: {error}"})
        except Invalid as invalid:
            return 422, _json(_said(invalid))
        results: list[Any] = []

        def take(got: list[Any]) -> None:
            results[:] = got[-1:]

        run = Run(partial(self.function, **values), take)
        try:
            await run.follow()
        except Invalid as invalid:
            return 422, _json(_said(invalid))
        except Exception as exception:
            return 500, _json({"error": self.failure(exception)})
        return 200, _json({"result": self.plain(results[0] if results else None)})

    def read(self, given: Any) -> dict[str, Any]:
        """The function's arguments.

        Args:
            given: What was sent, parsed.

        Returns:
            The arguments by name.

        Raises:
            Invalid: They do not fit.
        """
        if not isinstance(given, dict):
            raise Invalid(f"expected an object with the arguments, got {type(given).__name__}")
        problems: dict[str, str] = {}
        values = _read(self.inputs, given, "", problems)
        if problems:
            raise Invalid(**problems)
        return values

    def described(self) -> dict[str, Any]:
        """The API as people and programs read it."""
        described: dict[str, Any] = {
            "title": self.title,
            "description": self.description,
            "method": "POST",
            "content_type": "application/json",
            "arguments": {"$schema": "https://json-schema.org/draft/2020-12/schema", **self.schema},
            "answers": {
                "200": {"result": "what the function returned, or yielded last"},
                "422": {"error": "what does not fit", "fields": {"name": "what does not fit"}},
            },
        }
        return described


def _read(
    items: Sequence[Input | Group], given: Mapping[str, Any], prefix: str, problems: dict[str, str]
) -> dict[str, Any]:
    names = {item.name.rpartition(".")[2] for item in items}
    for name in given:
        if name not in names:
            problems[f"{prefix}{name}"] = f"there is no such argument; expected {', '.join(names)}"
    values: dict[str, Any] = {}
    for item in items:
        name = item.name.rpartition(".")[2]
        if isinstance(item, Group):
            inner = given.get(name, {})
            if not isinstance(inner, dict):
                problems[item.name] = f"expected an object, got {type(inner).__name__}"
                continue
            texts = {**first_texts(item), **_texts(item, inner, problems)}
        elif name in given:
            texts = _texts(item, given[name], problems)
        elif item.asked.is_required:
            problems[item.name] = "is required"
            continue
        else:
            texts = first_texts(item)
        if item.name not in problems:
            values[name] = item.read(texts, problems)
    return values


def _texts(item: Input | Group, value: Any, problems: dict[str, str]) -> dict[str, str]:
    """An argument as what a form would send: one way to check them is enough."""
    if isinstance(item, Group):
        texts: dict[str, str] = {}
        names = {part.name.rpartition(".")[2]: part for part in item.items}
        for name, inner in value.items():
            if name not in names:
                problems[f"{item.name}.{name}"] = "there is no such argument"
            elif isinstance(names[name], Group) and not isinstance(inner, dict):
                problems[f"{item.name}.{name}"] = "expected an object"
            else:
                texts.update(_texts(names[name], inner, problems))
        for name, part in names.items():
            if name not in value and isinstance(part, Input) and part.asked.is_required:
                problems[part.name] = "is required"
        return texts
    wanted = item.schema.get("type")
    is_list = wanted == "array"
    if value is not None and (
        is_list != isinstance(value, list)
        or isinstance(value, dict)
        or (wanted == "string" and not isinstance(value, str))
        or (wanted == "boolean" and not isinstance(value, bool))
        or (wanted in ("integer", "number") and (isinstance(value, bool | str)))
    ):
        problems[item.name] = f"expected {wanted or 'a choice'}, got {json.dumps(value)[:80]}"
        return {}
    try:
        return item.sent(value)
    except ValueError as error:
        problems[item.name] = str(error)
        return {}


def _said(invalid: Invalid) -> dict[str, Any]:
    fields = dict(invalid.fields)
    whole = fields.pop("", None)
    return {"error": whole or "some arguments do not fit", "fields": fields}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
