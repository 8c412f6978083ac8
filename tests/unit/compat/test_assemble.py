from typing import Any

import numpy as np
import pytest

from raspc import rasp
from raspc.compat.tracr import compile_rasp_to_model
from raspc.compat.tracr.compiler.assemble import AssembledTransformerModel
from raspc.errors import CompileError, InputError, RaspcError
from raspc.rasp import Comparison, indices, library, tokens
from tests.unit.compat.forward import forward, read_output


def compiled(program: rasp.SOp, vocab: set[Any], max_seq_len: int = 4, **options: Any) -> AssembledTransformerModel:
    return compile_rasp_to_model(program, vocab, max_seq_len, compiler_bos="BOS", compiler_pad="PAD", **options)


REVERSE = compiled(library.make_reverse(tokens), {"a", "b", "c"})


def test_shapes_and_names_are_tracrs():
    model, config = REVERSE, REVERSE.model_config
    n, d, heads = len(model.params["token_embed"]["embeddings"]), len(model.residual_labels), config.num_heads
    width, hidden = heads * config.key_size, config.mlp_hidden_size
    expected: dict[str, dict[str, tuple[int, ...]]] = {
        "token_embed": {"embeddings": (5, d)},
        "pos_embed": {"embeddings": (5, d)},
    }
    for layer in range(config.num_layers):
        name = f"transformer/layer_{layer}"
        expected |= {f"{name}/attn/{part}": {"w": (d, width), "b": (width,)} for part in ("query", "key", "value")}
        expected[f"{name}/attn/linear"] = {"w": (width, d), "b": (d,)}
        expected[f"{name}/mlp/linear_1"] = {"w": (d, hidden), "b": (hidden,)}
        expected[f"{name}/mlp/linear_2"] = {"w": (hidden, d), "b": (d,)}
    found = {name: {key: array.shape for key, array in arrays.items()} for name, arrays in model.params.items()}
    assert n == len(model.input_encoder.encoding_map) == 5
    assert found == expected
    assert {array.dtype for arrays in model.params.values() for array in arrays.values()} == {np.dtype(np.float32)}
    assert all(type(array) is np.ndarray for arrays in model.params.values() for array in arrays.values())
    assert (config.num_layers, config.dropout_rate, config.layer_norm, config.causal) == (4, 0.0, False, False)
    assert config.activation_function(np.array([-1, 2], dtype=np.float32)).tolist() == [0, 2]


def test_what_apply_returns():
    output, config, d = REVERSE.apply(["BOS", "a", "b"]), REVERSE.model_config, len(REVERSE.residual_labels)
    assert output.decoded == ["BOS", "b", "a"]
    assert output.unembedded.shape == (1, 3)
    assert REVERSE.output_encoder.decode(output.unembedded[0, 1:].tolist()) == ["b", "a"]
    assert [x.shape for x in output.residuals] == [x.shape for x in output.layer_outputs] == [(1, 3, d)] * 8
    assert [x.shape for x in output.attn_logits] == [(1, config.num_heads, 3, 3)] * 4
    assert output.transformer_output.shape == output.input_embeddings.shape == (1, 3, d)
    np.testing.assert_array_equal(output.transformer_output, output.residuals[-1])
    stream = output.input_embeddings
    for added, residual in zip(output.layer_outputs, output.residuals, strict=True):
        stream = stream + added
        np.testing.assert_array_equal(residual, stream)


def test_directions_are_named_by_s_op_and_value():
    labels = REVERSE.residual_labels
    assert REVERSE.output_label == "reverse"
    assert [labels[direction] for direction in REVERSE.output_directions] == ["reverse:a", "reverse:b", "reverse:c"]
    output = REVERSE.apply(["BOS", "a", "b"])
    assert np.round(output.input_embeddings[0, :, labels.index("tokens:BOS")]).tolist() == [1, 0, 0]
    assert np.round(output.input_embeddings[0, :, labels.index("tokens:a")]).tolist() == [0, 1, 0]
    assert np.round(output.transformer_output[0, 1:, labels.index("reverse:b")]).tolist() == [1, 0]
    padded = REVERSE.apply(["BOS", "a", "PAD"])
    assert padded.input_embeddings[0, :, labels.index("tokens:PAD")].tolist() == [0, 0, 1]


def test_a_long_reverse():
    # Tracr's own reverse is wrong from ten tokens on.
    model = compiled(library.make_reverse(tokens), {"a", "b", "c"}, 12)
    given = list("abcabcabcaab")
    assert model.apply(["BOS", *given]).decoded == ["BOS", *given[::-1]]


