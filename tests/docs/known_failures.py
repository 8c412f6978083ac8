"""The table of docs/known-failures.md, made from the corpus.

`python -m tests.docs.known_failures` brings the page up to date.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from tests.programs import known_failures
from tests.programs.known_failures import KNOWN_FAILURES
from tests.programs.program import Program

PAGE = Path(__file__).parents[2] / "docs" / "known-failures.md"

BEGIN = "<!-- begin of what tests/docs/known_failures.py makes -->\n"
END = "<!-- end of what tests/docs/known_failures.py makes -->\n"

IMPORTS = """\
from raspc.rasp import Aggregate, Comparison, Full, Map, Select, SelectorWidth, SequenceMap, SOp
from raspc.rasp import indices, length, library, numerical, tokens
"""


def table() -> str:
    """The Markdown of the table: a row for each program, in order."""
    sources = _sources()
    head = "| program | vocabulary | input | raspc | Tracr 1.0.0 |\n| --- | --- | --- | --- | --- |\n"
    return head + "".join(_row(program, sources[program.name]) for program in KNOWN_FAILURES)


def definitions() -> str:
    """The selectors and functions that the programs share, as Python."""
    module = ast.parse(inspect.getsource(known_failures))
    selectors = [ast.unparse(node) for node in module.body if _is_selector(node)]
    functions = [ast.unparse(node) for node in module.body if isinstance(node, ast.FunctionDef)]
    return "\n\n\n".join([IMPORTS + "\n" + "\n".join(selectors), *functions]).replace("rasp.Select", "Select") + "\n"


def updated(page: str) -> str:
    """The text of the page with the present definitions and table."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n```python\n{definitions()}```\n\n{table()}\n{END}{after}"


def _target(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return ""


def _is_selector(node: ast.stmt) -> bool:
    return bool(_target(node)) and isinstance(getattr(known_failures, _target(node)), known_failures.rasp.Selector)


def _sources() -> dict[str, str]:
    """The expression of each program by its name, as it stands in the module."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(inspect.getsource(known_failures))):
        match node:
            case ast.Call(func=ast.Name(id="Program"), args=[ast.Constant(value=str(name)), ast.Lambda(body=body), *_]):
                found[name] = ast.unparse(body).replace("rasp.", "")
            case _:
                pass
    return found


def _row(program: Program, source: str) -> str:
    xs, output = program.examples[0]
    cells = [
        f"`{source}`",
        _values(program.vocab),
        _values(xs),
        _values(output),
        program.known_failure,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _values(values: object) -> str:
    assert isinstance(values, (list, tuple, str))
    return "`" + ", ".join(repr(value) for value in values) + "`"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
