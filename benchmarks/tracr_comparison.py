"""What Tracr makes of the programs of the corpus, beside raspc.

    make tracr    # in an environment of its own, .venv-tracr
    python benchmarks/tracr_comparison.py [--only NAME …] [--all] [--raspc] [--time-limit 60] [--memory-gib 6]

Each program is compiled with both compilers in processes of their own, one after the other, and both models run its
examples and random inputs. The results are kept in benchmarks/tracr_comparison.json, of which
`python -m tests.docs.tracr_comparison` makes docs/tracr-comparison.md. Only programs that have no result, or have
changed, are measured, unless `--all` is given; `--raspc` measures raspc's side of all of them again.

Tracr gets several attempts: the program as it is written, and with the help of the rules of
benchmarks/tracr_translation.py. The best counts.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import platform
import re
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")  # processor time is measured

import jax
import numpy as np

import raspc
from raspc import rasp
from raspc.algebra.twins import count_as_one
from raspc.testing.sampling import sampled_inputs
from tests.docs.tracr_records import RECORDS, Record, Records, fingerprint
from tests.programs.corpus import CORPUS, Program

if TYPE_CHECKING:
    from tracr_translation import Rules

SAMPLES = 50
"""How many random inputs follow the examples."""

SEED = 0

ORDER = ("right", "right where defined", "wrong", "refused", "not expressible", "memory limit", "time limit")
"""From the best to the worst."""

FINAL = ("right", "right where defined", "not expressible")
"""What no further attempt betters."""


@dataclass(frozen=True)
class Limits:
    """What a process may take: so many seconds of processor time for an attempt, and so much memory."""

    seconds: float
    memory_gib: float


def inputs_of(program: Program) -> list[list[Any]]:
    """The examples, then random inputs."""
    random = sampled_inputs(program.vocab, program.max_seq_len, SAMPLES, SEED)
    return [*(list(xs) for xs, _ in program.examples), *random]


def outputs_of(program: Program, inputs: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """What the program means on the inputs."""
    sop = program.build()
    return [rasp.evaluate(sop, xs, causal=program.causal) for xs in inputs]


# In a process of its own


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """The processor time that an action takes, in seconds, and its result."""
    start = time.process_time()
    result = action()
    return round(time.process_time() - start, 3), result


def compared(
    inputs: Sequence[Sequence[Any]],
    expected: Sequence[Sequence[Any]],
    found: Sequence[Sequence[Any]],
    same: Callable[[Any, Any], bool],
) -> dict[str, Any]:
    """The outcome of a model's outputs, and an input on which it is wrong: the shortest, an example first."""
    wrong: list[dict[str, Any]] = []
    undefined: list[dict[str, Any]] = []
    for xs, right, answer in zip(inputs, expected, found, strict=True):
        places = [i for i, (value, other) in enumerate(zip(right, answer, strict=True)) if not same(value, other)]
        if places:
            case = {"input": list(xs), "expected": list(right), "found": list(answer)}
            (wrong if any(right[i] is not None for i in places) else undefined).append(case)
    cases = wrong or undefined
    outcome = "wrong" if wrong else "right where defined" if undefined else "right"
    example = min(cases, key=lambda case: len(case["input"])) if cases else None
    return {"outcome": outcome, "example": example}


def run_raspc(program: Program) -> dict[str, Any]:
    raspc.compile(rasp.library.make_reverse(rasp.tokens), ["a", "b"], 2)  # what is loaded once isn't measured
    inputs = inputs_of(program)
    sop = program.build()
    warnings.simplefilter("ignore", raspc.MeaningWarning)
    try:
        seconds, model = timed(lambda: raspc.compile(sop, program.vocab, program.max_seq_len, causal=program.causal))
    except raspc.CompileError as error:
        return {"outcome": "refused", "message": shown(error)}
    found = [model(xs) for xs in inputs]
    outcome = compared(inputs, outputs_of(program, inputs), found, count_as_one)
    return {**outcome, "compile_s": seconds, "parameters": model.config.n_params}


