// RUN: rasp-opt %s --split-input-file -p legalize-selectors --verify-diagnostics | filecheck %s

// Tables are made over the values of the operands.

rasp.program @unknown_negated vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens "k, q -> k == q"
  %not = rasp.selector_not %same
  %width = rasp.selector_width %not : ?
  rasp.return %width
}
// CHECK: 'tokens': its domain isn't known
// CHECK-NEXT: help: run the pass infer-values first

// -----

rasp.program @unknown_joined vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens eq
  %less = rasp.select %tokens, %tokens lt
  %or = rasp.selector_or %same, %less
  %width = rasp.selector_width %or : ?
  rasp.return %width
}
// CHECK: 'tokens': its domain isn't known
// CHECK-NEXT: help: run the pass infer-values first

// -----

// 100 tokens and 50 indices make 5000 tuples of keys.

rasp.program @tuples vocab 1 to 100 max_seq_len 50 {
  %tokens = rasp.tokens : 1 to 100
  %indices = rasp.indices : 0 to 49
  %same = rasp.select %tokens, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %or = rasp.selector_or %same, %earlier
  %one = rasp.constant 1 : [1]
  %some = rasp.aggregate %or, %one : [1]
  rasp.return %some
}
// CHECK: 'or': a selector joins selects of different s-ops with 'or', whose values make 5000 tuples
// CHECK-NEXT: expected: at most 4096 tuples
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len, or one select with a predicate that says 'or'