def test_bos_alone():
    assert REVERSE.apply(["BOS"]).decoded == ["BOS"]
    assert REVERSE.apply(["BOS", "PAD"]).decoded == ["BOS", "PAD"]


def test_padding_is_never_attended_to():
    width = rasp.SelectorWidth(rasp.Select(indices, indices, Comparison.GEQ))
    model = compiled(rasp.SequenceMap(lambda token, width: width, tokens, width), {"a", "b"})
    output = model.apply(["BOS", "a", "b", "PAD", "PAD"])
    assert output.decoded == ["BOS", 2, 1, "PAD", "PAD"]
    for scores in output.attn_logits:
        assert (scores[..., 3:] < -1e29).all()
        assert (scores[..., :3] > -1e6).all()
    # It is in the parameters: whoever runs them needs no mask.
    ids = model.input_encoder.encode(["BOS", "a", "b", "PAD", "PAD"])
    residual = forward(model.params, model.model_config, ids)["transformer_output"][0]
    assert read_output(model, residual)[1:3] == [2, 1]


def test_undefined_is_none_for_whoever_reads_the_labels():
    model = compiled(library.shift_by(1, tokens), {"a", "b"})
    assert model.output_encoder.encoding_map == {"a": 0, "b": 1, None: 2}  # type: ignore[attr-defined]
    output = model.apply(["BOS", "b", "a"])
    assert output.decoded == ["BOS", None, "b"]
    assert output.unembedded[0, 1:].tolist() == [2, 1]
    undefined = model.residual_labels.index(f"{model.output_label}:None")
    assert (output.transformer_output[0, :, undefined] == 0.5).all()


def test_an_output_that_is_always_undefined():
    model = compiled(rasp.Aggregate(rasp.Select(tokens, tokens, Comparison.FALSE), tokens).named("never"), {"a", "b"})
    output = model.apply(["BOS", "b", "a"])
    assert output.decoded == ["BOS", None, None]
    assert f"{model.output_label}:None" in model.residual_labels


def test_numerical_outputs():
    model = compiled(library.make_frac_prevs(tokens == "a"), {"a", "b"})
    output = model.apply(["BOS", "b", "b", "a", "PAD"])
    assert output.decoded == ["BOS", 0, 0, 1 / 3, "PAD"]
    assert output.unembedded.dtype == np.float32
    assert output.unembedded[0, 1:4].tolist() == [0, 0, np.float32(1 / 3)]
    assert model.output_label == "frac_prevs"
    assert model.output_directions == [model.residual_labels.index("frac_prevs")]


def test_numerical_outputs_that_may_be_undefined():
    before = rasp.Select(indices, indices, Comparison.LT)
    model = compiled(rasp.numerical(rasp.Aggregate(before, rasp.numerical(tokens))).named("mean"), {0, 1, 2})
    output = model.apply(["BOS", 2, 1, 0])
    assert output.decoded == ["BOS", None, 2, 1.5]
    assert np.isnan(output.unembedded[0]).tolist()[1:] == [True, False, False]
    labels = [model.residual_labels[direction] for direction in model.output_directions]
    assert labels == ["mean", "mean:defined"]


def test_values_with_one_text_have_labels_that_nobody_takes_for_each_other():
    model = compiled(rasp.Map(lambda x: 1 if x == "a" else "1" if x == "b" else x, tokens).named("m"), {"a", "b", "c"})
    labels = [model.residual_labels[direction] for direction in model.output_directions]
    assert labels == ["m:1 (int)", "m:'1' (str)", "m:c"]
    assert model.apply(["BOS", "a", "b", "c"]).decoded == ["BOS", 1, "1", "c"]


def test_the_string_none_is_not_undefined():
    model = compiled(rasp.Map(lambda x: None if x == "a" else "None", tokens).named("m"), {"a", "b"})
    labels = [model.residual_labels[direction] for direction in model.output_directions]
    assert labels == ["m:'None' (str)", "m:None (NoneType)"]
    assert model.apply(["BOS", "a", "b"]).decoded == ["BOS", None, "None"]


def test_the_output_has_the_programs_name_unless_another_s_op_has_it():
    assert compiled((tokens == 1).named("shift_by(1)"), {1, 2}).output_label == "shift_by(1)"
    fraction = rasp.categorical(library.make_frac_prevs(tokens == 1)).named("share")
    assert compiled(fraction, {1, 2}).output_label == "share_1"  # the number that it is read from is the s-op, too
    taken = rasp.Map(lambda x: x + 1, library.make_hist().named("same")).named("same")
    model = compiled(taken, {1, 2})
    assert model.output_label == "same_1"
    assert {"same:2", "same_1:2"} <= set(model.residual_labels)