def run_tracr(program: Program, rules: Rules) -> dict[str, Any]:
    """One attempt with Tracr."""
    from tracr.compiler import compiling  # pyright: ignore[reportMissingImports]
    from tracr.rasp import rasp as tracr  # pyright: ignore[reportMissingImports]
    from tracr_translation import NotExpressibleError, Translator, agree, averaging

    inputs = inputs_of(program)
    sop = program.build()
    averages = averaging(sop, inputs, program.causal) if rules.encodings else set[int]()
    translator = Translator(rules, averages)
    try:
        translated = translator.sop(sop)
    except NotExpressibleError as error:
        return {"outcome": "not expressible", "message": shown(error)}
    if set(rules.names) - translator.used:
        return {"outcome": "unchanged"}
    try:
        seconds, model = timed(
            lambda: compiling.compile_rasp_to_model(
                translated, set(program.vocab), program.max_seq_len, causal=program.causal
            )
        )
        found = answers(model, inputs)
    except MemoryError:
        raise
    except Exception as error:
        return {"outcome": "refused", "message": f"{type(error).__name__}: {shown(error)}"}
    numerical = tracr.is_numerical(translated)
    outcome = compared(inputs, outputs_of(program, inputs), found, lambda value, other: agree(value, other, numerical))
    return {**outcome, "compile_s": seconds, **sizes_of_tracr(model)}


def sizes_of_tracr(model: Any) -> dict[str, int]:
    """The sizes of a model of Tracr; all of its layers have the same. The names are those of raspc's ModelConfig."""
    config = model.model_config
    return {
        "parameters": sum(int(array.size) for layer in model.params.values() for array in layer.values()),
        "n_layers": config.num_layers,
        "n_heads": config.num_heads,
        "d_model": len(model.residual_labels),
        "d_mlp": config.mlp_hidden_size,
    }


def answers(model: Any, inputs: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """What a model of Tracr answers, as its `apply` does it, but jitted, and all inputs of a length at once."""
    forward = jax.jit(lambda params, ids: model.forward(params, ids).unembedded_output)
    found: dict[int, list[Any]] = {}
    for length in sorted({len(xs) for xs in inputs}):
        places = [place for place, xs in enumerate(inputs) if len(xs) == length]
        encoder = model.input_encoder
        ids = np.array([encoder.encode([encoder.bos_token, *inputs[place]]) for place in places])
        rows = forward(model.params, ids).tolist()
        for place, row in zip(places, rows, strict=True):
            found[place] = (model.output_encoder.decode(row) if model.output_encoder else row)[1:]
    return [found[place] for place in range(len(inputs))]


def jit_initialisation() -> None:
    """Let Haiku initialise the models of Tracr in one piece, which takes a fraction of the time of op by op."""
    import haiku  # pyright: ignore[reportMissingImports]

    without_rng = haiku.without_apply_rng
    haiku.without_apply_rng = lambda transformed: (lambda found: type(found)(jax.jit(found.init), found.apply))(
        without_rng(transformed)
    )


def shown(error: BaseException) -> str:
    """An error's message in one line, without what changes from run to run."""
    text = " ".join(str(error).split())
    text = re.sub(r"\S*/(\w+\.py):\d+: ", "", text)
    text = re.sub(r" object at 0x[0-9a-f]+", "", text)
    return text if len(text) <= 200 else text[:199] + "…"


def work(program: Program, attempts: Sequence[str], limits: Limits, results: Connection) -> None:
    """Send the results of some attempts at one program, up to the first that can't be bettered."""
    from tracr_translation import ATTEMPTS

    memory = int(limits.memory_gib * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    jax.numpy.zeros(3).sum().block_until_ready()  # what is started once isn't measured
    for attempt in attempts:
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + limits.seconds) + 1, resource.RLIM_INFINITY))
        try:
            result = run_raspc(program) if attempt == "raspc" else run_tracr(program, ATTEMPTS[int(attempt)])
        except MemoryError:
            result = {"outcome": "memory limit"}
        results.send(result)
        if attempt != "raspc" and result["outcome"] in FINAL:
            return


