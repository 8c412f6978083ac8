// RUN: rasp-opt %s --split-input-file -p prune-directions | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p prune-directions -o %t.mlir && rasp-opt %t.mlir --split-input-file -p prune-directions | diff %t.mlir -

// Tokens that nothing reads vanish, and those that all readers take for the same are one direction.

craft.model @embedding vocab ["a", "b", "c", "d"] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b", "c", "d"]
  %m = craft.mlp(%tokens) w_in(4 by 1 [[0], [1], [1], [0]]) bias [0] w_out(1 by 1 [[1]]) : "m" numerical [0, 1]
  craft.unembed %m
}

// CHECK: craft.model @embedding vocab ["a", "b", "c", "d"] max_seq_len 2 {
// CHECK-NEXT:   %tokens_all = craft.embed_tokens : "tokens_all" ["a", "b", "c", "d"]
// CHECK-NEXT:   %tokens = craft.linear %tokens_all (4 by 1 [[0], [1], [1], [0]]) : "tokens" ["b"] or none
// CHECK-NEXT:   %m = craft.mlp(%tokens) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "m" numerical [0, 1]
// CHECK-NEXT:   craft.unembed %m
// CHECK-NEXT: }

// -----

// What is written to directions that are merged is added up: a step between them vanishes with its units. So does a
// result that nothing reads, and what only it needed.

craft.model @perceptron vocab [0, 1] max_seq_len 2 {
  %one = craft.one : "one" numerical [1]
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %mean = craft.head query(%one) key(%one) qk(1 by 1 [[1]]) value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 0.5 temperature 100.0 : "mean" numerical [0, 0.5, 1]
  %part, %other = craft.mlp(%mean, %tokens) w_in(1 by 6 [[8, 8, 8, 8, 0, 0]], 2 by 6 [[0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0]]) bias [-1, -2, -5, -6, 1, 0] w_out(6 by 3 [[-1, 1, 0], [1, -1, 0], [0, -1, 1], [0, 1, -1], [1, 0, 0], [0, 0, 0]], 6 by 1 [[0], [0], [0], [0], [0], [1]]) : "part" ["none", "some", "all"], "other" numerical [0, 1]
  %dead = craft.mlp(%other) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "dead" numerical [0, 1]
  %any = craft.mlp(%part) w_in(3 by 1 [[0], [1], [1]]) bias [0] w_out(1 by 2 [[1, 0]]) : "any" [true, false] or none
  craft.unembed %any
}

// CHECK: craft.model @perceptron vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens_all = craft.embed_tokens : "tokens_all" [0, 1]
// CHECK-NEXT:   %tokens = craft.linear %tokens_all (2 by 1 [[0], [1]]) : "tokens" [1] or none
// CHECK-NEXT:   %mean = craft.head query(%one) key(%one) qk(1 by 1 [[1]]) value(%tokens) ov(1 by 1 [[1]]) bos [0] score 0.5 temperature 100.0 : "mean" numerical [0, 0.5, 1]
// CHECK-NEXT:   %part = craft.mlp(%mean) w_in(1 by 2 [[8, 8]]) bias [-1, -2] w_out(2 by 1 [[1], [-1]]) : "part" ["none"] or none
// CHECK-NEXT:   %any = craft.mlp(%part) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 2 [[1, 0]]) : "any" [false, true] or none
// CHECK-NEXT:   craft.unembed %any
// CHECK-NEXT: }

// -----

// A head: its values, what it reads at BOS, and keys and queries of the terms of its score. A term that is always zero
// goes from its clause, and a value of which nothing is read goes, too.

craft.model @head vocab ["a", "b", "c"] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b", "c"]
  %indices = craft.embed_positions : "indices" [0, 1, 2]
  %h = craft.head query(%indices, %indices, %tokens) key(%indices, %tokens, %tokens) qk(3 by 3 [[0, 0, 0], [0, 0, 0], [0, 1, 0]], 3 by 3 [[0, 0, 0], [0, 0, 0], [0, 0, 0]], product(3 by 1 [[1], [0], [0]], 1 by 3 [[1, 0, 0]])) value(%tokens, %indices) ov(3 by 3 identity, 3 by 3 [[0, 0, 0], [0, 0, 0], [0, 0, 0]]) bos [0, 1, 0] score 1.5 temperature 128.0 clauses [2, 1] : "h" ["a", "b", "c"] or none
  %m = craft.mlp(%h) w_in(3 by 2 [[1, 0], [0, 1], [0, 1]]) bias [0, 0] w_out(2 by 2 [[1, 1], [2, 1]]) : "m" numerical [1, 2] or none
  craft.unembed %m
}

