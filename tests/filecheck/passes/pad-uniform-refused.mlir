// RUN: rasp-opt %s --split-input-file -p pad-uniform --verify-diagnostics | filecheck %s

// Many narrow heads in one layer and a wide one in another: as many wide heads in both would be too large.

transformer.model @too_large(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] residual ["x"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<1.0> : tensor<2x1xf32>) w_pos(dense<1.0> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  %a = transformer.attention %x mask %mask w_q(dense<1.0> : tensor<9000x1x1xf32>) w_k(dense<1.0> : tensor<9000x1x1xf32>) w_v(dense<1.0> : tensor<9000x1x1xf32>) w_o(dense<1.0> : tensor<9000x1x1xf32>) : tensor<?x?x1xf32>
  %y = transformer.add %x, %a : tensor<?x?x1xf32>
  %b = transformer.attention %y mask %mask w_q(dense<1.0> : tensor<1x1x9000xf32>) w_k(dense<1.0> : tensor<1x1x9000xf32>) w_v(dense<1.0> : tensor<1x1x1xf32>) w_o(dense<1.0> : tensor<1x1x1xf32>) : tensor<?x?x1xf32>
  %z = transformer.add %y, %b : tensor<?x?x1xf32>
  %logits = transformer.unembed %z w_u(dense<1.0> : tensor<1x1xf32>) b_u(dense<0.5> : tensor<1xf32>) : tensor<?x?x1xf32> -> tensor<?x?x1xf32>
  transformer.return %logits : tensor<?x?x1xf32>
}
// CHECK: 'x': padded to 9000 heads of width 9000 and 1 hidden units, 2 layers have more than 268435456 parameters
// CHECK-NEXT: expected: a model that fits into 1 GiB
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len

// -----

// No residual stream: what the MLP computes isn't added.

transformer.model @no_stream(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] residual ["x"] {
  %x = transformer.embed %ids w_e(dense<1.0> : tensor<2x1xf32>) w_pos(dense<1.0> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  %m = transformer.mlp %x w_in(dense<1.0> : tensor<1x1xf32>) b_in(dense<1.0> : tensor<1xf32>) w_out(dense<1.0> : tensor<1x1xf32>) b_out(dense<1.0> : tensor<1xf32>) : tensor<?x?x1xf32>
  %logits = transformer.unembed %m w_u(dense<1.0> : tensor<1x1xf32>) b_u(dense<0.5> : tensor<1xf32>) : tensor<?x?x1xf32> -> tensor<?x?x1xf32>
  transformer.return %logits : tensor<?x?x1xf32>
}
// CHECK: '@no_stream': the model is not one residual stream of attentions and MLPs: found transformer.mlp
// CHECK-NEXT: expected: transformer.mlp must add to the residual stream
