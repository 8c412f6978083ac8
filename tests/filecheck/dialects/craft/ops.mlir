// RUN: rasp-opt %s | filecheck %s --match-full-lines
// RUN: rasp-opt %s -o %t.mlir && rasp-opt %t.mlir | diff %t.mlir -
// RUN: rasp-opt %s --print-op-generic | rasp-opt | diff %t.mlir -
// RUN: rasp-opt %s --print-op-generic | filecheck %s --check-prefix=GENERIC --match-full-lines

// Every op, with every form that its attributes can have. Each line is followed by the form in which it is printed.

craft.model @ops vocab [1, 2] max_seq_len 2 {
// CHECK: craft.model @ops vocab [1, 2] max_seq_len 2 {
  %one = craft.one : "one" numerical [1]
  // CHECK-NEXT: %one = craft.one : "one" numerical [1]
  %tokens = craft.embed_tokens : "tokens" [1, 2]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [1, 2]
  %positions = craft.embed_positions : "positions" [0, 1]
  // CHECK-NEXT: %positions = craft.embed_positions : "positions" [0, 1]
  %five = craft.linear %one (1 by 1 identity) : "five" [5]
  // CHECK-NEXT: %five = craft.linear %one (1 by 1 [[1]]) : "five" [5]
  %head = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%positions) ov(2 by 2 [[1, 0], [0, 1]]) bos [0, 0] score 0.5 temperature 100.0 : "head" [0, 1] or none
  // CHECK-NEXT: %head = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%positions) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "head" [0, 1] or none
  %and = craft.head layer 2 query(%tokens, %one) key(%tokens, %positions) qk(2 by 2 identity, 1 by 2 [[0, -1.5]]) value(%positions, %one) ov(2 by 2 [[0, 0], [1, 0]], 1 by 2 [[0, 1]]) bos [0.25, 1] score 1.5 temperature 64 : "and" numerical [0, 0.25, 1] or none
  // CHECK-NEXT: %and = craft.head layer 2 query(%tokens, %one) key(%tokens, %positions) qk(2 by 2 identity, 1 by 2 [[0, -1.5]]) value(%positions, %one) ov(2 by 2 [[0, 0], [1, 0]], 1 by 2 [[0, 1]]) bos [0.25, 1] score 1.5 temperature 64.0 : "and" numerical [0, 0.25, 1] or none
  %or = craft.head query(%one, %one, %one) key(%positions, %positions, %one) qk(1 by 2 [[1, 0]], 1 by 2 [[0, 0]], 1 by 1 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 1.5 temperature 100.0 at_most_one clauses [2, 1] : "or" [1, 2] or none
  // CHECK-NEXT: %or = craft.head query(%one, %one, %one) key(%positions, %positions, %one) qk(1 by 2 [[1, 0]], 1 by 2 [[0, 0]], 1 by 1 [[1]]) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 1.5 temperature 100.0 at_most_one clauses [2, 1] : "or" [1, 2] or none
  %thin = craft.head query(%tokens, %one) key(%positions, %one) qk(product(2 by 1 [[-1], [0.5]], 1 by 2 [[2, 0]]), product(1 by 1 identity, 1 by 1 [[3]])) value() ov() bos [1] score 2 temperature 128 : "thin" numerical [0.5, 1]
  // CHECK-NEXT: %thin = craft.head query(%tokens, %one) key(%positions, %one) qk(product(2 by 1 [[-1], [0.5]], 1 by 2 [[2, 0]]), product(1 by 1 [[1]], 1 by 1 [[3]])) value() ov() bos [1] score 2.0 temperature 128.0 : "thin" numerical [0.5, 1]
  %count = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%one) ov(1 by 1 [[20]]) bos [0] score 1 lead 3 temperature 32 : "count" numerical [0, 0.95, 1.82]
  // CHECK-NEXT: %count = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%one) ov(1 by 1 [[20]]) bos [0] score 1.0 lead 3.0 temperature 32.0 : "count" numerical [0, 0.95, 1.82]
  %nothing = craft.head query() key() qk() value() ov() bos [1] score 0 temperature 0.5 : "nothing" numerical [0.5]
  // CHECK-NEXT: %nothing = craft.head query() key() qk() value() ov() bos [1] score 0.0 temperature 0.5 : "nothing" numerical [0.5]
  %mlp = craft.mlp (%tokens) w_in(2 by 3 [[1, 0, 0], [0, 1, 0]]) bias [0, 0, 1] w_out(3 by 1 [[0.5], [2.0], [-1.0e-3]]) : "mlp" numerical [-1, 1]
  // CHECK-NEXT: %mlp = craft.mlp(%tokens) w_in(2 by 3 [[1, 0, 0], [0, 1, 0]]) bias [0, 0, 1] w_out(3 by 1 [[0.5], [2], [-0.001]]) : "mlp" numerical [-1, 1]
  %two, %results = craft.mlp layer 3 (%tokens, %positions) w_in(2 by 1 [[1], [0]], 2 by 1 [[0], [1]]) bias [-1] w_out(1 by 1 [[1]], 1 by 2 [[1, -1]]) : "two" ["x"], "results" [false, true]
  // CHECK-NEXT: %two, %results = craft.mlp layer 3 (%tokens, %positions) w_in(2 by 1 [[1], [0]], 2 by 1 [[0], [1]]) bias [-1] w_out(1 by 1 [[1]], 1 by 2 [[1, -1]]) : "two" ["x"], "results" [false, true]
  %some, %all, %few = craft.mlp layer 3 (%tokens) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 1 [[1]], 1 by 1 [[1]], 1 by 1 [[1]]) : "some" ["x"] or none partial, "all" ["x"], "few" numerical [1] partial
  // CHECK-NEXT: %some, %all, %few = craft.mlp layer 3 (%tokens) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 1 [[1]], 1 by 1 [[1]], 1 by 1 [[1]]) : "some" ["x"] or none partial, "all" ["x"], "few" numerical [1] partial
  %sum = craft.sum(%one, %few) : "sum" numerical [2]
  // CHECK-NEXT: %sum = craft.sum(%one, %few) : "sum" numerical [2]
  %part = craft.sum(%one, %few) : "part" numerical [2] partial
  // CHECK-NEXT: %part = craft.sum(%one, %few) : "part" numerical [2] partial
  %no_units = craft.mlp(%tokens) w_in(2 by 0 [[], []]) bias [] w_out(0 by 1 []) : "no_units" [1] or none
  // CHECK-NEXT: %no_units = craft.mlp(%tokens) w_in(2 by 0 [[], []]) bias [] w_out(0 by 1 []) : "no_units" [1] or none
  %no_inputs = craft.mlp() w_in() bias [1] w_out(1 by 1 [[1]]) : "no_inputs" [1]
  // CHECK-NEXT: %no_inputs = craft.mlp() w_in() bias [1] w_out(1 by 1 [[1]]) : "no_inputs" [1]
  craft.unembed %head
  // CHECK-NEXT: craft.unembed %head
}
// CHECK-NEXT: }

