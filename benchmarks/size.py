"""How large the models are that Tracr and raspc make of the same programs.

    make size                                       # in the environment of make tracr, .venv-tracr
    python benchmarks/size.py [--all] [--only NAME …]

This measures raspc's models at every level, as stored and after the pass pad-uniform, and writes benchmarks/size.json,
docs/size.md and docs/size.svg. What is known of Tracr's models is in benchmarks/tracr_comparison.json; those of
programs that are new or have changed are measured first, as `make tracr` does it, or all of them with `--all`. Where
Tracr or Matplotlib isn't installed, it is `make size` that runs; it installs both in an environment of their own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import shlex
import subprocess
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from xdsl.context import Context  # noqa: E402  after the path
from xdsl.dialects.builtin import ModuleOp  # noqa: E402
from xdsl.passes import ModulePass  # noqa: E402

import raspc  # noqa: E402
from raspc.compiler import run_pipeline  # noqa: E402
from raspc.dialects import craft  # noqa: E402
from raspc.dialects.transformer.layers import read_transformer  # noqa: E402
from raspc.lowering.assemble_transformer import AssembleTransformerPass  # noqa: E402
from raspc.lowering.metadata import ModelConfig  # noqa: E402
from raspc.passes.pad_uniform import PadUniformPass  # noqa: E402
from raspc.rasp.entry import build_module  # noqa: E402
from tests.docs import size, tracr_comparison  # noqa: E402
from tests.docs.size_records import (  # noqa: E402
    LEVEL,
    LEVELS,
    SIZES,
    Pair,
    SizeRecord,
    SizeRecords,
    digest,
    pairs,
    plotted,
)
from tests.docs.tracr_records import Records, fingerprint  # noqa: E402
from tests.programs.corpus import CORPUS, Program  # noqa: E402

PLOT = ROOT / "docs" / "size.svg"

BY_NAME = {program.name: program for program in CORPUS}


# raspc


def sizes_of(name: str) -> SizeRecord:
    """The record of a program of the corpus."""
    program = BY_NAME[name]
    warnings.simplefilter("ignore", raspc.MeaningWarning)
    levels: dict[str, dict[str, Any]] = {}
    alone: list[list[str]] = []

    def look(_: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
        if following is not None and following.name == AssembleTransformerPass.name:
            alone[:] = mlps_alone(module)

    for level in LEVELS:
        try:
            module = build_module(program.build(), program.vocab, program.max_seq_len, causal=program.causal)
            run_pipeline(module, level, on_pass=look if level == LEVEL else None)
            stored = ModelConfig.of(read_transformer(module))
            PadUniformPass().apply(Context(), module)
            padded = ModelConfig.of(read_transformer(module))
        except raspc.CompileError as error:
            levels[level] = {"message": " ".join(error.problem.split())}
            continue
        sizes = {size: getattr(stored, size) for size in ("n_layers", "n_heads", "d_model", "d_mlp")}
        levels[level] = {**sizes, "parameters": stored.n_params, "padded": padded.n_params}
    return SizeRecord(fingerprint(program), levels, alone)


def mlps_alone(module: ModuleOp) -> list[list[str]]:
    """For the layers of a model in the craft dialect that have no head, in order, the names of what they compute."""
    with_heads = {op.layer.data for op in module.walk() if isinstance(op, craft.AttentionOp)}
    found: dict[int, list[str]] = {}
    for op in module.walk():
        if isinstance(op, craft.MlpOp) and op.layer is not None and op.layer.data not in with_heads:
            found.setdefault(op.layer.data, []).extend(result.name_hint or "?" for result in op.results)
    return [found[layer] for layer in sorted(found)]


def measured(names: Sequence[str]) -> dict[str, SizeRecord]:
    """The records of some programs, by their names."""
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        return dict(zip(names, pool.imap(sizes_of, names, chunksize=4), strict=True))


# Tracr


def known_of_tracr(programs: Sequence[Program], *, again: bool) -> Records:
    """The records of the comparison with Tracr, after those that are missing are measured."""
    records = Records.load()
    if again or not all(records.is_current(program) for program in programs):
        import tracr_comparison as comparison

        limits = comparison.Limits(seconds=records.setting["time_limit_s"], memory_gib=records.setting["memory_gib"])
        comparison.bring_up_to_date(records, programs, limits, again=again)
        page = tracr_comparison.PAGE.read_text(encoding="utf-8")
        tracr_comparison.PAGE.write_text(tracr_comparison.updated(page, records), encoding="utf-8")
    return records


# The plot


def write_plot(compared: list[Pair]) -> None:
    """Draw our parameters over Tracr's; the file is the same for the same programs."""
    import matplotlib as mpl  # pyright: ignore[reportMissingImports]

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "raspc", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10})
    from matplotlib import pyplot as plt  # pyright: ignore[reportMissingImports]

    _, theirs, stored, padded = zip(*plotted(compared), strict=True)
    figure, axes = plt.subplots(figsize=(6.4, 4.8), layout="constrained")
    ends = [min(theirs) / 1.5, max(theirs) * 1.5]
    for share, style, label in ((1, "-", "as large as Tracr's"), (20, "--", "one twentieth of it")):
        axes.plot(ends, [end / share for end in ends], style, color="0.45", linewidth=1, label=label, zorder=1)
    axes.scatter(theirs, padded, s=16, facecolors="none", edgecolors="#d95f02", linewidths=0.9, label="raspc, padded")
    axes.scatter(theirs, stored, s=16, color="#1b6ca8", linewidths=0, label="raspc, as stored")
    axes.set(xscale="log", yscale="log", xlim=ends, xlabel="parameters of Tracr's model")
    axes.set_ylabel(f"parameters of raspc's model at {LEVEL}")
    axes.grid(True, which="major", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", frameon=False)
    facts = {"Date": None, "Creator": None, "Title": "Parameters beside Tracr's", "Description": digest(compared)}
    figure.savefig(PLOT, format="svg", metadata=facts)


def main() -> int:
    """Measure, and write the records, the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="measure Tracr too where nothing has changed")
    parser.add_argument("--only", nargs="+", default=None, help="the names of the programs to measure; by default all")
    options = parser.parse_args()
    if find_spec("tracr") is None or find_spec("matplotlib") is None:
        return subprocess.run(["make", "size", f"SIZE_ARGS={shlex.join(sys.argv[1:])}"], cwd=ROOT).returncode
    programs = [program for program in CORPUS if options.only is None or program.name in options.only]
    tracr = known_of_tracr(programs, again=options.all)
    records = SizeRecords() if options.only is None else SizeRecords.load()
    records.setting = {"raspc": raspc.__version__, **{name: version(name) for name in ("xdsl", "numpy", "scipy")}}
    records.setting["python"] = platform.python_version()
    records.programs.update(measured([program.name for program in programs]))
    records.save()
    size.PAGE.write_text(size.page(tracr, records), encoding="utf-8")
    write_plot(pairs(tracr, records))
    print(f"{len(programs)} programs: {SIZES.name}, {size.PAGE.name} and {PLOT.name} are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
