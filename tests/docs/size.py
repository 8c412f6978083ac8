"""The text of docs/size.md, made from what benchmarks/size.py and benchmarks/tracr_comparison.py have measured.

`python -m tests.docs.size` writes it again. Nothing is measured for it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.docs.paper_programs import PAPER, PaperProgram
from tests.docs.size_records import LEVEL, LEVELS, Pair, SizeRecord, SizeRecords, pairs
from tests.docs.tracr_records import Records
from tests.programs.corpus import CORPUS

PAGE = Path(__file__).parents[2] / "docs" / "size.md"

TARGETS = {
    "parameters": Fraction(1, 20),
    "padded": Fraction(1, 10),
    "n_layers": Fraction(6, 10),
    "d_model": Fraction(1, 2),
}
"""What share of Tracr's totals raspc's are to have at most; Tracr's models are always padded."""

TITLES = {
    "parameters": "parameters as stored",
    "padded": "parameters padded",
    "n_layers": "layers",
    "d_model": "d_model",
}

INTRODUCTION = f"""\
# Sizes beside Tracr's

How large the models are that [Tracr](https://github.com/google-deepmind/tracr) and raspc make of the same programs, and
what the RASP paper counts for its own. `make size` writes this page: it installs Tracr in an environment of its own,
has it compile what is new or has changed in the corpus, and compiles all of it with raspc.

- *Layers* are an attention followed by an MLP, of which one may be missing; *heads* are the most of a layer.
- *Parameters as stored* are the elements of all weights, embeddings and unembedding with them. Each layer has the heads
  and widths that it needs.
- *Padded* are the same after the pass [pad-uniform](passes.md#pad-uniform), which gives all layers one size. Tracr's
  models are always so, and are counted as Tracr stores them, which is without an unembedding.
- Tracr gets the form of a program of which it makes the most, as in the [comparison](tracr-comparison.md), which also
  says where its models are right.
- Where no level is named, raspc's models are those of `{LEVEL}`.
"""

PAPER_TEXT = """\
The paper reads an architecture off a program: a layer for each aggregate on the longest way through it, in each layer a
head for each different selector, and whatever is elementwise is free (`benchmarks/paper_analyser.py`). In a transformer
the MLP of a layer follows its attention. So what is elementwise is free only if it needs nothing but that attention and
earlier layers, and if one MLP can compute it exactly.

The programs are those of the corpus. The paper's figures follow from them too, if a width is computed as with a BOS,
by one head: raspc's and Tracr's models have a BOS of their own. Some are written otherwise than in the paper. Its sorts
expect a BOS in the input; its sort by frequency, which drops repetitions, is `most_frequent`; and its Dyck-2 program
takes means of brackets where this one takes widths, which needs two heads in the first layer where that one needs them
in the second.
"""


def page(tracr: Records, sizes: SizeRecords) -> str:
    """The text of the page."""
    compared = pairs(tracr, sizes)
    parts = [
        INTRODUCTION,
        _setting(tracr, sizes),
        "## In total\n",
        _totals(compared),
        _reached(compared),
        _spread(compared),
        f"![Parameters of raspc's models over those of Tracr's, one dot a program, both axes logarithmic]({PLOT})\n",
        "## The programs of the RASP paper\n",
        PAPER_TEXT,
        _paper_table(tracr, sizes),
        "## Program by program\n",
        _left_out(compared, tracr, sizes),
        _programs(compared),
    ]
    return "\n".join(parts)


PLOT = "size.svg"


def _setting(tracr: Records, sizes: SizeRecords) -> str:
    s, t = sizes.setting, tracr.setting
    return (
        f"Measured with raspc {s['raspc']} (xDSL {s['xdsl']}, NumPy {s['numpy']}, SciPy {s['scipy']}) and tracr-pypi "
        f"{t['tracr-pypi']} (JAX {t['jax']}).\n"
    )


# Totals


def _total(compared: Sequence[Pair], key: str, level: str | None) -> int:
    """The sum of a size over the programs: of raspc's at a level, or of Tracr's."""
    if level is None:
        return sum(each.tracr["parameters" if key == "padded" else key] for each in compared)
    return sum(each.raspc[level][key] for each in compared)


def _share(compared: Sequence[Pair], key: str, level: str) -> Fraction:
    return Fraction(_total(compared, key, level), _total(compared, key, None))


def _totals(compared: Sequence[Pair]) -> str:
    lines = f"Over the {len(compared)} programs of the corpus that both compile, and as a share of Tracr's:\n\n"
    lines += _head("", *(cell for title in TITLES.values() for cell in (title, "of Tracr's")))
    lines += _row("Tracr", *(cell for key in TITLES for cell in (f"{_total(compared, key, None):,}", "")))
    for level in LEVELS:
        cells = ((f"{_total(compared, key, level):,}", _percent(_share(compared, key, level))) for key in TITLES)
        lines += _row(f"raspc `{level}`", *(cell for pair in cells for cell in pair))
    return lines + _row("to reach", *(cell for key in TITLES for cell in ("", f"≤ {_percent(TARGETS[key])}")))


def _reached(compared: Sequence[Pair]) -> str:
    """A sentence about the targets."""
    missed = [key for key in TITLES if _share(compared, key, LEVEL) > TARGETS[key]]
    parts = [
        f"{TITLES[key]} ({_percent(_share(compared, key, LEVEL))}, not {_percent(TARGETS[key])})" for key in missed
    ]
    verdict = f"misses {len(parts)} of the {len(TITLES)} aims: {', '.join(parts)}" if parts else "reaches all the aims"
    right = [each for each in compared if each.is_right]
    return (
        f"`{LEVEL}` {verdict}. Over the {len(right)} programs of which Tracr's model is right, at least where the "
        f"output is defined, raspc takes {_shares(right)}.\n"
    )


