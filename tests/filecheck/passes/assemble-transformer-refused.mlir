// RUN: rasp-opt %s --split-input-file -p assemble-transformer --verify-diagnostics | filecheck %s

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

craft.model @linear vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
  %number = craft.linear %a (2 by 1 [[3], [4]]) : "number" numerical [3, 4]
  %b = craft.head layer 1 query(%a) key(%tokens) qk(2 by 2 identity) value(%number) ov(1 by 1 identity) bos [0] score 0.5 temperature 100.0 : "b" numerical [0, 3, 3.5, 4]
  craft.unembed %b
}
// CHECK: 'number': a linear map of what a component computes is no component itself
// CHECK-NEXT: expected: a linear map of an embedding, or of the output
// CHECK-NEXT: help: run the pass fold-linear, which folds the map into the components that read it

// -----

craft.model @sum vocab [0, 1] max_seq_len 2 {
  %one = craft.one : "one" numerical [1]
  %two = craft.sum(%one, %one) : "two" numerical [2]
  craft.unembed %two
}
// CHECK: 'two': a sum is no component itself
// CHECK-NEXT: help: run the pass fold-linear, which folds it into the components that read it

// -----

craft.model @same_layer vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "a" [0, 1]
  %b = craft.mlp layer 0 (%a) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "b" [0, 1]
  craft.unembed %b
}
// CHECK: 'b': it is in layer 0 and reads 'a', which isn't written yet there
// CHECK-NEXT: help: run the pass schedule-layers

// -----

// 2**28 parameters are 1 GiB.

craft.model @too_large vocab 0 to 20000 max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" 0 to 20000
  craft.unembed %tokens
}
// CHECK: 'tokens': the model has more than 268435456 parameters: of its 20003 directions 20001 are this one's
// CHECK-NEXT: expected: a model that fits into 1 GiB
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len