craft.model @causal vocab ["a", "b"] max_seq_len 1 causal attributes {note = 1 : i32} {
// CHECK-NEXT: craft.model @causal vocab ["a", "b"] max_seq_len 1 causal attributes {note = 1 : i32} {
  %tokens = craft.embed_tokens {note = "any op may have attributes"} : "tokens" ["a", "b"]
  // CHECK-NEXT: %tokens = craft.embed_tokens {note = "any op may have attributes"} : "tokens" ["a", "b"]
  craft.unembed %tokens
  // CHECK-NEXT: craft.unembed %tokens
}
// CHECK-NEXT: }

craft.model @attention vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT: craft.model @attention vocab [1, 2] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [1, 2]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [1, 2]
  %a, %b = craft.attention layer 0 {
  // CHECK-NEXT: %a, %b = craft.attention layer 0 {
    %a_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    // CHECK-NEXT: %a_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    %b_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[1], [2]]) bos [7] score 0.5 temperature 100.0 : "b" numerical [1, 1.5, 2, 7]
    // CHECK-NEXT: %b_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[1], [2]]) bos [7] score 0.5 temperature 100.0 : "b" numerical [1, 1.5, 2, 7]
    craft.yield (%a_1, %b_1)
    // CHECK-NEXT: craft.yield(%a_1, %b_1)
  } : "a" [1, 2], "b" numerical [1, 1.5, 2, 7]
  // CHECK-NEXT: } : "a" [1, 2], "b" numerical [1, 1.5, 2, 7]
  %c = craft.attention layer 1 attributes {note = 1 : i32} {
  // CHECK-NEXT: %c = craft.attention layer 1  attributes {note = 1 : i32} {
    %c_1 = craft.head query(%a) key(%b) qk(2 by 1 [[1], [2]]) value(%a) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "c" [1, 2]
    // CHECK-NEXT: %c_1 = craft.head query(%a) key(%b) qk(2 by 1 [[1], [2]]) value(%a) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "c" [1, 2]
    craft.yield (%c_1)
    // CHECK-NEXT: craft.yield(%c_1)
  } : "c" [1, 2]
  // CHECK-NEXT: } : "c" [1, 2]
  craft.unembed %c
  // CHECK-NEXT: craft.unembed %c
}
// CHECK-NEXT: }