def _spread(compared: Sequence[Pair]) -> str:
    """How the totals are made up."""
    theirs = max(compared, key=lambda each: each.tracr["parameters"])
    ours = max(compared, key=lambda each: each.raspc[LEVEL]["parameters"])
    their_part = Fraction(theirs.tracr["parameters"], _total(compared, "parameters", None))
    our_part = Fraction(ours.raspc[LEVEL]["parameters"], _total(compared, "parameters", LEVEL))
    others = [each for each in compared if each is not ours]
    stored, padded = (statistics.median(_factor(each, key) for each in compared) for key in ("parameters", "padded"))
    larger = [f"`{each.name}`" for each in compared if _factor(each, "parameters") < 1]
    return (
        f"Few models make up much of a total: {_percent(their_part)} of Tracr's parameters are those of "
        f"`{theirs.name}`, {_percent(our_part)} of raspc's those of `{ours.name}`. Without the latter raspc takes "
        f"{_shares(others)}. In the median program Tracr's model has {float(stored):.1f} times as many parameters as "
        f"raspc's, and {float(padded):.1f} times as many as raspc's padded. It has fewer than raspc's in "
        f"{', '.join(larger) or 'none'}.\n"
    )


def _shares(compared: Sequence[Pair]) -> str:
    """What shares of Tracr's totals raspc's are."""
    *most, last = (f"{_percent(_share(compared, key, LEVEL))} of Tracr's {each}" for key, each in TITLES.items())
    return f"{', '.join(most)} and {last}"


def _factor(each: Pair, key: str) -> Fraction:
    """How many times as many parameters Tracr's model has."""
    return Fraction(each.tracr["parameters"], each.raspc[LEVEL][key])


# The paper's programs


def _paper_table(tracr: Records, sizes: SizeRecords) -> str:
    table = _head("program", "in the corpus", "the paper", "Tracr", "raspc", "where raspc is above, why")
    for each in PAPER:
        count, ours = each.count(), sizes.of(each.program)
        theirs = tracr.programs[each.name].tracr if tracr.is_current(each.program) else {}
        table += _row(
            each.title,
            f"`{each.name}`",
            f"{count.n_layers} / {count.n_heads}",
            f"{theirs['n_layers']} / {theirs['n_heads']}" if "n_layers" in theirs else theirs.get("outcome", "–"),
            "–" if ours is None else _shape(ours),
            "" if ours is None else why(each, ours),
        )
    return f"Layers / most heads of a layer:\n\n{table}"


def _shape(ours: SizeRecord) -> str:
    sizes = ours.levels[LEVEL]
    return f"{sizes['n_layers']} / {sizes['n_heads']}" if "n_layers" in sizes else "refused"


def why(each: PaperProgram, ours: SizeRecord) -> str:
    """Why raspc's model is larger than the paper counts, and what its layers without a head compute."""
    sizes, count = ours.levels[LEVEL], each.count()
    if "n_layers" not in sizes or (sizes["n_layers"] <= count.n_layers and sizes["n_heads"] <= count.n_heads):
        return ""
    alone = "; ".join(" and ".join(f"`{name}`" for name in dict.fromkeys(names)) for names in ours.mlps_alone)
    return (each.why + (f" Layers without a head compute: {alone}." if alone else "")).strip()


# Program by program


def _left_out(compared: Sequence[Pair], tracr: Records, sizes: SizeRecords) -> str:
    """How many programs there are, and why not more."""
    names = {each.name for each in compared}
    left = [program for program in CORPUS if program.name not in names]
    missing = [program for program in left if not tracr.is_current(program) or sizes.of(program) is None]
    known = [program for program in left if program not in missing]
    refused = [program for program in known if "parameters" in tracr.programs[program.name].tracr]
    impossible = [program for program in known if program not in refused]
    reasons = {"aren't compiled by Tracr": impossible, "are refused by raspc": refused, "aren't measured": missing}
    listed = ", ".join(f"{len(programs)} {reason}" for reason, programs in reasons.items() if programs)
    return (
        f"The {len(compared)} programs that both compile. The *factors* say how many times as many parameters Tracr's "
        "model has as raspc's as stored, and as raspc's padded."
        + (f" Of the other {len(left)} programs {listed}.\n" if left else "\n")
    )


def _programs(compared: Sequence[Pair]) -> str:
    columns: dict[str, Callable[[dict[str, Any]], str]] = {
        "layers": lambda sizes: str(sizes["n_layers"]),
        "d_model": lambda sizes: str(sizes["d_model"]),
        "parameters": lambda sizes: f"{sizes['parameters']:,}",
    }
    table = _head(
        "program", *(f"Tracr: {name}" for name in columns), *(f"raspc: {name}" for name in columns), "padded", "factors"
    )
    for each in compared:
        ours = each.raspc[LEVEL]
        factors = [f"{float(_factor(each, key)):.1f}" for key in ("parameters", "padded")]
        cells = [*(column(each.tracr) for column in columns.values()), *(column(ours) for column in columns.values())]
        table += _row(f"`{each.name}`", *cells, f"{ours['padded']:,}", " / ".join(factors))
    return table


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.1f} %"


def _head(*cells: str) -> str:
    return _row(*cells) + _row(*("---" for _ in cells))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(Records.load(), SizeRecords.load()), encoding="utf-8")
