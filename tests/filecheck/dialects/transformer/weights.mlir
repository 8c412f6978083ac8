// RUN: rasp-opt %s | filecheck %s --match-full-lines
// RUN: rasp-opt %s -o %t.mlir && rasp-opt %t.mlir | diff %t.mlir -
// RUN: not rasp-opt %s --print-op-generic 2>&1 | filecheck %s --check-prefix=GENERIC --match-full-lines

// Weights are read back to the bit: as numbers, of which each has the fewest digits that tell it from its neighbours, and as bytes where there are
// more than 64. The generic form, which is xDSL's, can't hold some of them.

// GENERIC: rasp-opt: error: the module has numbers or strings that the generic form can't hold; print it without

transformer.model @weights(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["é"] {
// CHECK: transformer.model @weights(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["é"] {
  %x = transformer.embed %ids w_e(dense<[[0.1], [12345678.0]]> : tensor<2x1xf32>) w_pos(dense<[[1.0e-45], [-3.4028235e38]]> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  // CHECK-NEXT: %x = transformer.embed %ids w_e(dense<[[0.1], [1.2345678e+07]]> : tensor<2x1xf32>) w_pos(dense<[[1.0e-45], [-3.4028235e+38]]> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  %m = transformer.mlp %x w_in(dense<[[0.333333343, 1.0e10, 16777215.0]]> : tensor<1x3xf32>) b_in(dense<-28823698.0> : tensor<3xf32>) w_out(dense<[[1.0], [-0.0], [2.5]]> : tensor<3x1xf32>) b_out(dense<0.0> : tensor<1xf32>) : tensor<?x?x1xf32>
  // CHECK-NEXT: %m = transformer.mlp %x w_in(dense<[[0.33333334, 1.0e+10, 1.6777215e+07]]> : tensor<1x3xf32>) b_in(dense<[-2.8823698e+07, -2.8823698e+07, -2.8823698e+07]> : tensor<3xf32>) w_out(dense<[[1.0], [-0.0], [2.5]]> : tensor<3x1xf32>) b_out(dense<[0.0]> : tensor<1xf32>) : tensor<?x?x1xf32>
  %n = transformer.mlp %m w_in(dense<"0x000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041000050410000604100007041000080410000884100009041000098410000A0410000A8410000B0410000B8410000C0410000C8410000D0410000D8410000E0410000E8410000F0410000F84100000042000004420000084200000C4200001042000014420000184200001C4200002042000024420000284200002C4200003042000034420000384200003C4200004042000044420000484200004C4200005042000054420000584200005C4200006042000064420000684200006C4200007042000074420000784200007C4200008042"> : tensor<1x65xf32>) b_in(dense<0.5> : tensor<65xf32>) w_out(dense<-1.0> : tensor<65x1xf32>) b_out(dense<0.0> : tensor<1xf32>) : tensor<?x?x1xf32>
  // CHECK-NEXT: %n = transformer.mlp %m w_in(dense<"0x{{[0-9A-F]+}}"> : tensor<1x65xf32>) b_in(dense<"0x{{[0-9A-F]+}}"> : tensor<65xf32>) w_out(dense<"0x{{[0-9A-F]+}}"> : tensor<65x1xf32>) b_out(dense<[0.0]> : tensor<1xf32>) : tensor<?x?x1xf32>
  %logits = transformer.unembed %n w_u(dense<"0x00000080000000C0"> : tensor<1x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x1xf32> -> tensor<?x?x2xf32>
  // CHECK-NEXT: %logits = transformer.unembed %n w_u(dense<[[-0.0, -2.0]]> : tensor<1x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x1xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
  // CHECK-NEXT: transformer.return %logits : tensor<?x?x2xf32>
}
// CHECK-NEXT: }
