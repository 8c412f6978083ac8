// RUN: rasp-opt %s --split-input-file -p balance-layers | filecheck %s
// RUN: rasp-opt %s --split-input-file -p 'balance-layers{solver=milp}' | filecheck %s
// RUN: rasp-opt %s --split-input-file -p 'balance-layers{objective=padded}' | filecheck %s --check-prefix=PADDED
// RUN: rasp-opt %s --split-input-file -p 'balance-layers{objective=padded solver=milp node-limit=10 time-limit=30}' | filecheck %s --check-prefix=PADDED
// RUN: rasp-opt %s --split-input-file -p 'balance-layers{more-layers=true}' | filecheck %s --check-prefix=MORE
// RUN: rasp-opt %s --split-input-file -p balance-layers -o %t.mlir && rasp-opt %t.mlir --split-input-file -p balance-layers | diff %t.mlir -
// RUN: rasp-opt %s --split-input-file -p 'balance-layers{objective=padded}' -o %t.mlir && rasp-opt %t.mlir --split-input-file -p 'balance-layers{objective=padded}' | diff %t.mlir -

// As stored, heads of one shape belong together; padded, they belong into different layers. Here %wide is the only one with any slack: %last reads
// %narrow, and nothing reads %wide before the end.

craft.model @heads vocab [0, 1] max_seq_len 4 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" 0 to 3
  %narrow = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "narrow" [0, 1]
  %wide = craft.head layer 0 query(%indices) key(%indices) qk(4 by 4 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "wide" [0, 1]
  %last = craft.head layer 1 query(%indices) key(%indices) qk(4 by 4 identity) value(%narrow) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "last" [0, 1]
  craft.unembed %last
}
// CHECK: craft.model @heads
// CHECK: %narrow = craft.head layer 0
// CHECK-NEXT: %wide = craft.head layer 1
// CHECK-NEXT: %last = craft.head layer 1
// PADDED: craft.model @heads
// PADDED: %narrow = craft.head layer 0
// PADDED-NEXT: %wide = craft.head layer 0
// PADDED-NEXT: %last = craft.head layer 1

// -----

// As stored, perceptrons belong into few layers, here those that %last makes necessary; padded, there belong as many hidden units into each layer.

craft.model @perceptrons vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %head = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "head" [0, 1]
  %other = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "other" [0, 1]
  %head_1 = craft.head layer 1 query(%tokens) key(%head) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "head_1" [0, 1]
  %last = craft.mlp layer 1 (%head_1) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "last" [0, 1]
  craft.unembed %last
}
// CHECK: craft.model @perceptrons
// CHECK: %other = craft.mlp layer 1 (%tokens)
// CHECK: %last = craft.mlp layer 1 (%head_1)
// PADDED: craft.model @perceptrons
// PADDED: %other = craft.mlp layer 0 (%tokens)
// PADDED: %last = craft.mlp layer 1 (%head_1)

// -----

// Padded: two hidden units in each of two layers, in the place of three and one. %b may be in either, and so may %c; that %number is a linear map of %a
// leaves %d no choice.

craft.model @units vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 1 identity) : "a" numerical [0, 1]
  %number = craft.linear %a (1 by 1 identity) : "number" numerical [0, 1]
  %b = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 1 identity) : "b" numerical [0, 1]
  %c = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 1 identity) : "c" numerical [0, 1]
  %d = craft.mlp layer 1 (%number) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 identity) : "d" numerical [0, 1]
  craft.unembed %d
}
// CHECK: craft.model @units
// CHECK: %a = craft.mlp layer 0
// CHECK: %b = craft.mlp layer 0
// CHECK-NEXT: %c = craft.mlp layer 0
// CHECK-NEXT: %d = craft.mlp layer 1
// PADDED: craft.model @units
// PADDED: %a = craft.mlp layer 0
// PADDED: %b = craft.mlp layer 1
// PADDED-NEXT: %c = craft.mlp layer 0
// PADDED-NEXT: %d = craft.mlp layer 1

// -----

// Left alone: a schedule that is as good as any, also if numbers of layers are left out, and fused heads.

craft.model @gaps vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.mlp layer 3 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "a" [0, 1]
  %b = craft.mlp layer 1000000000000 (%a) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "b" [0, 1]
  %c = craft.mlp layer 1000000000000 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "c" [0, 1]
  craft.unembed %b
}
// CHECK: craft.model @gaps
// CHECK: %a = craft.mlp layer 3
// CHECK-NEXT: %b = craft.mlp layer 1000000000000
// CHECK-NEXT: %c = craft.mlp layer 1000000000000
// PADDED: craft.model @gaps
// PADDED: %a = craft.mlp layer 3
// PADDED-NEXT: %b = craft.mlp layer 1000000000000
// PADDED-NEXT: %c = craft.mlp layer 1000000000000

// -----

craft.model @fused vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %h = craft.attention layer 0 {
    %0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [0, 1]
    craft.yield(%0)
  } : "h" [0, 1]
  %m0 = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m0" [0, 1]
  %m1 = craft.mlp layer 1 (%h) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m1" [0, 1]
  craft.unembed %m1
}
// CHECK: craft.model @fused
// CHECK: %m0 = craft.mlp layer 0
// CHECK: %m1 = craft.mlp layer 1
// PADDED: craft.model @fused
// PADDED: %m0 = craft.mlp layer 0
// PADDED: %m1 = craft.mlp layer 1

// -----

// Two heads of different shapes, neither of which reads the other, may each have a layer.

craft.model @alone vocab [0, 1] max_seq_len 4 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" 0 to 3
  %narrow = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "narrow" [0, 1]
  %wide = craft.head layer 0 query(%indices) key(%indices) qk(4 by 4 identity) value(%indices) ov(4 by 4 identity) bos [0, 0, 0, 0] score 0.5 temperature 100.0 : "wide" 0 to 3
  %m = craft.mlp layer 0 (%narrow, %wide) w_in(2 by 2 identity, 4 by 2 [[0, 0], [0, 0], [0, 0], [0, 0]]) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  craft.unembed %m
}
// CHECK: craft.model @alone
// CHECK: %narrow = craft.head layer 0
// CHECK-NEXT: %wide = craft.head layer 0
// MORE: craft.model @alone
// MORE: %narrow = craft.head layer 1
// MORE-NEXT: %wide = craft.head layer 0
// MORE-NEXT: %m = craft.mlp layer 1
