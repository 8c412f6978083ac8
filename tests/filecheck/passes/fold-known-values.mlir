// RUN: rasp-opt %s --split-input-file -p infer-values,fold-known-values | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values,fold-known-values -o %t.mlir && rasp-opt %t.mlir --split-input-file -p fold-known-values | diff %t.mlir -
rasp.program @constants vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %nothing = rasp.select %tokens, %tokens false
  %none = rasp.aggregate %nothing, %tokens : ?
  %zero = rasp.selector_width %nothing : ?
  %same = rasp.map(%tokens) "x -> x == x" : ?
  %result = rasp.map(%zero, %same, %tokens) "x, y, z -> z if y else x" : ?
  %defined = rasp.map(%none, %result) "x, y -> 1" : ?
  %all = rasp.select %tokens, %tokens true
  %answer = rasp.aggregate %all, %defined default "nothing" : ?
  %both = rasp.map(%answer, %result) "x, y -> (x, y)" : ?
  rasp.return %both
}

// CHECK: rasp.program @constants vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %zero = rasp.constant 0 : [0]
// CHECK-NEXT:   %same = rasp.constant true : [true]
// CHECK-NEXT:   %result = rasp.map(%zero, %same, %tokens) "x, y, z -> z if y else x" : ["a", "b"]
// CHECK-NEXT:   %answer = rasp.constant "nothing" : ["nothing"]
// CHECK-NEXT:   %both = rasp.map(%answer, %result) "x, y -> (x, y)" : [("nothing", "a"), ("nothing", "b")]
// CHECK-NEXT:   rasp.return %both
// CHECK-NEXT: }

// -----

// How many positions there are up to here, or before.

rasp.program @of_the_index vocab ["a", "b"] max_seq_len 3 {
  %indices = rasp.indices : ?
  %so_far = rasp.select %indices, %indices le
  %n_so_far = rasp.selector_width %so_far : ?
  %two_before = rasp.select %indices, %indices "k, q -> q - 2 <= k < q"
  %n_before = rasp.selector_width %two_before : ?
  %sum = rasp.map(%n_so_far, %n_before) affine [1, 1] : ?
  rasp.return %sum
}

// CHECK: rasp.program @of_the_index vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %n_so_far = rasp.map(%indices) affine [1] + 1 : [1, 2, 3]
// CHECK-NEXT:   %indices_1 = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %n_before = rasp.map(%indices_1) affine [1] : [0, 1, 2]
// CHECK-NEXT:   %sum = rasp.map(%n_so_far, %n_before) affine [1, 1] : [1, 3, 5]
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

rasp.program @causal_length vocab ["a", "b"] max_seq_len 3 causal {
  %length = rasp.length : ?
  rasp.return %length
}

// CHECK: rasp.program @causal_length vocab ["a", "b"] max_seq_len 3 causal {
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %length = rasp.map(%indices) affine [1] + 1 : [1, 2, 3]
// CHECK-NEXT:   rasp.return %length
// CHECK-NEXT: }

// -----

// One value in several forms; a width that the length decides.

rasp.program @stays vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %forms = rasp.map(%tokens) "x -> 1.0 if x == 0 else True" : ?
  %after = rasp.select %indices, %indices ge
  %n_after = rasp.selector_width %after : ?
  %result = rasp.map(%forms, %n_after) affine [1, 1] : ?
  rasp.return %result
}

// CHECK: rasp.program @stays vocab [0, 1] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %forms = rasp.map(%tokens) "x -> 1.0 if x == 0 else True" : [true] mixed
// CHECK-NEXT:   %after = rasp.select %indices, %indices ge
// CHECK-NEXT:   %n_after = rasp.selector_width %after : [1, 2, 3]
// CHECK-NEXT:   %result = rasp.map(%forms, %n_after) affine [1, 1] : [2, 3, 4] mixed
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }
