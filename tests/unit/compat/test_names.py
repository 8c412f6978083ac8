"""The names and signatures of Tracr 1.0.0 that programs use, and what there is instead of each."""

from __future__ import annotations

import importlib
import inspect
import types
from typing import Any

import pytest

SIGNATURES: dict[str, dict[str, str]] = {
    "rasp.rasp": {
        "Aggregate": "(selector, sop, default=None)",
        "ConstantSOp": "(value, check_length=True)",
        "ConstantSelector": "(value, check_length=True)",
        "Full": "(fill)",
        "LinearSequenceMap": "(fst, snd, fst_fac, snd_fac)",
        "Map": "(f, inner, simplify=True)",
        "Select": "(keys, queries, predicate)",
        "SelectorAnd": "(fst, snd)",
        "SelectorNot": "(inner)",
        "SelectorOr": "(fst, snd)",
        "SelectorWidth": "(selector)",
        "SequenceMap": "(f, fst, snd)",
        "annotate": "(expr, **annotations)",
        "categorical": "(sop)",
        "evaluate": "(expr, xs)",
        "get_encoding": "(sop)",
        "is_categorical": "(sop)",
        "is_numerical": "(sop)",
        "numerical": "(sop)",
        "selector_and": "(fst, snd, simplify=True)",
        "selector_not": "(inner, simplify=True)",
        "selector_or": "(fst, snd, simplify=True)",
        "sop_not": "(sop)",
    },
    "rasp.causal_eval": {"evaluate": "(expr, xs)"},
    "compiler": {
        "compile_rasp_to_model": "(program, vocab, max_seq_len, causal=False, compiler_bos='compiler_bos', "
        "compiler_pad='compiler_pad', mlp_exactness=100)",
    },
    "compiler.compiling": {
        "compile_rasp_to_model": "(program, vocab, max_seq_len, causal=False, compiler_bos='compiler_bos', "
        "compiler_pad='compiler_pad', mlp_exactness=100)",
    },
    "compiler.lib": {
        "detect_pattern": "(sop, pattern)",
        "make_count": "(sop, token)",
        "make_count_less_freq": "(n)",
        "make_frac_prevs": "(bools)",
        "make_hist": "()",
        "make_length": "()",
        "make_nary_sequencemap": "(f, *sops)",
        "make_pair_balance": "(sop, open_token, close_token)",
        "make_reverse": "(sop)",
        "make_shuffle_dyck": "(pairs)",
        "make_shuffle_dyck2": "()",
        "make_sort": "(vals, keys, *, max_seq_len, min_key)",
        "make_sort_freq": "(max_seq_len)",
        "make_sort_unique": "(vals, keys)",
        "shift_by": "(offset, /, sop)",
    },
}
"""Tracr's functions, and its classes that programs call."""

OURS: dict[str, str] = {
    "Map": "(f, inner, *inners, simplify=False)",
    "SequenceMap": "(f, fst, snd, *rest)",
    "evaluate": "(expr, xs, *, causal=False)",
    "selector_and": "(fst, snd, simplify=False)",
    "selector_not": "(inner, simplify=False)",
    "selector_or": "(fst, snd, simplify=False)",
}
"""The signatures of raspc that differ: they take more, and where `simplify` isn't given they keep what was written."""

OTHERS: dict[str, set[str]] = {
    "rasp.rasp": {
        "Comparison", "Encoding", "IndicesType", "NumericValue", "Predicate", "RASPExpr", "SOp", "Selector",
        "SelectorValue", "TokensType", "Value", "indices", "length", "tokens",
    },
    "compiler.compiling": {"COMPILER_BOS", "COMPILER_PAD"},
    "compiler.lib": {"length"},
    "compiler.assemble": {"AssembledTransformerModel", "AssembledTransformerModelOutput"},
    "transformer.encoder": {"CategoricalEncoder", "Encoder", "NumericalEncoder"},
    "transformer.model": {"CompiledTransformerModelOutput", "TransformerConfig", "TransformerOutput"},
}  # fmt: skip
"""Tracr's other names that there are."""

MISSING: dict[str, dict[str, str]] = {
    "rasp.rasp": {
        "Annotator": "annotations are what the user says; there are no default ones",
        "DEFAULT_ANNOTATORS": "as above",
        "default_encoding": "the compiler chooses encodings",
        "default_name": "the attribute `name`",
        "DefaultRASPEvaluator": "`evaluate` is the only evaluator: what a program means isn't open to change",
        "RASPEvaluator": "as above",
        "LengthType": "`length` is a SelectorWidth",
        "RASPExprT": "a type variable",
        "SOpT": "a type variable",
        "T": "a type variable",
        "VT": "a type variable",
    },
    "rasp.causal_eval": {"CausalEvaluator": "as DefaultRASPEvaluator"},
    "compiler.assemble": {
        "EmbeddingModules": "there is no Haiku module",
        "ModelForward": "a protocol",
        "assemble_craft_model": "the passes of raspc do that",
    },
    "transformer.model": {
        "CallableHaikuModule": "there is no Haiku module",
        "CompiledTransformerModel": "there is no Haiku module",
        "Transformer": "there is no Haiku module",
    },
}
"""Tracr's names that there aren't, and why."""


def signature(callable_: Any) -> str:
    """The signature without types."""
    found = inspect.signature(callable_)
    parameters = [parameter.replace(annotation=parameter.empty) for parameter in found.parameters.values()]
    return str(found.replace(parameters=parameters, return_annotation=found.empty))


def ours(module: str) -> types.ModuleType:
    return importlib.import_module(f"raspc.compat.tracr.{module}")


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in SIGNATURES.items() for name in names])
def test_signatures_are_tracrs(module: str, name: str):
    # `evaluate` of causal_eval has no option; it is the option.
    expected = SIGNATURES[module][name] if module == "rasp.causal_eval" else OURS.get(name, SIGNATURES[module][name])
    assert signature(getattr(ours(module), name)) == expected


@pytest.mark.parametrize("module", OTHERS)
def test_other_names_are_there(module: str):
    assert not [name for name in OTHERS[module] if not hasattr(ours(module), name)]
    assert not [name for name in MISSING.get(module, {}) if hasattr(ours(module), name)]


def test_every_name_of_rasp_is_there_by_either_import():
    from raspc import rasp

    for name in SIGNATURES["rasp.rasp"].keys() | OTHERS["rasp.rasp"]:
        assert getattr(ours("rasp.rasp"), name) is getattr(rasp, name)
    assert ours("rasp.causal_eval").evaluate is rasp.causal_eval.evaluate
