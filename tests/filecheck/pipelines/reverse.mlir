// RUN: rasp-opt %s -p infer-values | filecheck %s --check-prefix=RASP --match-full-lines
// RUN: rasp-opt %s -p infer-values,materialize-mlp,materialize-attention,schedule-layers,fuse-heads,fuse-mlps,shrink-attention | filecheck %s --check-prefix=CRAFT
// RUN: rasp-opt %s -p O0 | filecheck %s --check-prefix=TRANSFORMER

// A program written by hand, on its way through the pipeline.

rasp.program @reverse vocab [1, 2, 3] max_seq_len 5 {
  %tokens  = rasp.tokens : [1, 2, 3]
  %indices = rasp.indices : 0 to 4
  %all     = rasp.select %tokens, %tokens true
  %length  = rasp.selector_width %all : ?
  %opp     = rasp.map(%length, %indices) "l, i -> l - i - 1" : -4 to 4
  %flip    = rasp.select %indices, %opp eq
  %reverse = rasp.aggregate %flip, %tokens : ?
  rasp.return %reverse
}

// RASP: rasp.program @reverse vocab [1, 2, 3] max_seq_len 5 {
// RASP-NEXT: %tokens = rasp.tokens : [1, 2, 3]
// RASP-NEXT: %indices = rasp.indices : 0 to 4
// RASP-NEXT: %all = rasp.select %tokens, %tokens true
// RASP-NEXT: %length = rasp.selector_width %all : 1 to 5
// RASP-NEXT: %opp = rasp.map(%length, %indices) "l, i -> l - i - 1" : 0 to 4
// RASP-NEXT: %flip = rasp.select %indices, %opp eq
// RASP-NEXT: %reverse = rasp.aggregate %flip, %tokens : [1, 2, 3]
// RASP-NEXT: rasp.return %reverse
// RASP-NEXT: }

// The length is read from a head that attends to BOS, by a perceptron with two units for each of four thresholds and one that is always on. The
// opposite position is a lookup with two units for each pair that occurs, 5 + 4 + 3 + 2 + 1, as what it reads was computed. The scores of equality are
// a product of rank 3.

// CRAFT: craft.model @reverse vocab [1, 2, 3] max_seq_len 5 {
// CRAFT-NEXT: %one = craft.one : "one" numerical [1]
// CRAFT-NEXT: %tokens = craft.embed_tokens : "tokens" [1, 2, 3]
// CRAFT-NEXT: %indices = craft.embed_positions : "indices" 0 to 4
// CRAFT-NEXT: %length_inverse = craft.attention layer 0 {
// CRAFT-NEXT: %length_inverse_1 = craft.head query(%one) key(%one) qk(1 by 1 {{\[}}[1]]) value() ov() bos [1] score 1.0 temperature 100.0 : "length_inverse" numerical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]
// CRAFT-NEXT: craft.yield(%length_inverse_1)
// CRAFT-NEXT: } : "length_inverse" numerical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]
// CRAFT-NEXT: %length = craft.mlp layer 0 (%length_inverse) w_in(1 by 9 {{.*}}) bias [{{.*}}] w_out(9 by 5 {{.*}}) : "length" 1 to 5
// CRAFT-NEXT: %opp = craft.mlp layer 1 (%length, %indices) w_in(5 by 30 {{.*}}, 5 by 30 {{.*}}) bias [{{.*}}] w_out(30 by 5 {{.*}}) : "opp" 0 to 4
// CRAFT-NEXT: %reverse = craft.attention layer 2 {
// CRAFT-NEXT: %reverse_1 = craft.head query(%opp) key(%indices) qk(product(5 by 3 {{.*}}, 3 by 5 {{.*}})) value(%tokens) ov(3 by 3 identity) bos [0, 0, 0] score 0.5 temperature 128.0 at_most_one : "reverse" [1, 2, 3]
// CRAFT-NEXT: craft.yield(%reverse_1)
// CRAFT-NEXT: } : "reverse" [1, 2, 3]
// CRAFT-NEXT: craft.unembed %reverse
// CRAFT-NEXT: }

// TRANSFORMER: transformer.model @reverse(%ids, %padding) vocab [1, 2, 3] max_seq_len 5 output categorical [1, 2, 3] residual ["bos", "one", "tokens:1", "tokens:2", "tokens:3", "indices:0", "indices:1", "indices:2", "indices:3", "indices:4", "length_inverse", "length:1", "length:2", "length:3", "length:4", "length:5", "opp:0", "opp:1", "opp:2", "opp:3", "opp:4", "reverse:1", "reverse:2", "reverse:3"] certified float32 margin 0.9999 at "length" scope "rounding" sha256 "{{[0-9a-f]+}}" {
// TRANSFORMER-NEXT: %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// TRANSFORMER-NEXT: %x = transformer.embed %ids w_e(dense<{{.*}}> : tensor<4x24xf32>) w_pos(dense<{{.*}}> : tensor<6x24xf32>) : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %a = transformer.attention %x mask %mask w_q(dense<{{.*}}> : tensor<1x24x2xf32>) w_k(dense<{{.*}}> : tensor<1x24x2xf32>) w_v(dense<{{.*}}> : tensor<1x24x1xf32>) w_o(dense<{{.*}}> : tensor<1x1x24xf32>) : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %x_1 = transformer.add %x, %a : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %m = transformer.mlp %x_1 w_in(dense<{{.*}}> : tensor<24x9xf32>) b_in(dense<{{.*}}> : tensor<9xf32>) w_out(dense<{{.*}}> : tensor<9x24xf32>) b_out(dense<{{.*}}> : tensor<24xf32>) : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %x_2 = transformer.add %x_1, %m : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %m_1 = transformer.mlp %x_2 w_in(dense<{{.*}}> : tensor<24x30xf32>) b_in(dense<{{.*}}> : tensor<30xf32>) w_out(dense<{{.*}}> : tensor<30x24xf32>) b_out(dense<{{.*}}> : tensor<24xf32>) : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %x_3 = transformer.add %x_2, %m_1 : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %a_1 = transformer.attention %x_3 mask %mask w_q(dense<{{.*}}> : tensor<1x24x4xf32>) w_k(dense<{{.*}}> : tensor<1x24x4xf32>) w_v(dense<{{.*}}> : tensor<1x24x3xf32>) w_o(dense<{{.*}}> : tensor<1x3x24xf32>) : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %x_4 = transformer.add %x_3, %a_1 : tensor<?x?x24xf32>
// TRANSFORMER-NEXT: %logits = transformer.unembed %x_4 w_u(dense<{{.*}}> : tensor<24x4xf32>) b_u(dense<[0.0, 0.0, 0.0, 0.5]> : tensor<4xf32>) : tensor<?x?x24xf32> -> tensor<?x?x4xf32>
// TRANSFORMER-NEXT: transformer.return %logits : tensor<?x?x4xf32>
// TRANSFORMER-NEXT: }