// Matrices: as an identity, as rows, and as the row and column (i32) and value (f64) of each element that isn't zero. A matrix of
// more than 64 elements is printed in the last form, unless it is an identity.

craft.model @matrices vocab [1] max_seq_len 1 {
// CHECK-NEXT: craft.model @matrices vocab [1] max_seq_len 1 {
  %one = craft.one : "one" numerical [1]
  // CHECK-NEXT: %one = craft.one : "one" numerical [1]
  %identity = craft.linear %one (1 by 1 identity) : "identity" [1]
  // CHECK-NEXT: %identity = craft.linear %one (1 by 1 [[1]]) : "identity" [1]
  %row = craft.linear %one (1 by 3 [[1, 2.0, -0.5]]) : "row" [1, 2, 3]
  // CHECK-NEXT: %row = craft.linear %one (1 by 3 [[1, 2, -0.5]]) : "row" [1, 2, 3]
  %zero = craft.linear %one (1 by 3 [[0, 0, -0.0]]) : "zero" [1, 2, 3]
  // CHECK-NEXT: %zero = craft.linear %one (1 by 3 [[0, 0, 0]]) : "zero" [1, 2, 3]
  %large = craft.linear %one (1 by 1 [[123456789012345678]]) : "large" [1]
  // CHECK-NEXT: %large = craft.linear %one (1 by 1 [[1.2345678901234568e+17]]) : "large" [1]
  %exact = craft.linear %one (1 by 2 [[0.1, 1.0e-300]]) : "exact" [1, 2]
  // CHECK-NEXT: %exact = craft.linear %one (1 by 2 [[0.1, 1.0e-300]]) : "exact" [1, 2]
  %packed = craft.linear %one (1 by 3 at "0x0000000000000000" "0x0000000002000000" "0x000000000000F03F0000000000000040") : "packed" [1, 2, 3]
  // CHECK-NEXT: %packed = craft.linear %one (1 by 3 [[1, 0, 2]]) : "packed" [1, 2, 3]
  %summed = craft.linear %one (1 by 3 at "0x0000000000000000" "0x0200000002000000" "0x000000000000F03F0000000000000040") : "summed" [1, 2, 3]
  // CHECK-NEXT: %summed = craft.linear %one (1 by 3 [[0, 0, 3]]) : "summed" [1, 2, 3]
  %no_columns = craft.linear %one (1 by 0 [[]]) : "no_columns" []
  // CHECK-NEXT: %no_columns = craft.linear %one (1 by 0 [[]]) : "no_columns" []
  %wide = craft.linear %one (1 by 65 at "0x00000000" "0x40000000" "0x000000000000F03F") : "wide" 0 to 64
  // CHECK-NEXT: %wide = craft.linear %one (1 by 65 at "0x00000000" "0x40000000" "0x000000000000F03F") : "wide" 0 to 64
  %sixty_five = craft.linear %wide (65 by 65 identity) : "sixty_five" 0 to 64
  // CHECK-NEXT: %sixty_five = craft.linear %wide (65 by 65 identity) : "sixty_five" 0 to 64
  craft.unembed %row
  // CHECK-NEXT: craft.unembed %row
}
// CHECK-NEXT: }

