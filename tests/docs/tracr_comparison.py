"""The tables of docs/tracr-comparison.md, made from what benchmarks/tracr_comparison.py has measured.

`python -m tests.docs.tracr_comparison` brings the page up to date. Nothing is measured for it, and it needs no Tracr.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.docs.tracr_records import Record, Records
from tests.programs.compositions import COMPOSITIONS
from tests.programs.corpus import CORPUS
from tests.programs.known_failures import KNOWN_FAILURES
from tests.programs.program import Program

PAGE = Path(__file__).parents[2] / "docs" / "tracr-comparison.md"

BEGIN = "<!-- begin of what tests/docs/tracr_comparison.py makes -->\n"
END = "<!-- end of what tests/docs/tracr_comparison.py makes -->\n"

NOT_MEASURED = "not measured"

COLUMNS = ("right", "right where defined", "wrong", "refused", "not expressible", "memory limit", "time limit")


def groups() -> dict[str, list[Program]]:
    """The programs of the corpus by what they are there for."""
    known = {program.name for program in KNOWN_FAILURES}
    composed = {program.name for program in COMPOSITIONS}
    others = [program for program in CORPUS if program.name not in known | composed]
    return {
        "Programs that people write": list(COMPOSITIONS),
        "The library and the corners of the language": others,
        "Known failures": list(KNOWN_FAILURES),
    }


def updated(page: str, records: Records) -> str:
    """The text of the page with the present tables."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    made = [_setting(records), _summary(records)]
    for title, programs in groups().items():
        rows = "".join(_row(program, _record(records, program)) for program in programs)
        made.append(f"## {title}\n\n{_head('program', 'what it shows', 'Tracr', 'CPU s', 'parameters')}{rows}")
    return f"{before}{BEGIN}\n" + "\n".join(made) + f"\n{END}{after}"


def _record(records: Records, program: Program) -> Record | None:
    """The record of a program if it holds for the program as it is now."""
    return records.programs[program.name] if records.is_current(program) else None


def _head(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n" + "| " + " | ".join("---" for _ in cells) + " |\n"


def _setting(records: Records) -> str:
    s = records.setting
    return (
        f"Measured with tracr-pypi {s['tracr-pypi']}, JAX {s['jax']} and Python {s['python']}: the examples of each "
        f"program and {s['samples']} random inputs (seed {s['seed']}), at most {s['time_limit_s']:g} seconds of "
        f"processor time and {s['memory_gib']:g} GiB for each attempt.\n"
    )


def _summary(records: Records) -> str:
    """How many programs of each group come out how."""
    rows: list[tuple[str, list[Program]]] = [*groups().items(), ("All", list(CORPUS))]
    outcomes = {title: [_record(records, program) for program in programs] for title, programs in rows}
    tracr = {title: Counter(_outcome(each, "tracr") for each in found) for title, found in outcomes.items()}
    columns = [column for column in COLUMNS if any(column in counts for counts in tracr.values())]
    ours = {title: Counter(_outcome(each, "raspc") for each in found) for title, found in outcomes.items()}
    missing = any(NOT_MEASURED in counts for counts in tracr.values())
    head = ["", "programs", *(f"Tracr: {column}" for column in columns), "raspc: right", "raspc: refused"]
    table = _head(*head, *([NOT_MEASURED] if missing else []))
    for title, programs in rows:
        cells = [title, len(programs), *(tracr[title][column] for column in columns)]
        cells += [ours[title]["right"], ours[title]["refused"], *([tracr[title][NOT_MEASURED]] if missing else [])]
        table += "| " + " | ".join(map(str, cells)) + " |\n"
    everything = [each for each in outcomes["All"] if each is not None]
    return f"{_sentence(everything)}\n{table}\n{_needed(everything)}\n{_costs(everything)}"


def _outcome(record: Record | None, compiler: str) -> str:
    return NOT_MEASURED if record is None else getattr(record, compiler)["outcome"]


def _sentence(records: Sequence[Record]) -> str:
    tracr = Counter(record.tracr["outcome"] for record in records)
    right, defined, wrong = (tracr[each] for each in COLUMNS[:3])
    ours = Counter(record.raspc["outcome"] for record in records)
    return (
        f"Of {len(records)} programs Tracr compiles {right + defined + wrong}: {right} are right on all inputs, "
        f"{defined} wherever the output is defined, and {wrong} are wrong. raspc compiles "
        f"{ours['right'] + ours['wrong']}, of which {ours['right']} are right, and refuses {ours['refused']}.\n"
    )


def _needed(records: Sequence[Record]) -> str:
    """With what help Tracr was right."""
    helped = Counter(
        " and ".join(record.tracr["rules"])
        for record in records
        if record.tracr["outcome"] in ("right", "right where defined")
    )
    alone = helped.pop("", 0)
    parts = [f"{number} with *{rules}*" for rules, number in sorted(helped.items())]
    listed = ", ".join([f"{alone} are so as they are written", *parts])
    return f"Of those that are right, at least where defined, {listed}.\n"


def _costs(records: Sequence[Record]) -> str:
    """The medians over the programs that both compile."""
    both = [each for each in records if "compile_s" in each.tracr and "compile_s" in each.raspc]
    if not both:
        return ""

    def median(compiler: str, key: str) -> float:
        return statistics.median(getattr(record, compiler)[key] for record in both)

    return (
        f"The median of the {len(both)} that both compile: raspc takes {median('raspc', 'compile_s'):.2f} seconds of "
        f"processor time for {median('raspc', 'parameters'):,.0f} parameters, Tracr "
        f"{median('tracr', 'compile_s'):.2f} seconds for {median('tracr', 'parameters'):,.0f}.\n"
    )


def _row(program: Program, record: Record | None) -> str:
    if record is None:
        cells = [f"`{program.name}`", program.note, NOT_MEASURED, "", ""]
    else:
        cells = [
            f"`{program.name}`",
            program.note + _refusal(record),
            _verdict(record.tracr),
            _beside(record, "compile_s", "{:.2f}"),
            _beside(record, "parameters", "{:,}"),
        ]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _refusal(record: Record) -> str:
    """What raspc says where it doesn't compile a program."""
    return "" if record.raspc["outcome"] == "right" else f" (raspc: {_code(record.raspc.get('message', ''))})"


def _verdict(tracr: dict[str, Any]) -> str:
    """What Tracr makes of a program, with what help, and where it goes wrong."""
    needed = f", with *{'* and *'.join(tracr['rules'])}*" if tracr["rules"] else ""
    example = tracr.get("example")
    if example is not None:
        return (
            f"{tracr['outcome']}{needed}: on {_values(example['input'])} it answers {_values(example['found'])}, "
            f"not {_values(example['expected'])}"
        )
    return f"{tracr['outcome']}{needed}" + (f": {_code(tracr['message'])}" if "message" in tracr else "")


def _beside(record: Record, key: str, form: str) -> str:
    """A figure of raspc and of Tracr."""
    figures = [record.raspc.get(key), record.tracr.get(key)]
    return " / ".join("–" if figure is None else form.format(figure) for figure in figures)


def _values(values: Sequence[Any]) -> str:
    return _code(", ".join(_value(value) for value in values))


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):  # a tuple, as JSON has it
        return f"({', '.join(map(_value, value))})"
    return repr(value)


def _code(text: str) -> str:
    return "`" + text.replace("`", "'") + "`" if text else ""


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), Records.load()), encoding="utf-8")
