"""What a hand-written program states of its values is proved, refuted by an input, or assumed."""

from __future__ import annotations

import warnings

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.rasp import ProgramOp
from raspc.dialects.rasp.trust import is_trusted
from raspc.errors import CompileError, MeaningWarning
from raspc.passes.examination import examine, examine_module
from raspc.pipelines import passes_of
from tests.programs.levels import parse


def program(body: str, returned: str, *, vocab: str = "[0, 1]", length: int = 3, rest: str = "") -> ModuleOp:
    lines = "\n".join(f"  {line}" for line in body.split("; "))
    return parse(
        f"rasp.program @p vocab {vocab} max_seq_len {length}{rest} {{\n  %t = rasp.tokens : {vocab}\n{lines}\n"
        f"  rasp.return {returned}\n}}\n"
    )


def the(module: ModuleOp) -> ProgramOp:
    (op,) = module.ops
    assert isinstance(op, ProgramOp)
    return op


ALL = "%s = rasp.select %t, %t true; "
EARLIER = "%i = rasp.indices : 0 to 2; %s = rasp.select %i, %i lt; "


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (f"{ALL}%x = rasp.aggregate %s, %t at_most_one : [0, 1]", "it selects several positions"),
        (f"{ALL}%x = rasp.aggregate %s, %t : [0, 1]", "it can be 0.5, which is not in its domain"),
        (f"{EARLIER}%x = rasp.aggregate %s, %t : [0, 0.5, 1] mixed", "it can be undefined"),
        (f"{EARLIER}%x = rasp.aggregate %s, %t default 7 : [0, 0.5, 1] mixed", "it can be 7"),
        (f"{ALL}%x = rasp.selector_width %s : [1, 2]", "it can be 3"),
        (f"{ALL}%x = rasp.bos_weight %s : numerical [0.5]", "it can be 0.3333333333333333"),
        ('%x = rasp.map(%t) "t -> t + 1" : [1]', "it can be 2"),
        ('%x = rasp.map(%t) "t -> 1 // t" : [1]', "it can be undefined"),
        ('%x = rasp.map(%t) "t -> (t, t)" : [(0, 0)]', r"it can be \(1, 1\)"),
        ("%x = rasp.map(%t) table ([0, 1]) -> [3, _] : [3]", "has no meaning on"),
        (f"{ALL}%u = rasp.select %t, %t eq; %o = rasp.selector_or %s, %u disjoint; %x = rasp.selector_width %o : [3]",
         "both sides select a position"),
        # A number in another form, which a function tells apart
        ('%y = rasp.map(%t) "t -> t * 1.0" : [0, 1]; %x = rasp.map(%y) "y -> str(y) == \'1\'" : [false, true]',
         "it can be 0.0"),
    ],
)  # fmt: skip
def test_what_an_input_refutes_is_refused_with_the_input(body: str, problem: str):
    module = program(body, "%x")
    with pytest.raises(CompileError, match=problem) as caught:
        examine_module(module)
    assert "help: " in str(caught.value) or "expected: " in str(caught.value)
    # ... and by the first pass of a lowering, too, which nobody has examined it for.
    with pytest.raises(CompileError, match=problem):
        passes_of("O0")[1].apply(Context(), program(body, "%x"))


@pytest.mark.parametrize(
    "body",
    [
        f"{ALL}%x = rasp.selector_width %s : 0 to 3",
        f"{ALL}%x = rasp.aggregate %s, %t : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed",
        "%i = rasp.indices : 0 to 2; %s = rasp.select %i, %i eq; %x = rasp.aggregate %s, %t at_most_one : [0, 1]",
        "%a = rasp.select %t, %t lt; %b = rasp.select %t, %t gt; %o = rasp.selector_or %a, %b disjoint; "
        "%x = rasp.selector_width %o : [0, 1, 2]",
        # Only all inputs show it: two ones are needed for a two.
        '%a = rasp.select %t, %t eq; %w = rasp.selector_width %a : [1, 2, 3]; '
        '%b = rasp.select %t, %t ne; %v = rasp.selector_width %b : [0, 1, 2]; '
        '%x = rasp.map(%w, %v) "w, v -> min(w + v, 3)" : [1, 2, 3]',
    ],
)  # fmt: skip
def test_what_holds_is_trusted_and_nothing_is_assumed(body: str):
    module = program(body, "%x")
    before = str(module)
    examine_module(module)
    assert str(module) == before
    assert is_trusted(the(module))
    assert is_trusted(the(module).clone())


def test_disjoint_selects_are_proved_where_not_all_inputs_can_be_tried():
    body = (
        "%a = rasp.select %t, %t lt; %b = rasp.select %t, %t gt; %o = rasp.selector_or %a, %b disjoint; "
        "%x = rasp.selector_width %o : 0 to 39"
    )
    module = program(body, "%x", vocab="0 to 9", length=40)
    examine_module(module, strict=True)
    assert is_trusted(the(module))


def test_of_selects_whose_values_are_not_stated_it_is_not_proved_that_they_are_disjoint():
    body = (
        '%y = rasp.map(%t) "t -> t + 1" : ?; %a = rasp.select %y, %y lt; %b = rasp.select %y, %y gt; '
        "%o = rasp.selector_or %a, %b disjoint; %x = rasp.selector_width %o : 0 to 39"
    )
    module = program(body, "%x", vocab="0 to 9", length=40)
    with pytest.warns(MeaningWarning, match="it can't be proved that its sides are disjoint"):
        examine_module(module)