// CHECK: craft.model @head vocab ["a", "b", "c"] max_seq_len 3 {
// CHECK-NEXT:   %tokens_all = craft.embed_tokens : "tokens_all" ["a", "b", "c"]
// CHECK-NEXT:   %tokens = craft.linear %tokens_all (3 by 2 [[1, 0], [0, 1], [0, 1]]) : "tokens" ["a", "b"]
// CHECK-NEXT:   %indices_all = craft.embed_positions : "indices_all" [0, 1, 2]
// CHECK-NEXT:   %indices = craft.linear %indices_all (3 by 2 [[0, 0], [1, 0], [0, 1]]) : "indices" [1, 2] or none
// CHECK-NEXT:   %h = craft.head query(%indices, %tokens) key(%indices, %tokens) qk(2 by 2 [[0, 0], [1, 0]], product(2 by 1 [[1], [0]], 1 by 2 [[1, 0]])) value(%tokens) ov(2 by 2 identity) bos [0, 1] score 1.5 temperature 128.0 : "h" ["a", "b"] or none
// CHECK-NEXT:   %m = craft.mlp(%h) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[1, 1], [2, 1]]) : "m" numerical [1, 2] or none
// CHECK-NEXT:   craft.unembed %m
// CHECK-NEXT: }

// -----

// Linear maps are written and read as well; an embedding that a map reads keeps its name and all its values.

craft.model @linear vocab ["a", "b", "c"] max_seq_len 3 {
  %one = craft.one : "one" numerical [1]
  %tokens = craft.embed_tokens : "tokens" ["a", "b", "c"]
  %constant = craft.linear %one (1 by 2 [[1, 0]]) : "constant" [5, 6]
  %map = craft.linear %tokens (3 by 3 [[0, 1, 0], [1, 0, 0], [0, 0, 1]]) : "map" ["x", "y", "z"]
  %m = craft.mlp(%map, %constant, %tokens) w_in(3 by 1 [[2], [0], [2]], 2 by 1 [[1], [1]], 3 by 1 [[0], [0], [1]]) bias [0] w_out(1 by 1 [[1]]) : "m" numerical [1, 3, 4]
  craft.unembed %m
}

// CHECK: craft.model @linear vocab ["a", "b", "c"] max_seq_len 3 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens_all = craft.embed_tokens : "tokens_all" ["a", "b", "c"]
// CHECK-NEXT:   %tokens = craft.linear %tokens_all (3 by 1 [[0], [0], [1]]) : "tokens" ["c"] or none
// CHECK-NEXT:   %constant = craft.linear %one (1 by 1 [[1]]) : "constant" [5]
// CHECK-NEXT:   %map = craft.linear %tokens_all (3 by 1 [[0], [1], [1]]) : "map" ["x"] or none
// CHECK-NEXT:   %m = craft.mlp(%map, %constant, %tokens) w_in(1 by 1 [[2]], 1 by 1 [[1]], 1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "m" numerical [1, 3, 4]
// CHECK-NEXT:   craft.unembed %m
// CHECK-NEXT: }

// -----

// Left alone: numbers, what is unembedded or computed by fused heads, and directions whose sum would be rounded.

craft.model @alone vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %number = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[1, 1], [2, 1]]) : "number" numerical [1, 2] or none
  %inexact = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[0.1, 0.2], [0.2, 0.1]]) : "inexact" [0, 1]
  %a = craft.attention layer 0 {
    %a_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1] or none
    craft.yield (%a_1)
  } : "a" [0, 1] or none
  %m = craft.mlp(%number, %inexact, %a) w_in(2 by 2 [[1, 1], [0, 0]], 2 by 2 [[1, 0], [1, 0]], 2 by 2 [[1, 0], [1, 0]]) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1] or none
  craft.unembed %m
}

// CHECK: craft.model @alone vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %number = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[1, 1], [2, 1]]) : "number" numerical [1, 2] or none
// CHECK-NEXT:   %inexact = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[0.1, 0.2], [0.2, 0.1]]) : "inexact" [0, 1]
// CHECK-NEXT:   %a = craft.attention layer 0 {
// CHECK-NEXT:     %a_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1] or none
// CHECK-NEXT:     craft.yield(%a_1)
// CHECK-NEXT:   } : "a" [0, 1] or none
// CHECK-NEXT:   %m = craft.mlp(%number, %inexact, %a) w_in(2 by 2 [[1, 1], [0, 0]], 2 by 2 [[1, 0], [1, 0]], 2 by 2 [[1, 0], [1, 0]]) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1] or none
// CHECK-NEXT:   craft.unembed %m
// CHECK-NEXT: }

// -----

// The results that are left stay partial, also where directions vanish.

craft.model @partial vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a, %b, %c = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 1 [[1], [2]], 2 by 1 [[3], [4]], 2 by 3 [[1, 0, 0], [0, 1, 1]]) : "a" numerical [1, 2] partial, "b" numerical [3, 4], "c" ["x", "y", "z"] partial
  %m = craft.mlp layer 1 (%b, %c) w_in(1 by 1 [[1]], 3 by 1 [[1], [0], [0]]) bias [0] w_out(1 by 1 [[1]]) : "m" numerical [3, 4] partial
  craft.unembed %m
}

// CHECK: craft.model @partial vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %b, %c = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 1 [[3], [4]], 2 by 1 [[1], [0]]) : "b" numerical [3, 4], "c" ["x"] or none partial
// CHECK-NEXT:   %m = craft.mlp layer 1 (%b, %c) w_in(1 by 1 [[1]], 1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "m" numerical [3, 4] partial
// CHECK-NEXT:   craft.unembed %m
// CHECK-NEXT: }
