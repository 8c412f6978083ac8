// RUN: rasp-opt %s --split-input-file -p fuse-mlps | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p fuse-mlps -o %t.mlir && rasp-opt %t.mlir --split-input-file -p fuse-mlps | diff %t.mlir -

// The hidden units of a layer's perceptrons stand side by side.

craft.model @side_by_side vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" [0, 1]
  %a = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [2]]) bias [3] w_out(1 by 1 [[4]]) : "a" numerical [16, 20]
  %b = craft.mlp layer 0 (%indices) w_in(2 by 2 [[5, 6], [7, 8]]) bias [9, 10] w_out(2 by 1 [[11], [12]]) : "b" numerical [346, 392]
  craft.unembed %b
}

// CHECK: craft.model @side_by_side vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %a, %b = craft.mlp layer 0 (%tokens, %indices) w_in(2 by 3 [[1, 0, 0], [2, 0, 0]], 2 by 3 [[0, 5, 6], [0, 7, 8]]) bias [3, 9, 10] w_out(3 by 1 [[4], [0], [0]], 3 by 1 [[0], [11], [12]]) : "a" numerical [16, 20], "b" numerical [346, 392]
// CHECK-NEXT:   craft.unembed %b
// CHECK-NEXT: }

// -----

// Perceptrons that read the same share its rows.

craft.model @shared_input vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" [0, 1]
  %a = craft.mlp layer 0 (%tokens, %indices) w_in(2 by 1 [[1], [2]], 2 by 1 [[3], [4]]) bias [5] w_out(1 by 1 [[1]]) : "a" numerical [9, 10, 11]
  %b = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[6], [7]]) bias [8] w_out(1 by 2 [[1, -1]]) : "b" [0, 1]
  %c = craft.mlp layer 0 (%tokens, %tokens) w_in(2 by 1 [[1], [0]], 2 by 1 [[0], [1]]) bias [0] w_out(1 by 1 [[1]]) : "c" numerical [1]
  craft.unembed %a
}

// CHECK: craft.model @shared_input vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %a, %b, %c = craft.mlp layer 0 (%tokens, %indices) w_in(2 by 3 [[1, 6, 1], [2, 7, 1]], 2 by 3 [[3, 0, 0], [4, 0, 0]]) bias [5, 8, 0] w_out(3 by 1 [[1], [0], [0]], 3 by 2 [[0, 0], [1, -1], [0, 0]], 3 by 1 [[0], [0], [1]]) : "a" numerical [9, 10, 11], "b" [0, 1], "c" numerical [1]
// CHECK-NEXT:   craft.unembed %a
// CHECK-NEXT: }

// -----

// Each layer for itself, with its ops in the order of the layers; a layer with one perceptron is left alone.

craft.model @layers vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [2]]) bias [3] w_out(1 by 1 [[4]]) : "a" numerical [16, 20]
  %b = craft.mlp layer 1 (%a) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "b" numerical [16, 20]
  %c = craft.mlp layer 2 (%b) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "c" numerical [16, 20]
  %h = craft.head layer 1 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [0, 1]
  %d = craft.mlp layer 1 (%h) w_in(2 by 1 [[1], [1]]) bias [-1] w_out(1 by 1 [[1]]) : "d" numerical [0]
  craft.unembed %c
}

// CHECK: craft.model @layers vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %a = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [2]]) bias [3] w_out(1 by 1 [[4]]) : "a" numerical [16, 20]
// CHECK-NEXT:   %h = craft.head layer 1 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [0, 1]
// CHECK-NEXT:   %b, %d = craft.mlp layer 1 (%a, %h) w_in(1 by 2 [[1, 0]], 2 by 2 [[0, 1], [0, 1]]) bias [0, -1] w_out(2 by 1 [[1], [0]], 2 by 1 [[0], [1]]) : "b" numerical [16, 20], "d" numerical [0]
// CHECK-NEXT:   %c = craft.mlp layer 2 (%b) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "c" numerical [16, 20]
// CHECK-NEXT:   craft.unembed %c
// CHECK-NEXT: }

// -----

// A perceptron with several results, or with none of the units.

craft.model @results vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a, %b = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [2]]) bias [0] w_out(1 by 1 [[3]], 1 by 1 [[4]]) : "a" numerical [3, 6], "b" numerical [4, 8]
  %c = craft.mlp layer 0 (%tokens) w_in(2 by 0 [[], []]) bias [] w_out(0 by 1 []) : "c" [1] or none
  craft.unembed %c
}

// CHECK: craft.model @results vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %a, %b, %c = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [2]]) bias [0] w_out(1 by 1 [[3]], 1 by 1 [[4]], 1 by 1 [[0]]) : "a" numerical [3, 6], "b" numerical [4, 8], "c" [1] or none
// CHECK-NEXT:   craft.unembed %c
// CHECK-NEXT: }

// -----

// What isn't a craft model is left alone.

rasp.program @rasp vocab [0, 1] max_seq_len 2 {
// CHECK: rasp.program @rasp vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ?
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens
}
// CHECK-NEXT: }

// -----

// Each result that is partial stays so.

craft.model @partial vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a, %b = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [2]]) bias [0] w_out(1 by 1 [[1]], 1 by 1 [[2]]) : "a" numerical [1, 2], "b" numerical [2] partial
  %c = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[3], [4]]) bias [0] w_out(1 by 1 [[1]]) : "c" numerical [3, 4]
  %d = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[5], [6]]) bias [0] w_out(1 by 1 [[1]]) : "d" numerical [5] partial
  craft.unembed %d
}

// CHECK: craft.model @partial vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %a, %b, %c, %d = craft.mlp layer 0 (%tokens) w_in(2 by 3 [[1, 3, 5], [2, 4, 6]]) bias [0, 0, 0] w_out(3 by 1 [[1], [0], [0]], 3 by 1 [[2], [0], [0]], 3 by 1 [[0], [1], [0]], 3 by 1 [[0], [0], [1]]) : "a" numerical [1, 2], "b" numerical [2] partial, "c" numerical [3, 4], "d" numerical [5] partial
// CHECK-NEXT:   craft.unembed %d
// CHECK-NEXT: }
