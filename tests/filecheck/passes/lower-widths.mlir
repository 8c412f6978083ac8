// RUN: rasp-opt %s -p lower-widths | filecheck %s --match-full-lines
// RUN: rasp-opt %s -p lower-widths -o %t.mlir && rasp-opt %t.mlir -p lower-widths | diff %t.mlir -

// A width is read from the number that a head computes for it.

rasp.program @length vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  %all = rasp.select %tokens, %tokens true
  %length = rasp.selector_width %all : 1 to 2
  rasp.return %length
}

// CHECK: rasp.program @length vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %length_inverse = rasp.bos_weight %all : numerical [0.3333333333333333, 0.5]
// CHECK-NEXT:   %length = rasp.map(%length_inverse) "x -> round(1 / x) - 1" : [1, 2]
// CHECK-NEXT:   rasp.return %length
// CHECK-NEXT: }