// Subspaces: categorical goes without saying.

craft.model @subspaces vocab [1] max_seq_len 1 {
// CHECK-NEXT: craft.model @subspaces vocab [1] max_seq_len 1 {
  %0 = craft.one : "one" numerical [1]
  // CHECK-NEXT: %0 = craft.one : "one" numerical [1]
  %1 = craft.linear %0 (1 by 1 [[1]]) : "a" [1]
  // CHECK-NEXT: %1 = craft.linear %0 (1 by 1 [[1]]) : "a" [1]
  %2 = craft.linear %0 (1 by 1 [[1]]) : "b" categorical [1] or none
  // CHECK-NEXT: %2 = craft.linear %0 (1 by 1 [[1]]) : "b" [1] or none
  %3 = craft.linear %0 (1 by 1 [[1]]) : "c" numerical [1.5]
  // CHECK-NEXT: %3 = craft.linear %0 (1 by 1 [[1]]) : "c" numerical [1.5]
  %4 = craft.linear %0 (1 by 2 [[1, 1]]) : "d" numerical [1.5] or none
  // CHECK-NEXT: %4 = craft.linear %0 (1 by 2 [[1, 1]]) : "d" numerical [1.5] or none
  %5 = craft.linear %0 (1 by 4 [[1, 1, 1, 1]]) : "e" 0 to 3 mixed
  // CHECK-NEXT: %5 = craft.linear %0 (1 by 4 [[1, 1, 1, 1]]) : "e" 0 to 3 mixed
  %6 = craft.linear %0 (1 by 1 [[1]]) : "a \"quoted\" name, and é" [(1, "a")]
  // CHECK-NEXT: %6 = craft.linear %0 (1 by 1 [[1]]) : "a \22quoted\22 name, and é" [(1, "a")]
  %7 = craft.linear %0 (1 by 1 [[1]]) {a = !craft.vec<"f" categorical [1]>, b = !craft.vec<"f" numerical [1] or none>, c = #craft.matrix<2 by 2 identity>, d = #craft.matrix<1 by 2 [[1, -1]]>} : "f" [1]
  // CHECK-NEXT: %7 = craft.linear %0 (1 by 1 [[1]]) {a = !craft.vec<"f" [1]>, b = !craft.vec<"f" numerical [1] or none>, c = #craft.matrix<2 by 2 identity>, d = #craft.matrix<1 by 2 [[1, -1]]>} : "f" [1]
  craft.unembed %1
  // CHECK-NEXT: craft.unembed %1
}
// CHECK-NEXT: }

// The generic form of the first of them.

// GENERIC: "craft.model"() <{sym_name = "ops", vocab = #rasp.domain<[1, 2]>, max_seq_len = #builtin.int<2>}> ({
// GENERIC-NEXT:   %one = "craft.one"() : () -> !craft.vec<"one" numerical [1]>
// GENERIC-NEXT:   %tokens = "craft.embed_tokens"() : () -> !craft.vec<"tokens" [1, 2]>
// GENERIC-NEXT:   %positions = "craft.embed_positions"() : () -> !craft.vec<"positions" [0, 1]>
// GENERIC-NEXT:   %five = "craft.linear"(%one) <{matrix = #craft.matrix<1 by 1 [[1]]>}> : (!craft.vec<"one" numerical [1]>) -> !craft.vec<"five" [5]>
// GENERIC-NEXT:   %head = "craft.head"(%tokens, %tokens, %positions) <{qk = [#craft.matrix<2 by 2 identity>], ov = [#craft.matrix<2 by 2 identity>], bos_value = array<f64: 0.000000e+00, 0.000000e+00>, bos_score = 5.000000e-01 : f64, temperature = 1.000000e+02 : f64, operandSegmentSizes = array<i32: 1, 1, 1>}> : (!craft.vec<"tokens" [1, 2]>, !craft.vec<"tokens" [1, 2]>, !craft.vec<"positions" [0, 1]>) -> !craft.vec<"head" [0, 1] or none>
// GENERIC-NEXT:   %and = "craft.head"(%tokens, %one, %tokens, %positions, %positions, %one) <{layer = #builtin.int<2>, qk = [#craft.matrix<2 by 2 identity>, #craft.matrix<1 by 2 [[0, -1.5]]>], ov = [#craft.matrix<2 by 2 [[0, 0], [1, 0]]>, #craft.matrix<1 by 2 [[0, 1]]>], bos_value = array<f64: 2.500000e-01, 1.000000e+00>, bos_score = 1.500000e+00 : f64, temperature = 6.400000e+01 : f64, operandSegmentSizes = array<i32: 2, 2, 2>}> : (!craft.vec<"tokens" [1, 2]>, !craft.vec<"one" numerical [1]>, !craft.vec<"tokens" [1, 2]>, !craft.vec<"positions" [0, 1]>, !craft.vec<"positions" [0, 1]>, !craft.vec<"one" numerical [1]>) -> !craft.vec<"and" numerical [0, 0.25, 1] or none>
// GENERIC-NEXT:   %or = "craft.head"(%one, %one, %one, %positions, %positions, %one, %tokens) <{qk = [#craft.matrix<1 by 2 [[1, 0]]>, #craft.matrix<1 by 2 [[0, 0]]>, #craft.matrix<1 by 1 [[1]]>], ov = [#craft.matrix<2 by 2 identity>], bos_value = array<f64: 0.000000e+00, 0.000000e+00>, bos_score = 1.500000e+00 : f64, temperature = 1.000000e+02 : f64, at_most_one, clauses = array<i64: 2, 1>, operandSegmentSizes = array<i32: 3, 3, 1>}> : (!craft.vec<"one" numerical [1]>, !craft.vec<"one" numerical [1]>, !craft.vec<"one" numerical [1]>, !craft.vec<"positions" [0, 1]>, !craft.vec<"positions" [0, 1]>, !craft.vec<"one" numerical [1]>, !craft.vec<"tokens" [1, 2]>) -> !craft.vec<"or" [1, 2] or none>
// GENERIC-NEXT:   %thin = "craft.head"(%tokens, %one, %positions, %one) <{qk = [#craft.product<2 by 1 [[-1], [0.5]], 1 by 2 [[2, 0]]>, #craft.product<1 by 1 [[1]], 1 by 1 [[3]]>], ov = [], bos_value = array<f64: 1.000000e+00>, bos_score = 2.000000e+00 : f64, temperature = 1.280000e+02 : f64, operandSegmentSizes = array<i32: 2, 2, 0>}> : (!craft.vec<"tokens" [1, 2]>, !craft.vec<"one" numerical [1]>, !craft.vec<"positions" [0, 1]>, !craft.vec<"one" numerical [1]>) -> !craft.vec<"thin" numerical [0.5, 1]>
// GENERIC-NEXT:   %count = "craft.head"(%tokens, %tokens, %one) <{qk = [#craft.matrix<2 by 2 identity>], ov = [#craft.matrix<1 by 1 [[20]]>], bos_value = array<f64: 0.000000e+00>, bos_score = 1.000000e+00 : f64, lead = 3.000000e+00 : f64, temperature = 3.200000e+01 : f64, operandSegmentSizes = array<i32: 1, 1, 1>}> : (!craft.vec<"tokens" [1, 2]>, !craft.vec<"tokens" [1, 2]>, !craft.vec<"one" numerical [1]>) -> !craft.vec<"count" numerical [0, 0.95, 1.82]>
// GENERIC-NEXT:   %nothing = "craft.head"() <{qk = [], ov = [], bos_value = array<f64: 1.000000e+00>, bos_score = 0.000000e+00 : f64, temperature = 5.000000e-01 : f64, operandSegmentSizes = array<i32: 0, 0, 0>}> : () -> !craft.vec<"nothing" numerical [0.5]>
// GENERIC-NEXT:   %mlp = "craft.mlp"(%tokens) <{w_in = [#craft.matrix<2 by 3 [[1, 0, 0], [0, 1, 0]]>], bias = array<f64: 0.000000e+00, 0.000000e+00, 1.000000e+00>, w_out = [#craft.matrix<3 by 1 [[0.5], [2], [-0.001]]>]}> : (!craft.vec<"tokens" [1, 2]>) -> !craft.vec<"mlp" numerical [-1, 1]>
// GENERIC-NEXT:   %two, %results = "craft.mlp"(%tokens, %positions) <{layer = #builtin.int<3>, w_in = [#craft.matrix<2 by 1 [[1], [0]]>, #craft.matrix<2 by 1 [[0], [1]]>], bias = array<f64: -1.000000e+00>, w_out = [#craft.matrix<1 by 1 [[1]]>, #craft.matrix<1 by 2 [[1, -1]]>]}> : (!craft.vec<"tokens" [1, 2]>, !craft.vec<"positions" [0, 1]>) -> (!craft.vec<"two" ["x"]>, !craft.vec<"results" [false, true]>)
// GENERIC-NEXT:   %some, %all, %few = "craft.mlp"(%tokens) <{layer = #builtin.int<3>, w_in = [#craft.matrix<2 by 1 [[1], [0]]>], bias = array<f64: 0.000000e+00>, w_out = [#craft.matrix<1 by 1 [[1]]>, #craft.matrix<1 by 1 [[1]]>, #craft.matrix<1 by 1 [[1]]>], partial = array<i64: 0, 2>}> : (!craft.vec<"tokens" [1, 2]>) -> (!craft.vec<"some" ["x"] or none>, !craft.vec<"all" ["x"]>, !craft.vec<"few" numerical [1]>)
// GENERIC-NEXT:   %sum = "craft.sum"(%one, %few) : (!craft.vec<"one" numerical [1]>, !craft.vec<"few" numerical [1]>) -> !craft.vec<"sum" numerical [2]>
// GENERIC-NEXT:   %part = "craft.sum"(%one, %few) <{partial}> : (!craft.vec<"one" numerical [1]>, !craft.vec<"few" numerical [1]>) -> !craft.vec<"part" numerical [2]>
// GENERIC-NEXT:   %no_units = "craft.mlp"(%tokens) <{w_in = [#craft.matrix<2 by 0 [[], []]>], bias = array<f64>, w_out = [#craft.matrix<0 by 1 []>]}> : (!craft.vec<"tokens" [1, 2]>) -> !craft.vec<"no_units" [1] or none>
// GENERIC-NEXT:   %no_inputs = "craft.mlp"() <{w_in = [], bias = array<f64: 1.000000e+00>, w_out = [#craft.matrix<1 by 1 [[1]]>]}> : () -> !craft.vec<"no_inputs" [1]>
// GENERIC-NEXT:   "craft.unembed"(%head) : (!craft.vec<"head" [0, 1] or none>) -> ()
// GENERIC-NEXT: }) : () -> ()