def test_labels_are_all_different():
    # A value that reads like the name of another direction, and a BOS token that reads like a token.
    program = rasp.Map(lambda x: x, (tokens == 1).named("a:b")).named("a")
    model = compile_rasp_to_model(program, {1, 2}, 3, compiler_bos="1", compiler_pad="2")
    assert len(set(model.residual_labels)) == len(model.residual_labels)
    model = compile_rasp_to_model(tokens, {1, 2}, 3, compiler_bos="1", compiler_pad="2")
    labels = [model.residual_labels[direction] for direction in model.output_directions]
    assert labels == ["tokens:1", "tokens:2"]
    assert {"tokens:1_", "tokens:2_"} <= set(model.residual_labels)
    assert model.apply(["1", 2, 1]).decoded == ["1", 2, 1]


def test_apply_runs_what_stands_in_params():
    model = compiled(library.make_hist(), {"a", "b"})
    given = ["BOS", "a", "a", "b"]
    assert model.apply(given).decoded == ["BOS", 2, 2, 1]
    model.params["transformer/layer_0/attn/value"]["w"] = np.zeros_like(
        model.params["transformer/layer_0/attn/value"]["w"]
    )
    assert model.apply(given).decoded != ["BOS", 2, 2, 1]
    # The model that the parameters were made from is another one.
    assert model.compiled(["a", "a", "b"]) == [2, 2, 1]


def test_no_two_arrays_of_params_share_memory():
    arrays = [array for part in REVERSE.params.values() for array in part.values()]
    for number, array in enumerate(arrays):
        assert array.flags.writeable
        assert not any(np.shares_memory(array, other) for other in arrays[:number])


def test_compiling_again_gives_the_same():
    one, other = (compiled(library.make_sort_freq(4), {3, 1, 2}) for _ in range(2))
    assert one.residual_labels == other.residual_labels
    assert list(one.params) == list(other.params)
    for name, arrays in one.params.items():
        for key, array in arrays.items():
            assert array.tobytes() == other.params[name][key].tobytes()


def test_forward_takes_a_batch():
    encode = REVERSE.input_encoder.encode
    ids = [encode(["BOS", "a", "b", "PAD"]), encode(["BOS", "c", "a", "b"])]
    output = REVERSE.forward(REVERSE.params, np.array(ids, dtype=np.int32))
    assert output.unembedded_output.shape == (2, 4)
    assert output.unembedded_output[0, 1:3].tolist() == [1, 0]
    assert output.unembedded_output[1, 1:].tolist() == [1, 0, 2]
    assert output.transformer_output.output.shape == (2, 4, len(REVERSE.residual_labels))


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([3, 0], r"expected ids of the shape \[batch, 1 to 5\], found int64 \[2\]"),
        ([[3, 0.5]], r"found float64 \[1, 2\]"),
        ([[]], r"found float64 \[1, 0\]"),
        ([[3] * 6], r"found int64 \[1, 6\]"),
        ([[3, 5]], "token ids must be between 0 and 4, found 3 to 5"),
        ([[-1, 0]], "token ids must be between 0 and 4, found -1 to 0"),
    ],
)
def test_ids_that_are_none(ids: Any, message: str):
    with pytest.raises(InputError, match=message):
        REVERSE.forward(REVERSE.params, ids)


@pytest.mark.parametrize("program", [library.make_hist(), library.make_frac_prevs(tokens == "a")])
def test_damaged_parameters(program: rasp.SOp):
    model = compiled(program, {"a", "b"})
    model.params["token_embed"]["embeddings"][0] = np.nan
    with pytest.raises(RaspcError, match="NaN or infinite"):
        model.apply(["BOS", "a"])


def test_the_certificate_holds_for_scaled_scores():
    # Scores are divided by the root of key_size, which rounds nothing: it is a power of two.
    for program in (library.make_reverse(tokens), library.make_sort_freq(4), library.make_double_hist()):
        model = compiled(program, {1, 2, 3})
        root = np.sqrt(model.model_config.key_size)
        assert np.log2(root) % 1 == 0
        assert model.compiled.certificate is not None
        assert model.compiled.config.d_head < model.model_config.key_size <= 4 * (model.compiled.config.d_head + 1)


def test_a_model_too_large_for_one_size(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("raspc.compat.tracr.compiler.weights.PARAMETER_LIMIT", 100)
    with pytest.raises(CompileError, match=r"as Tracr has it, with one size of all layers .* more than 100 parameters"):
        compiled(library.make_hist(), {"a", "b"})


def test_representation():
    assert repr(REVERSE).startswith("<AssembledTransformerModel @reverse: 4 layers, 1 heads, key_size 16, ")
