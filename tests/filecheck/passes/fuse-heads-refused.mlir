// RUN: rasp-opt %s --split-input-file -p fuse-heads --verify-diagnostics | filecheck %s

craft.model @head vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
  craft.unembed %a
}
// CHECK: 'a': craft.head has no layer
// CHECK-NEXT: help: run the pass schedule-layers first

// -----

craft.model @mlp vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %m = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  craft.unembed %m
}
// CHECK: 'm': craft.mlp has no layer
// CHECK-NEXT: help: run the pass schedule-layers first

// -----

// What a layer reads must be written in an earlier one.

craft.model @later_layer vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.head layer 1 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
  %b = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%a) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "b" [0, 1]
  craft.unembed %b
}
// CHECK: 'b': it is in layer 0 and reads 'a', which isn't written yet there
// CHECK-NEXT: help: run the pass schedule-layers

// -----

craft.model @same_layer vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
  %b = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%a) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "b" [0, 1]
  craft.unembed %b
}
// CHECK: 'b': it is in layer 0 and reads 'a', which isn't written yet there
// CHECK-NEXT: help: run the pass schedule-layers