# In the process that starts them


def measured(program: Program, attempts: Sequence[str], limits: Limits) -> list[dict[str, Any]]:
    """The results of the attempts, in order, each in a process that may be killed."""
    # All is imported and nothing started in JAX: a fork is quick, and safe.
    context = multiprocessing.get_context("fork")
    results: list[dict[str, Any]] = []
    while len(results) < len(attempts):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(program, attempts[len(results) :], limits, sender))
        process.start()
        sender.close()
        with contextlib.suppress(EOFError):
            while True:
                results.append(receiver.recv())
        process.join()
        if process.exitcode == 0:
            break
        if process.exitcode == -signal.SIGXCPU:
            results.append({"outcome": "time limit"})
        elif process.exitcode is not None and process.exitcode < 0:  # what XLA can't allocate, it aborts for
            results.append({"outcome": "memory limit"})
        else:
            raise SystemExit(f"{program.name}: the measurement failed")
    return results


def measure(program: Program, limits: Limits) -> Record:
    """The record of a program: raspc, and the best attempt with Tracr."""
    from tracr_translation import ATTEMPTS

    ours, *theirs = measured(program, ["raspc", *map(str, range(len(ATTEMPTS)))], limits)
    best: dict[str, Any] | None = None
    for result, rules in zip(theirs, ATTEMPTS, strict=False):
        if result["outcome"] == "unchanged" or (rules.pairs and result["outcome"] == "wrong"):
            continue  # with undefined keys the pairs are another program: they count where they help
        # Of attempts that are refused, or wrong, the last one counts: nothing helps.
        if best is None or ORDER.index(result["outcome"]) <= ORDER.index(best["outcome"]):
            best = {**result, "rules": rules.names}
    assert best is not None
    return Record(fingerprint(program), raspc=ours, tracr=best)


def bring_up_to_date(
    records: Records, programs: Sequence[Program], limits: Limits, *, again: bool = False, raspc_again: bool = False
) -> None:
    """Measure those of some programs that have no result, or have changed, and save each result.

    Args:
        records: what is known; it gets what is measured, and the present setting.
        programs: of the corpus.
        limits: for each attempt.
        again: measure all of them.
        raspc_again: measure raspc's side of all of them.
    """
    jit_initialisation()
    versions = {name: version(name) for name in ("tracr-pypi", "jax", "numpy")}
    records.setting = {
        **versions,
        "python": platform.python_version(),
        "samples": SAMPLES,
        "seed": SEED,
        "time_limit_s": limits.seconds,
        "memory_gib": limits.memory_gib,
    }
    for program in programs:
        if again or not records.is_current(program):
            record = measure(program, limits)
        elif raspc_again:
            (ours,) = measured(program, ["raspc"], limits)
            record = replace(records.programs[program.name], raspc=ours)
        else:
            continue
        records.programs[program.name] = record
        print(f"{program.name}: Tracr {record.tracr['outcome']}, raspc {record.raspc['outcome']}", flush=True)
        records.save()
    records.save()


def main() -> None:
    """Measure, and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=None, help="the names of the programs; by default all")
    parser.add_argument("--all", action="store_true", help="measure programs again that haven't changed")
    parser.add_argument("--raspc", action="store_true", help="measure raspc again, and keep what there is of Tracr")
    parser.add_argument("--time-limit", type=float, default=60, help="seconds of processor time for each attempt")
    parser.add_argument("--memory-gib", type=float, default=6, help="memory for each attempt")
    options = parser.parse_args()
    records = Records.load()
    programs = [program for program in CORPUS if options.only is None or program.name in options.only]
    limits = Limits(options.time_limit, options.memory_gib)
    bring_up_to_date(records, programs, limits, again=options.all, raspc_again=options.raspc)
    print(f"{RECORDS.name}: {len(records.programs)} programs; python -m tests.docs.tracr_comparison makes the page")


if __name__ == "__main__":
    main()
