// RUN: rasp-opt %s -p 'lower-widths{attenuated=true}' | filecheck %s --match-full-lines
// RUN: rasp-opt %s -p 'lower-widths{attenuated=true}' -o %t.mlir && rasp-opt %t.mlir -p 'lower-widths{attenuated=true}' | diff %t.mlir -

// A width is read from a number that is the width but for little. The lead of BOS grows with the largest width.

rasp.program @length vocab [1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : [1, 2]
  %all = rasp.select %tokens, %tokens true
  %length = rasp.selector_width %all : 1 to 3
  rasp.return %length
}

// CHECK: rasp.program @length vocab [1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %length_attenuated = rasp.attenuated_width %all lead 5.0 : numerical [0.9933071490757153, 1.973406582084536, 2.940559987960473]
// CHECK-NEXT:   %length = rasp.map(%length_attenuated) "x -> round(x)" : [1, 2, 3]
// CHECK-NEXT:   rasp.return %length
// CHECK-NEXT: }
