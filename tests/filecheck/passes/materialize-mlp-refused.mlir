// RUN: rasp-opt %s --split-input-file -p materialize-mlp --verify-diagnostics | filecheck %s

rasp.program @unknown vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : ?
  rasp.return %tokens
}
// CHECK: 'tokens': its domain isn't known
// CHECK-NEXT: help: run the pass infer-values first

// -----

// Numbers that are too close: a step of 5e-8 between means of which each may be off by more. (A map is looked up.)

rasp.program @close vocab [1.0, 1.0000001] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [1.0, 1.0000001]
  %all = rasp.select %tokens, %tokens true
  %one = rasp.aggregate %all, %tokens : numerical [1.0, 1.0000000500000001, 1.0000001]
  %high = rasp.map(%one) "x -> x > 1" : categorical [false, true]
  rasp.return %high
}
// CHECK: 'high': it tells 1.0 from 1.0000000500000001, which are too close in float32: the number may be off by 1.3e-06
// CHECK-NEXT: expected: a gap of more than 5.0e-06
// CHECK-NEXT: help: reduce max_seq_len, or decide on rounder numbers

// -----

// A numerical output has to tell its values apart, too.

rasp.program @close_output vocab [1.0, 1.0000001] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [1.0, 1.0000001]
  %all = rasp.select %tokens, %tokens true
  %one = rasp.aggregate %all, %tokens : numerical [1.0, 1.0000000500000001, 1.0000001]
  rasp.return %one
}
// CHECK: 'one': the output can be 1.0 or 1.0000000500000001, which are too close in float32: the number may be off by 1.4e-06
// CHECK-NEXT: expected: a gap of more than 2.7e-06
// CHECK-NEXT: help: reduce max_seq_len, or round the output with a map

// -----

// A lookup with too many units: all of 200 times 200 products.

rasp.program @units vocab 1 to 200 max_seq_len 200 {
  %tokens = rasp.tokens : categorical 1 to 200
  %indices = rasp.indices : categorical 0 to 199
  %pair = rasp.map(%tokens, %indices) "x, i -> (x * 211 + i * 89) % 1009" : categorical 0 to 1008
  rasp.return %pair
}
// CHECK: 'pair': looking it up from 'tokens' (200 values) and 'indices' (200 values) takes 40000 hidden units
// CHECK-NEXT: expected: at most 32768
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len, or map 'tokens' to fewer values first

// -----

// ... or with too many combinations of operands: 130 tokens to the power of three.

rasp.program @cells vocab 1 to 130 max_seq_len 1 {
  %tokens = rasp.tokens : categorical 1 to 130
  %sum = rasp.map(%tokens, %tokens, %tokens) "x, y, z -> (x + y + z) % 2" : categorical [0, 1]
  rasp.return %sum
}
// CHECK: 'sum': its operands 'tokens' (130 values), 'tokens' (130 values) and 'tokens' (130 values) have 2197000 combinations of values
// CHECK-NEXT: expected: at most 2097152
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len, or split the function into steps of fewer operands
