import subprocess
import sys

import pytest
from hypothesis import find, given, settings

from raspc import rasp
from raspc.errors import ProgramError
from raspc.rasp.interpreter import in_order
from raspc.testing import RandomProgram
from raspc.testing.source import assignments
from raspc.testing.strategies import programs

quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)
thorough = settings(quick, max_examples=1000)


@quick
@given(programs(max_size=5, vocab=["a", "b"], max_seq_len=3, causal=True, output_type="int"))
def test_arguments_hold(random: RandomProgram):
    assert random.vocab == ("a", "b")
    assert random.max_seq_len == 3
    assert random.causal
    assert len(random.source.splitlines()) <= 5 + 5 + 4


@quick
@given(programs(max_size=6, op_mix={"aggregate": 0, "selector_width": 0}))
def test_operations_of_weight_zero_are_left_out(random: RandomProgram):
    selectors = [expr for expr in in_order(random.program) if isinstance(expr, rasp.Selector)]
    assert all(selector is rasp.length.selector for selector in selectors)


def test_wrong_arguments_are_refused_at_once():
    with pytest.raises(ProgramError, match="no output type"):
        programs(output_type="integers")


def test_the_simplest_program_has_no_operation():
    found = find(programs(), lambda random: True, settings=thorough)
    assert (found.max_seq_len, found.causal) == (1, False)
    assert len(assignments(found.program)) == 1
    assert isinstance(found.program, rasp.Full | rasp.TokensType | rasp.IndicesType) or found.program is rasp.length


@pytest.mark.parametrize(
    "wanted",
    [rasp.Aggregate, rasp.SelectorWidth, rasp.SelectorNot, rasp.SelectorOr, rasp.LinearSequenceMap],
)
def test_a_program_shrinks_to_little_more_than_what_is_looked_for(wanted: type[rasp.RASPExpr]):
    def has_it(random: RandomProgram) -> bool:
        return any(isinstance(expr, wanted) for expr in in_order(random.program))

    found = find(programs(max_size=10), has_it, settings=thorough)
    assert (found.max_seq_len, len(found.vocab), found.causal) == (1, 1, False)
    assert len(assignments(found.program)) <= 5, found.source


def test_without_hypothesis_the_seeded_generator_works_and_the_strategies_say_what_is_missing():
    code = """
import sys
sys.modules["hypothesis"] = None
import raspc.testing
print(raspc.testing.random_program(0).max_seq_len)
try:
    import raspc.testing.strategies
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    first, *message = result.stdout.splitlines()
    assert int(first) >= 1
    assert message[0] == "raspc.testing.strategies needs hypothesis, which isn't installed"
    assert "random_program" in message[1]


def test_the_package_does_not_import_hypothesis():
    code = "import sys, raspc.testing; print('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"
