// RUN: rasp-opt %s --split-input-file -p fuse-heads | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p fuse-heads -o %t.mlir && rasp-opt %t.mlir --split-input-file -p fuse-heads | diff %t.mlir -

// The heads of a layer become one attention. The ops are put into the order of the layers: embeddings, then attention and perceptrons of layer 0,
// then those of layer 1. Ops of one stage keep their order.

craft.model @two_layers vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
  %b = craft.head layer 1 query(%a) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[2], [3]]) bos [0] score 0.5 temperature 100.0 : "b" numerical [2, 2.5, 3]
  %indices = craft.embed_positions : "indices" [0, 1]
  %c = craft.head layer 0 query(%indices) key(%indices) qk(2 by 2 identity) value(%indices) ov(2 by 2 identity) bos [0, 1] score 0.5 temperature 64.0 : "c" [0, 1]
  %m = craft.mlp layer 0 (%a) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  %d = craft.head layer 1 query(%m) key(%c) qk(2 by 2 identity) value() ov() bos [1] score 1.0 temperature 100.0 : "d" numerical [0.5]
  craft.unembed %d
}

// CHECK: craft.model @two_layers vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %a, %c = craft.attention layer 0 {
// CHECK-NEXT:     %a_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
// CHECK-NEXT:     %c_1 = craft.head query(%indices) key(%indices) qk(2 by 2 identity) value(%indices) ov(2 by 2 identity) bos [0, 1] score 0.5 temperature 64.0 : "c" [0, 1]
// CHECK-NEXT:     craft.yield(%a_1, %c_1)
// CHECK-NEXT:   } : "a" [0, 1], "c" [0, 1]
// CHECK-NEXT:   %m = craft.mlp layer 0 (%a) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
// CHECK-NEXT:   %b, %d = craft.attention layer 1 {
// CHECK-NEXT:     %b_1 = craft.head query(%a) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[2], [3]]) bos [0] score 0.5 temperature 100.0 : "b" numerical [2, 2.5, 3]
// CHECK-NEXT:     %d_1 = craft.head query(%m) key(%c) qk(2 by 2 identity) value() ov() bos [1] score 1.0 temperature 100.0 : "d" numerical [0.5]
// CHECK-NEXT:     craft.yield(%b_1, %d_1)
// CHECK-NEXT:   } : "b" numerical [2, 2.5, 3], "d" numerical [0.5]
// CHECK-NEXT:   craft.unembed %d
// CHECK-NEXT: }

// -----

// A single head, too; and a linear map of it stands with it.

craft.model @one_head vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
  %number = craft.linear %a (2 by 1 [[0], [1]]) : "number" numerical [0, 1]
  craft.unembed %number
}

// CHECK: craft.model @one_head vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %a = craft.attention layer 0 {
// CHECK-NEXT:     %a_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
// CHECK-NEXT:     craft.yield(%a_1)
// CHECK-NEXT:   } : "a" [0, 1]
// CHECK-NEXT:   %number = craft.linear %a (2 by 1 [[0], [1]]) : "number" numerical [0, 1]
// CHECK-NEXT:   craft.unembed %number
// CHECK-NEXT: }

// -----

// Nothing to fuse: no head, or heads that are fused already; and what isn't a craft model.

craft.model @no_head vocab [0, 1] max_seq_len 2 {
// CHECK: craft.model @no_head vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [0, 1]
  %m = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  // CHECK-NEXT: %m = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  craft.unembed %m
  // CHECK-NEXT: craft.unembed %m
}
// CHECK-NEXT: }

craft.model @fused vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT: craft.model @fused vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.attention layer 0 {
  // CHECK-NEXT: %a = craft.attention layer 0 {
    %0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
    // CHECK-NEXT: %0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
    craft.yield(%0)
    // CHECK-NEXT: craft.yield(%0)
  } : "a" [0, 1]
  // CHECK-NEXT: } : "a" [0, 1]
  craft.unembed %a
  // CHECK-NEXT: craft.unembed %a
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
