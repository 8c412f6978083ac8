// RUN: rasp-opt %s --split-input-file -p schedule-layers | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p schedule-layers -o %t.mlir && rasp-opt %t.mlir --split-input-file -p schedule-layers | diff %t.mlir -

// A head reads what earlier layers wrote, a perceptron also what heads of its own layer wrote.

craft.model @chain vocab [0, 1] max_seq_len 2 {
// CHECK: craft.model @chain vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [0, 1]
  %h0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0" [0, 1]
  // CHECK-NEXT: %h0 = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0" [0, 1]
  %m0 = craft.mlp(%h0) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m0" [0, 1]
  // CHECK-NEXT: %m0 = craft.mlp layer 0 (%h0) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m0" [0, 1]
  %m1 = craft.mlp(%m0) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m1" [0, 1]
  // CHECK-NEXT: %m1 = craft.mlp layer 1 (%m0) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m1" [0, 1]
  %h2 = craft.head query(%tokens) key(%m1) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h2" [0, 1]
  // CHECK-NEXT: %h2 = craft.head layer 2 query(%tokens) key(%m1) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h2" [0, 1]
  %h3 = craft.head query(%h2) key(%h2) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h3" [0, 1]
  // CHECK-NEXT: %h3 = craft.head layer 3 query(%h2) key(%h2) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h3" [0, 1]
  craft.unembed %h3
  // CHECK-NEXT: craft.unembed %h3
}
// CHECK-NEXT: }

// -----

// The first possible layer, whatever stands between; what nothing depends on is in layer 0.

craft.model @independent vocab [0, 1] max_seq_len 2 {
// CHECK: craft.model @independent vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [0, 1]
  %h0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0" [0, 1]
  // CHECK-NEXT: %h0 = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0" [0, 1]
  %h1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%h0) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h1" [0, 1]
  // CHECK-NEXT: %h1 = craft.head layer 1 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%h0) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h1" [0, 1]
  %h0_too = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0_too" [0, 1]
  // CHECK-NEXT: %h0_too = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0_too" [0, 1]
  %m0 = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m0" [0, 1]
  // CHECK-NEXT: %m0 = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m0" [0, 1]
  %m1 = craft.mlp(%m0, %h0) w_in(2 by 2 identity, 2 by 2 identity) bias [-1, -1] w_out(2 by 2 identity) : "m1" [0, 1] or none
  // CHECK-NEXT: %m1 = craft.mlp layer 1 (%m0, %h0) w_in(2 by 2 identity, 2 by 2 identity) bias [-1, -1] w_out(2 by 2 identity) : "m1" [0, 1] or none
  %h1_too = craft.head query(%m0) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h1_too" [0, 1]
  // CHECK-NEXT: %h1_too = craft.head layer 1 query(%m0) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h1_too" [0, 1]
  %nothing = craft.head query() key() qk() value() ov() bos [1] score 0.0 temperature 100.0 : "nothing" [0]
  // CHECK-NEXT: %nothing = craft.head layer 0 query() key() qk() value() ov() bos [1] score 0.0 temperature 100.0 : "nothing" [0]
  craft.unembed %h1
  // CHECK-NEXT: craft.unembed %h1
}
// CHECK-NEXT: }

// -----

// A linear map is where what it reads is.

craft.model @linear vocab [0, 1] max_seq_len 2 {
// CHECK: craft.model @linear vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [0, 1]
  %number = craft.linear %tokens (2 by 1 [[0], [1]]) : "number" numerical [0, 1]
  // CHECK-NEXT: %number = craft.linear %tokens (2 by 1 [[0], [1]]) : "number" numerical [0, 1]
  %h0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%number) ov(1 by 1 [[1]]) bos [0] score 0.5 temperature 100.0 : "h0" numerical [0, 1]
  // CHECK-NEXT: %h0 = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%number) ov(1 by 1 [[1]]) bos [0] score 0.5 temperature 100.0 : "h0" numerical [0, 1]
  %double = craft.linear %h0 (1 by 1 [[2]]) : "double" numerical [0, 2]
  // CHECK-NEXT: %double = craft.linear %h0 (1 by 1 [[2]]) : "double" numerical [0, 2]
  %m0 = craft.mlp(%double) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "m0" numerical [0, 2]
  // CHECK-NEXT: %m0 = craft.mlp layer 0 (%double) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "m0" numerical [0, 2]
  %h1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%double) ov(1 by 1 [[1]]) bos [0] score 0.5 temperature 100.0 : "h1" numerical [0, 2]
  // CHECK-NEXT: %h1 = craft.head layer 1 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%double) ov(1 by 1 [[1]]) bos [0] score 0.5 temperature 100.0 : "h1" numerical [0, 2]
  craft.unembed %m0
  // CHECK-NEXT: craft.unembed %m0
}
// CHECK-NEXT: }

// -----

// A layer that is assigned already is assigned again.

craft.model @again vocab [0, 1] max_seq_len 2 {
// CHECK: craft.model @again vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [0, 1]
  %h0 = craft.head layer 3 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0" [0, 1]
  // CHECK-NEXT: %h0 = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h0" [0, 1]
  %m0 = craft.mlp layer 7 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m0" [0, 1]
  // CHECK-NEXT: %m0 = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m0" [0, 1]
  craft.unembed %m0
  // CHECK-NEXT: craft.unembed %m0
}
// CHECK-NEXT: }

// -----

// Fused components are left alone, and so is what isn't a craft model.

craft.model @fused vocab [0, 1] max_seq_len 2 {
// CHECK: craft.model @fused vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [0, 1]
  %h1 = craft.attention layer 1 {
  // CHECK-NEXT: %h1 = craft.attention layer 1 {
    %0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h1" [0, 1]
    // CHECK-NEXT: %0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h1" [0, 1]
    craft.yield(%0)
    // CHECK-NEXT: craft.yield(%0)
  } : "h1" [0, 1]
  // CHECK-NEXT: } : "h1" [0, 1]
  %m2 = craft.mlp layer 2 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m2" [0, 1]
  // CHECK-NEXT: %m2 = craft.mlp layer 2 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m2" [0, 1]
  craft.unembed %m2
  // CHECK-NEXT: craft.unembed %m2
}
// CHECK-NEXT: }

rasp.program @rasp vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT: rasp.program @rasp vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ?
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens
}
// CHECK-NEXT: }