@pytest.mark.parametrize(("length", "value"), [(2, "0.5"), (40, "19.5"), (70, "31.5")])
def test_a_false_domain_of_a_mean_is_refuted_by_an_input_of_any_length(length: int, value: str):
    # Of inputs of 40 tokens there are so many that their rows aren't told apart by one number each.
    means = ", ".join(str(number / 2) for number in range(min(length, 64) - 1))
    body = f"%i = rasp.indices : 0 to {length - 1}; {ALL}%x = rasp.aggregate %s, %i : [{means}] mixed"
    with pytest.raises(CompileError, match=f"it can be {value}, which is not in its domain"):
        examine_module(program(body, "%x", vocab="0 to 9", length=length))


HARD = (
    '%a = rasp.select %t, %t eq; %w = rasp.selector_width %a : 0 to {most}; '
    '%b = rasp.select %t, %t ne; %v = rasp.selector_width %b : 0 to {most}; '
    '%x = rasp.map(%w, %v) "w, v -> w + v" : {domain}'
)  # fmt: skip


def test_what_is_neither_proved_nor_refuted_is_an_assumption():
    def module() -> ModuleOp:
        return program(HARD.format(most=40, domain="0 to 40"), "%x", vocab="0 to 9", length=40)

    recorded = module()
    with pytest.warns(MeaningWarning, match="it can't be proved that its values are those of its domain"):
        examine_module(recorded)
    assumptions = the(recorded).assumptions
    assert assumptions is not None
    assert [text.data for text in assumptions] == ["'x': it isn't proved that its values are those of its domain"]
    with pytest.raises(CompileError, match="it can't be proved"):
        examine_module(module(), strict=True)
    # What was recorded isn't recorded again.
    again = parse(str(recorded))
    with pytest.warns(MeaningWarning):
        examine_module(again)
    assert str(again) == str(recorded)


def test_a_false_domain_of_what_is_hard_to_prove_is_refuted_by_a_sample():
    module = program(HARD.format(most=40, domain="0 to 39"), "%x", vocab="0 to 9", length=40)
    with pytest.raises(CompileError, match="it can be 40"):
        examine_module(module)


def test_a_program_without_a_meaning_on_some_inputs_records_that_as_infer_values_does():
    body = "%a = rasp.select %t, %t eq; %w = rasp.selector_width %a : 1 to 3; %b = rasp.select %w, %w eq; "
    module = program(f'{body}%x = rasp.aggregate %b, %t : ["a", "b"]', "%x", vocab='["a", "b"]')
    with pytest.warns(MeaningWarning, match="it can't be proved that this has a meaning on every input"):
        examine_module(module)
    assert the(module).assumptions is not None


def test_what_infer_values_has_inferred_is_trusted():
    module = program(f"{ALL}%x = rasp.selector_width %s : ?", "%x")
    assert not is_trusted(the(module))
    passes_of("O0")[0].apply(Context(), module)
    assert is_trusted(the(module))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        examine(the(module), strict=True)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("garbage", "can't be read"),
        ("craft.model", "can't be read"),
        ("rasp.program @p vocab [1] max_seq_len 3 { %t = rasp.tokens : ? rasp.return %t }", "is for other inputs"),
        ("rasp.program @p vocab [0, 1] max_seq_len 2 { %t = rasp.tokens : ? rasp.return %t }", "is for other inputs"),
        ("rasp.program @p vocab [0, 1] max_seq_len 3 causal { %t = rasp.tokens : ? rasp.return %t }", "other inputs"),
    ],
)
def test_assumptions_are_about_a_program_for_the_same_inputs(source: str, problem: str):
    module = program(f"{ALL}%x = rasp.selector_width %s : 1 to 3", "%x", rest=f' assuming ["x"] of "{source}"')
    with pytest.raises(CompileError, match=problem):
        examine_module(module)


def test_a_program_that_is_lowered_in_part_is_examined_too():
    body = '%y = rasp.map(%t) "t -> t + 1" : [1, 2]; %s = rasp.select %y, %t gt; %x = rasp.selector_width %s : 1 to 3'
    lowered = program(body, "%x")
    for compiler_pass in passes_of("O0")[:4]:
        compiler_pass.apply(Context(), lowered)
    examine_module(parse(str(lowered)))
    assert "0.25" in str(lowered)
    with pytest.raises(CompileError, match=r"it can be 0\.25"):
        examine_module(parse(str(lowered).replace("0.25, ", "")))


@pytest.mark.parametrize("domain", ["[1, 2]", '["a", "b", "c"]', '["a"]'])
def test_the_vector_of_an_s_op_has_its_values(domain: str):
    with pytest.raises(VerifyException, match=r"its domain is|it can be"):
        parse(
            'rasp.program @p vocab ["a", "b"] max_seq_len 2 {\n  %t = rasp.tokens : categorical ["a", "b"]\n'
            '  %v = builtin.unrealized_conversion_cast %t : !rasp.sop<categorical ["a", "b"]> to '
            f'!craft.vec<"t" {domain}>\n  rasp.return %t\n}}\n'
        )
