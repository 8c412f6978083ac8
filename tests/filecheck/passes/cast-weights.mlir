// RUN: rasp-opt %s -p 'cast-weights{dtype=float16}' | filecheck %s --check-prefix=HALF --match-full-lines
// RUN: rasp-opt %s -p 'cast-weights{dtype=bfloat16}' | filecheck %s --check-prefix=BRAIN --match-full-lines
// RUN: rasp-opt %s -p 'cast-weights{dtype=float32}' -o %t.same.mlir && rasp-opt %s | diff %t.same.mlir -
// RUN: rasp-opt %s -p 'cast-weights{dtype=float16}' -o %t.half.mlir && rasp-opt %t.half.mlir -p 'cast-weights{dtype=float32},cast-weights{dtype=float16}' | diff %t.half.mlir -

// Every weight is rounded to the nearest number, ties to even: 2049 is halfway between two float16, 257 between two bfloat16. What is below half the
// smallest number becomes 0.

transformer.model @every_op(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "x"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<[[0.1, 257.0], [1.0, 2049.0]]> : tensor<2x2xf32>) w_pos(dense<[[1.0e-9, 0.0], [-2051.0, 0.5]]> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<[[[100.0], [0.1]]]> : tensor<1x2x1xf32>) w_k(dense<[[[1.0], [0.0]]]> : tensor<1x2x1xf32>) w_v(dense<[[[0.3], [0.0]]]> : tensor<1x2x1xf32>) w_o(dense<[[[0.0, 0.7]]]> : tensor<1x1x2xf32>) : tensor<?x?x2xf32>
  %y = transformer.add %x, %a : tensor<?x?x2xf32>
  %m = transformer.mlp %y w_in(dense<[[0.1], [1.0]]> : tensor<2x1xf32>) b_in(dense<[-13.0]> : tensor<1xf32>) w_out(dense<[[0.1, 0.0]]> : tensor<1x2xf32>) b_out(dense<[0.0, 0.2]> : tensor<2xf32>) : tensor<?x?x2xf32>
  %z = transformer.add %y, %m : tensor<?x?x2xf32>
  %logits = transformer.unembed %z w_u(dense<[[0.1, 0.0], [1.0, 0.0]]> : tensor<2x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// HALF: builtin.module {
// HALF-NEXT:   transformer.model @every_op(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "x"] {
// HALF-NEXT:     %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// HALF-NEXT:     %x = transformer.embed %ids w_e(dense<[[0.1, 257.0], [1.0, 2048.0]]> : tensor<2x2xf16>) w_pos(dense<[[0.0, 0.0], [-2052.0, 0.5]]> : tensor<2x2xf16>) : tensor<?x?x2xf16>
// HALF-NEXT:     %a = transformer.attention %x mask %mask w_q(dense<[[[100.0], [0.1]]]> : tensor<1x2x1xf16>) w_k(dense<[[[1.0], [0.0]]]> : tensor<1x2x1xf16>) w_v(dense<[[[0.3], [0.0]]]> : tensor<1x2x1xf16>) w_o(dense<[[[0.0, 0.7]]]> : tensor<1x1x2xf16>) : tensor<?x?x2xf16>
// HALF-NEXT:     %y = transformer.add %x, %a : tensor<?x?x2xf16>
// HALF-NEXT:     %m = transformer.mlp %y w_in(dense<[[0.1], [1.0]]> : tensor<2x1xf16>) b_in(dense<[-13.0]> : tensor<1xf16>) w_out(dense<[[0.1, 0.0]]> : tensor<1x2xf16>) b_out(dense<[0.0, 0.2]> : tensor<2xf16>) : tensor<?x?x2xf16>
// HALF-NEXT:     %z = transformer.add %y, %m : tensor<?x?x2xf16>
// HALF-NEXT:     %logits = transformer.unembed %z w_u(dense<[[0.1, 0.0], [1.0, 0.0]]> : tensor<2x2xf16>) b_u(dense<[0.0, 0.5]> : tensor<2xf16>) : tensor<?x?x2xf16> -> tensor<?x?x2xf16>
// HALF-NEXT:     transformer.return %logits : tensor<?x?x2xf16>
// HALF-NEXT:   }
// HALF-NEXT: }

// BRAIN: builtin.module {
// BRAIN-NEXT:   transformer.model @every_op(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "x"] {
// BRAIN-NEXT:     %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// BRAIN-NEXT:     %x = transformer.embed %ids w_e(dense<[[0.1, 256.0], [1.0, 2048.0]]> : tensor<2x2xbf16>) w_pos(dense<[[1.0e-09, 0.0], [-2048.0, 0.5]]> : tensor<2x2xbf16>) : tensor<?x?x2xbf16>
// BRAIN-NEXT:     %a = transformer.attention %x mask %mask w_q(dense<[[[100.0], [0.1]]]> : tensor<1x2x1xbf16>) w_k(dense<[[[1.0], [0.0]]]> : tensor<1x2x1xbf16>) w_v(dense<[[[0.3], [0.0]]]> : tensor<1x2x1xbf16>) w_o(dense<[[[0.0, 0.7]]]> : tensor<1x1x2xbf16>) : tensor<?x?x2xbf16>
// BRAIN-NEXT:     %y = transformer.add %x, %a : tensor<?x?x2xbf16>
// BRAIN-NEXT:     %m = transformer.mlp %y w_in(dense<[[0.1], [1.0]]> : tensor<2x1xbf16>) b_in(dense<[-13.0]> : tensor<1xbf16>) w_out(dense<[[0.1, 0.0]]> : tensor<1x2xbf16>) b_out(dense<[0.0, 0.2]> : tensor<2xbf16>) : tensor<?x?x2xbf16>
// BRAIN-NEXT:     %z = transformer.add %y, %m : tensor<?x?x2xbf16>
// BRAIN-NEXT:     %logits = transformer.unembed %z w_u(dense<[[0.1, 0.0], [1.0, 0.0]]> : tensor<2x2xbf16>) b_u(dense<[0.0, 0.5]> : tensor<2xbf16>) : tensor<?x?x2xbf16> -> tensor<?x?x2xbf16>
// BRAIN-NEXT:     transformer.return %logits : tensor<?x?x2xbf16>
// BRAIN-NEXT:   }
// BRAIN-NEXT: }
