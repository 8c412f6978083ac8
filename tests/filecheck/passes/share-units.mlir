// RUN: rasp-opt %s --split-input-file -p share-units | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p share-units -o %t.mlir && rasp-opt %t.mlir --split-input-file -p share-units | diff %t.mlir -

// Units that are alike up to a power of two are one, for several results too.

craft.model @factor vocab [0, 1] max_seq_len 2 {
  %x = craft.embed_tokens : "x" [0, 1]
  %a, %b = craft.mlp layer 0 (%x) w_in(2 by 4 [[1, 4, 1, 0.5], [0, 0, 0, 0]]) bias [1, 4, 0, 0.5] w_out(4 by 1 [[1], [0], [0], [0]], 4 by 1 [[0], [1], [2], [8]]) : "a" numerical [1, 2], "b" numerical [8, 18]
  craft.unembed %b
}

// CHECK: craft.model @factor vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %x = craft.embed_tokens : "x" [0, 1]
// CHECK-NEXT:   %a, %b = craft.mlp layer 0 (%x) w_in(2 by 2 [[1, 1], [0, 0]]) bias [1, 0] w_out(2 by 1 [[1], [0]], 2 by 1 [[8], [2]]) : "a" numerical [1, 2], "b" numerical [8, 18]
// CHECK-NEXT:   craft.unembed %b
// CHECK-NEXT: }

// -----

// Units that write nothing, be it because what they write adds up to zero, and those that are always zero.

craft.model @nothing vocab [0, 1] max_seq_len 2 {
  %x = craft.embed_tokens : "x" [0, 1]
  %a = craft.mlp layer 0 (%x) w_in(2 by 5 [[1, 2, 1, 0, 3], [1, 2, 0, 0, 3]]) bias [1, 2, 0, 0, 0] w_out(5 by 1 [[2], [-1], [1], [7], [0]]) : "a" numerical [0, 1]
  craft.unembed %a
}

// CHECK: craft.model @nothing vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %x = craft.embed_tokens : "x" [0, 1]
// CHECK-NEXT:   %a = craft.mlp layer 0 (%x) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 1 [[1]]) : "a" numerical [0, 1]
// CHECK-NEXT:   craft.unembed %a
// CHECK-NEXT: }

// -----

// Left alone: other factors, a factor that is negative, other inputs or biases, and sums that would be rounded.

craft.model @alone vocab [0, 1] max_seq_len 2 {
  %x = craft.embed_tokens : "x" [0, 1]
  %y = craft.embed_positions : "y" [0, 1]
  %a = craft.mlp layer 0 (%x, %y) w_in(2 by 7 [[1, 3, -1, 1, 0, 5, 5], [0, 0, 0, 0, 0, 0, 0]], 2 by 7 [[0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0]]) bias [1, 3, -1, 0, 1, 0, 0] w_out(7 by 1 [[1], [1], [1], [1], [1], [0.1], [0.2]]) : "a" numerical [1, 20]
  craft.unembed %a
}

// CHECK: craft.model @alone vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %x = craft.embed_tokens : "x" [0, 1]
// CHECK-NEXT:   %y = craft.embed_positions : "y" [0, 1]
// CHECK-NEXT:   %a = craft.mlp layer 0 (%x, %y) w_in(2 by 7 [[1, 3, -1, 1, 0, 5, 5], [0, 0, 0, 0, 0, 0, 0]], 2 by 7 [[0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0]]) bias [1, 3, -1, 0, 1, 0, 0] w_out(7 by 1 [[1], [1], [1], [1], [1], [0.1], [0.2]]) : "a" numerical [1, 20]
// CHECK-NEXT:   craft.unembed %a
// CHECK-NEXT: }

// -----

// What isn't a craft model is left alone.

rasp.program @rasp vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  rasp.return %tokens
}

// CHECK: rasp.program @rasp vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : ?
// CHECK-NEXT:   rasp.return %tokens
// CHECK-NEXT: }

// -----

// A result that is partial stays so.

craft.model @partial vocab [0, 1] max_seq_len 2 {
  %x = craft.embed_tokens : "x" [0, 1]
  %a, %b = craft.mlp layer 0 (%x) w_in(2 by 2 [[1, 2], [0, 0]]) bias [1, 2] w_out(2 by 1 [[1], [0]], 2 by 1 [[0], [1]]) : "a" numerical [1, 2], "b" numerical [2] partial
  craft.unembed %b
}

// CHECK: craft.model @partial vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %x = craft.embed_tokens : "x" [0, 1]
// CHECK-NEXT:   %a, %b = craft.mlp layer 0 (%x) w_in(2 by 1 [[1], [0]]) bias [1] w_out(1 by 1 [[1]], 1 by 1 [[2]]) : "a" numerical [1, 2], "b" numerical [2] partial
// CHECK-NEXT:   craft.unembed %b
// CHECK-NEXT: }
