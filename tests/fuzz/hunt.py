"""The hunt for near-ties: programs whose certificates leave little, and inputs on which two outputs are close.

For each seed a few programs of means, linear maps and thresholds are compiled, and the one with the smallest margin in
its certificate is changed: the longest input becomes longer, so that more means lie between two, or a number in one of
its functions moves towards a token, to a fraction that a mean may be, or to its neighbour. What makes the margin
smaller is kept, and what is refused isn't. So decisions come as close as the compiler accepts.

Then inputs are searched for the closest decision between two outputs (`gaps_of`): the best inputs so far are changed at
one place, and the better ones are kept.
"""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from raspc import rasp
from raspc.algebra.values import Value
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import CompileError, ProgramError
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.rasp.interpreter import in_order
from raspc.runtime.model import CompiledModel
from raspc.testing import RandomProgram, random_program
from raspc.testing.choices import SeededChoices
from raspc.testing.functions import lambda_of
from tests.programs.levels import SOURCE, run_passes

DISTANCE = 1_000_003
"""How far apart the seeds of the candidates are."""

CANDIDATES = 5
"""So many programs are compiled, of which the one with the smallest margin is changed."""

CHANGES = 5
"""So many changes of it are tried."""

LONGER = 0.8
"""How often a change is one of the longest input: that nearly always makes the margin smaller, or is refused."""

GROWTH = 1.4
"""By which factor it grows."""

LONGEST = 64
"""The longest it becomes."""

PIPELINE = "O0"
"""Margins are those of this pipeline, which compiles quickly."""

INPUTS = 12
"""So many inputs are kept in the search."""

ROUNDS = 6
"""So many times they are changed."""


MIX = {"map": 5.0, "aggregate": 9.0, "linear_sequence_map": 3.0, "joint_means": 6.0, "library": 1.0}
"""What the programs are made of: what can come close."""


def close_program(seed: int) -> RandomProgram:
    """A program of means and functions of them, at a length at which they lie close to each other."""
    choices = SeededChoices(seed)
    return random_program(
        seed,
        size=choices.integer(5, 12),
        op_mix=MIX,
        output_type=choices.pick(("number", "bool", "any")),
        max_seq_len=(4, 24),
        vocab_size=(2, 4),
        causal=None,
        trivial=True,
        extremes=choices.pick((0.0, 0.2, 0.5)),
        dense=True,
    )


def hunted_program(seed: int) -> RandomProgram:
    """A program for a seed whose certificate has a small margin."""
    candidates = [close_program(seed + DISTANCE * number) for number in range(CANDIDATES)]
    found = min(candidates, key=margin_of)
    smallest = margin_of(found)
    chosen = random.Random(seed)
    for _ in range(CHANGES):
        changed = change(found, chosen)
        margin = math.inf if changed is None else margin_of(changed)
        if changed is not None and margin < smallest:
            found, smallest = changed, margin
    return found


def margin_of(program: RandomProgram) -> float:
    """The smallest margin of its certificate; infinite where the compiler refuses it."""
    try:
        module = build_module(program.program, program.vocab, program.max_seq_len, causal=program.causal)
        certificate = CompiledModel(run_passes(SOURCE, module, passes_of(PIPELINE))[-1].module).info.certificate
    except CompileError:
        return math.inf
    return math.inf if certificate is None else certificate.margin


def change(program: RandomProgram, chosen: random.Random) -> RandomProgram | None:
    """The program for longer inputs, or with another number in one of its functions; `None` where there is neither."""
    if program.max_seq_len < LONGEST and chosen.random() < LONGER:
        return longer(program, min(LONGEST, math.ceil(program.max_seq_len * GROWTH)))
    return with_another_number(program, chosen)


def longer(program: RandomProgram, longest: int) -> RandomProgram | None:
    """The program for longer inputs; `None` if it has constants for a number of positions."""
    if any(isinstance(part, rasp.ConstantSOp | rasp.ConstantSelector) for part in in_order(program.program)):
        return None
    return replace(program, max_seq_len=longest)


