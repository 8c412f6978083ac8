import itertools

import pytest

from raspc.testing.sampling import MAX_UNIFORM, all_inputs, count_inputs, edge_inputs, sampled_inputs


@pytest.mark.parametrize(("n_vocab", "max_seq_len"), [(1, 1), (3, 1), (1, 5), (2, 4), (4, 3)])
def test_all_inputs_are_as_many_as_counted(n_vocab: int, max_seq_len: int):
    inputs = list(map(tuple, all_inputs(range(n_vocab), max_seq_len)))
    assert len(inputs) == len(set(inputs)) == count_inputs(n_vocab, max_seq_len)
    assert {len(tokens) for tokens in inputs} == set(range(1, max_seq_len + 1))


def test_counting_needs_no_float():
    assert count_inputs(1000, 1000) > 10**3000


def test_edges():
    edges = list(edge_inputs("abc", 4))
    for token in "abc":
        assert [token] in edges
        assert [token] * 4 in edges
    assert list("abca") in edges
    assert list("cbac") in edges
    assert list("acac") in edges


@pytest.mark.parametrize(("n_vocab", "max_seq_len"), [(1, 1), (1, 3), (3, 1), (2, 2), (500, 30)])
def test_edges_are_inputs(n_vocab: int, max_seq_len: int):
    edges = list(edge_inputs(range(n_vocab), max_seq_len))
    assert all(1 <= len(tokens) <= max_seq_len and set(tokens) <= set(range(n_vocab)) for tokens in edges)
    assert len(edges) <= n_vocab + MAX_UNIFORM + 4


def test_samples_depend_on_the_seed_alone():
    first, again, other = (list(sampled_inputs("abcdef", 10, 200, seed)) for seed in (0, 0, 1))
    assert first == again != other
    assert len(first) == 200
    assert {len(tokens) for tokens in first} == set(range(1, 11))
    assert set(itertools.chain(*first)) == set("abcdef")
    assert all(len(set(tokens)) <= 3 for tokens in first[1::2])
