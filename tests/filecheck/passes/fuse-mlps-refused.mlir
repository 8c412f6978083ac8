// RUN: rasp-opt %s --split-input-file -p fuse-mlps --verify-diagnostics | filecheck %s

craft.model @mlp vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %m = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  craft.unembed %m
}
// CHECK: 'm': craft.mlp has no layer
// CHECK-NEXT: help: run the pass schedule-layers first

// -----

craft.model @same_layer vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "a" [0, 1]
  %b = craft.mlp layer 0 (%a) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "b" [0, 1]
  craft.unembed %b
}
// CHECK: 'b': it is in layer 0 and reads 'a', which isn't written yet there
// CHECK-NEXT: help: run the pass schedule-layers
