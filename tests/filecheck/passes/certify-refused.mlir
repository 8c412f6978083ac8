// RUN: rasp-opt %s --split-input-file -p certify --verify-diagnostics | filecheck %s
// RUN: not rasp-opt %s -p 'certify{dtype=float8}' 2>&1 | filecheck %s --check-prefix=DTYPE

// DTYPE: rasp-opt: error: there is no dtype 'float8'
// DTYPE-NEXT: expected: one of float32, float16, bfloat16

// Two numbers that float32 holds as one can't be told apart at the output.

craft.model @close vocab [1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" [1]
  %number = craft.linear %tokens (1 by 1 [[16777216]]) : "number" numerical [16777216, 16777217]
  craft.unembed %number
}

// CHECK: 'number': the output can be 16777216 or 16777217, and may be off by {{.*}} in float32
// CHECK-NEXT: help: round the output with a map

// -----

// A temperature that is too low lets what isn't selected leak in.

craft.model @lukewarm vocab ["a", "b"] max_seq_len 5 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %same = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 4.0 : "same" ["a", "b"]
  craft.unembed %same
}

// CHECK: 'same': a class may be off by {{.*}} in float32

// -----

// BOS must have a score of its own between what is selected and what isn't.

craft.model @two_scores vocab ["a", "b"] max_seq_len 5 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %same = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 [[2, 0], [0, 1]]) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "same" ["a", "b"]
  craft.unembed %same
}

// CHECK: 'same': keys that it selects may score 1.0 or 2.0
// CHECK-NEXT: expected: one score for all selected keys

// -----

// A step that is steeper than its gap needs is refused as soon as its ramp reaches the numbers that it tells apart.

craft.model @ramp vocab ["a", "b"] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %inverse = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value() ov() bos [1] score 1.0 temperature 100.0 : "inverse" numerical [0.3333333333333333, 0.5]
  %hist = craft.mlp layer 0 (%inverse) w_in(1 by 3 [[134217728, 134217728, 0]]) bias [-67108863.5, -67108864.5, 1] w_out(3 by 2 [[1, -1], [-1, 1], [0, 1]]) : "hist" [1, 2]
  craft.unembed %hist
}

// CHECK: 'hist': a class may be off by {{.*}} in float32

// -----

// Numbers that overflow float32.

craft.model @huge vocab [1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" [1]
  %number = craft.linear %tokens (1 by 1 [[1.0e39]]) : "number" numerical [1.0e39]
  craft.unembed %number
}

// CHECK: 'number': its numbers are too large for float32

// -----

// A sum has to be folded into what reads it.

craft.model @sum vocab [0, 1] max_seq_len 2 {
  %one = craft.one : "one" numerical [1]
  %two = craft.sum(%one, %one) : "two" numerical [2]
  craft.unembed %two
}

// CHECK: 'two': a sum is no component itself

// -----

// Nothing else than a craft model can be certified, and nothing is passed over.

rasp.program @early vocab ["a"] max_seq_len 1 {
  %tokens = rasp.tokens : ["a"]
  rasp.return %tokens
}

// CHECK: '@early': rasp.program can't be certified
// CHECK-NEXT: expected: a craft.model
// CHECK-NEXT: help: run the passes that make a craft.model of it first

// -----

craft.model @one vocab ["a"] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" ["a"]
  craft.unembed %tokens
}
transformer.model @late(%ids, %padding) vocab ["a"] max_seq_len 1 output categorical ["a"] residual ["bos", "tokens:a"] {
  %x = transformer.embed %ids w_e(dense<[[0.0, 1.0], [1.0, 0.0]]> : tensor<2x2xf32>) w_pos(dense<[[0.0, 0.0], [0.0, 0.0]]> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0], [1.0, 0.0]]> : tensor<2x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: '@late': transformer.model can't be certified
// CHECK-NEXT: expected: a craft.model
// CHECK-NEXT: help: run certify before assemble-transformer

// -----

builtin.module {
}

// CHECK: there is nothing to certify: the module is empty

// -----

// What a component writes without any error has to be a value: here the weight of a class is 0.4.

craft.model @faint vocab ["a", "b"] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %p = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[0, 0.4], [0.4, 0]]) : "p" ["no", "yes"]
  craft.unembed %p
}

// CHECK: 'p': where 'tokens' is 'a' it writes 0.4 'yes' ideally, which is no value of its domain
// CHECK-NEXT: expected: one of its values, once, or the null vector

// -----

// A wrong weight at one combination of two computed operands.

craft.model @one_wrong_cell vocab ["a", "b"] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %places = craft.embed_positions : "places" [0, 1]
  %q = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "q" ["a", "b"]
  %r = craft.mlp layer 0 (%places) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "r" [0, 1]
  %p = craft.mlp layer 1 (%q, %r) w_in(2 by 4 [[1, 1, 0, 0], [0, 0, 1, 1]], 2 by 4 [[1, 0, 1, 0], [0, 1, 0, 1]]) bias [-1, -1, -1, -1] w_out(4 by 2 [[1, 0], [0, 1], [0, 0.4], [1, 0]]) : "p" ["no", "yes"]
  craft.unembed %p
}

// CHECK: 'p': where 'q' is 'b' and 'r' is 0 it writes 0.4 'yes' ideally, which is no value of its domain
// CHECK-NEXT: expected: one of its values, once, or the null vector
// CHECK-NEXT: help: if these never occur together, say that the result is partial