def with_another_number(program: RandomProgram, chosen: random.Random) -> RandomProgram | None:
    """The program with another number in one of its functions; `None` where there is no number or no program."""
    tree = ast.parse(program.source)
    numbers = [
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.Lambda)
        for node in ast.walk(function.body)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    ]
    if not numbers:
        return None
    node = chosen.choice(numbers)
    node.value = _moved(node.value, program, chosen)
    try:
        return read_program(tree, program)
    except (ProgramError, ValueError):
        return None


def _moved(number: Any, program: RandomProgram, chosen: random.Random) -> int | float:
    """A number near to where a decision may lie."""
    whole = chosen.randint(1, program.max_seq_len)
    near = [chosen.randint(0, whole) / whole, *(value for value in program.vocab if type(value) in (int, float))]
    target = chosen.choice(near)
    match chosen.randint(0, 3):
        case 0:
            return target
        case 1:
            return target + (number - target) / 8
        case 2:
            return target + chosen.choice((-1, 1)) * 2.0 ** -chosen.randint(2, 20) * max(1.0, abs(target))
        case _:
            return math.nextafter(target, chosen.choice((-math.inf, math.inf)))


def read_program(tree: ast.Module, program: RandomProgram) -> RandomProgram:
    """The program that a changed source defines, whose functions know their text."""
    scope: dict[str, Any] = {"rasp": rasp, "lambda_of": _function}
    named = ast.fix_missing_locations(_Named().visit(tree))
    exec(compile(named, "<hunt>", "exec"), scope)
    return replace(program, program=scope["program"])


def _function(parameters: Sequence[str], body: str) -> Any:
    return lambda_of(parameters, body)


class _Named(ast.NodeTransformer):
    """Makes each lambda one that is called by its own text."""

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        parameters = ast.List([ast.Constant(argument.arg) for argument in node.args.args], ast.Load())
        return ast.Call(ast.Name("lambda_of", ast.Load()), [parameters, ast.Constant(ast.unparse(node.body))], [])


def hunted_inputs(model: CompiledModel, seed: int, start: Sequence[Sequence[Value]]) -> list[list[Value]]:
    """Inputs on which two outputs of a position are nearly as likely, found by changing those that are given."""
    chosen = random.Random(seed)
    kept = _smallest(model, [list(tokens) for tokens in start])
    for _ in range(ROUNDS):
        kept = _smallest(model, [*(tokens for _, tokens in kept), *(changed(t, model, chosen) for _, t in kept)])
    return [tokens for _, tokens in kept]


def _smallest(model: CompiledModel, inputs: list[list[Value]]) -> list[tuple[float, list[Value]]]:
    distinct = list({tuple(tokens): tokens for tokens in inputs}.values())
    gaps = gaps_of(model, distinct)
    return sorted(zip(gaps, distinct, strict=True), key=lambda pair: pair[0])[:INPUTS]


def changed(tokens: Sequence[Value], model: CompiledModel, chosen: random.Random) -> list[Value]:
    """An input with one place changed."""
    found = list(tokens)
    place = chosen.randrange(len(found))
    match chosen.randint(0, 3):
        case 0:
            found[place] = chosen.choice(model.vocab)
        case 1 if len(found) < model.max_seq_len:
            found.insert(place, chosen.choice(found))
        case 2 if len(found) > 1:
            del found[place]
        case _:
            other = chosen.randrange(len(found))
            found[place], found[other] = found[other], found[place]
    return found


def gaps_of(model: CompiledModel, inputs: Sequence[Sequence[Value]]) -> list[float]:
    """For each input how far its closest decision is from falling otherwise.

    That is the distance between the two largest logits of a position or, where the output is one number, its distance
    from the middle between two values.
    """
    if len(model.info.outputs) < 2 or not inputs:
        return [math.inf] * len(inputs)
    ids, padding = model.codec.encode_batch(inputs)
    logits = np.where(padding[..., None], model._logits(ids, padding), 0).astype(np.float64)
    if model.info.encoding == Encoding.NUMERICAL:
        values = np.array(sorted(float(value) for value in model.info.outputs.values if isinstance(value, int | float)))
        middles = (values[1:] + values[:-1]) / 2
        gaps = np.abs(logits[..., :1] - middles).min(axis=-1)
    else:
        largest = np.partition(logits, -2, axis=-1)[..., -2:]  # [batch, n, 2]
        gaps = largest[..., 1] - largest[..., 0]
    return np.where(padding, gaps, np.inf).min(axis=-1).tolist()
