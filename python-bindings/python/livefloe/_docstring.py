"""What a Google-style docstring says: a description, and a text for each parameter."""

from __future__ import annotations

import inspect
import re
from typing import Any

#: Sections that say something of parameters, or of the fields of a class.
_PARAMETERS = ("Args:", "Arguments:", "Parameters:", "Attributes:")

_SECTION = re.compile(r"[A-Z][A-Za-z ]+:$")
_ENTRY = re.compile(r"\*{0,2}(\w+)(?: ?\([^)]*\))?: *(.*)")


def read_docstring(documented: Any) -> tuple[str, dict[str, str]]:
    """Reads the docstring of a function or a class.

    Args:
        documented: The function or class.

    Returns:
        What stands before the sections; and the texts of the parameters by name, each in one line.
    """
    # A class without one has its base's; a data class has its signature.
    own = vars(documented).get("__doc__") if inspect.isclass(documented) else documented.__doc__
    text = inspect.cleandoc(own or "")
    name = getattr(documented, "__name__", "")
    if name and text.startswith(f"{name}("):
        return "", {}
    description: list[str] = []
    parameters: dict[str, str] = {}
    section = last = None
    for line in text.splitlines():
        if _SECTION.match(line):
            section, last = line, None
        elif section is None:
            description.append(line)
        elif section in _PARAMETERS:
            indent = len(line) - len(line.lstrip())
            entry = _ENTRY.match(line.strip())
            if entry and 0 < indent <= 4:
                last = entry[1]
                parameters[last] = entry[2]
            elif last is not None and line.strip():
                parameters[last] = f"{parameters[last]} {line.strip()}"
    return "\n".join(description).strip(), parameters
