// RUN: rasp-opt %s --split-input-file -p 'cast-weights{dtype=float16}' --verify-diagnostics | filecheck %s
// RUN: rasp-opt %s --split-input-file -p 'cast-weights{dtype=bfloat16}' --verify-diagnostics | filecheck %s --check-prefix=BRAIN
// RUN: not rasp-opt %s -p 'cast-weights{dtype=half}' 2>&1 | filecheck %s --check-prefix=NAME
// RUN: not rasp-opt %s -p cast-weights 2>&1 | filecheck %s --check-prefix=NO-NAME

// NAME: rasp-opt: error: there is no dtype 'half': expected one of float32, float16, bfloat16
// NO-NAME: rasp-opt: error: cast-weights requires argument "dtype"

transformer.model @too_large(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] residual ["x"] {
  %x = transformer.embed %ids w_e(dense<[[1.0], [-65520.0]]> : tensor<2x1xf32>) w_pos(dense<[[65519.0], [1.0]]> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  %logits = transformer.unembed %x w_u(dense<1.0> : tensor<1x1xf32>) b_u(dense<0.5> : tensor<1xf32>) : tensor<?x?x1xf32> -> tensor<?x?x1xf32>
  transformer.return %logits : tensor<?x?x1xf32>
}
// CHECK: 'x': w_e of transformer.embed holds -65520.0, which is too large for float16
// CHECK-NEXT: expected: numbers up to 65504.0
// CHECK-NEXT: help: use float32, or bfloat16, which has the same range

// -----

transformer.model @too_large_for_both(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] residual ["x"] {
  %x = transformer.embed %ids w_e(dense<1.0> : tensor<2x1xf32>) w_pos(dense<1.0> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  %m = transformer.mlp %x w_in(dense<1.0> : tensor<1x1xf32>) b_in(dense<3.4e38> : tensor<1xf32>) w_out(dense<1.0> : tensor<1x1xf32>) b_out(dense<1.0> : tensor<1xf32>) : tensor<?x?x1xf32>
  %logits = transformer.unembed %m w_u(dense<1.0> : tensor<1x1xf32>) b_u(dense<0.5> : tensor<1xf32>) : tensor<?x?x1xf32> -> tensor<?x?x1xf32>
  transformer.return %logits : tensor<?x?x1xf32>
}
// CHECK: 'm': b_in of transformer.mlp holds 3.3999999521443642e+38, which is too large for float16
// BRAIN: 'm': b_in of transformer.mlp holds 3.3999999521443642e+38, which is too large for bfloat16
// BRAIN-NEXT: expected: numbers up to 3.3895313892515355e+38
