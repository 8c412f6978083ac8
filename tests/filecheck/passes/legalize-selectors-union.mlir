// RUN: rasp-opt %s -p legalize-selectors | filecheck %s --match-full-lines
// RUN: rasp-opt %s -p legalize-selectors -o %t.mlir && rasp-opt %t.mlir 2>&1 | filecheck %s --check-prefix READ

// A union of selects of which an operand may be undefined is counted by inclusion and exclusion.

rasp.program @inclusion_exclusion vocab 1 to 9 max_seq_len 9 {
  %tokens = rasp.tokens : 1 to 9
  %indices = rasp.indices : 0 to 8
  %large = rasp.map(%tokens) "x -> x if x > 2 else None" : 3 to 9 or none
  %same = rasp.select %large, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %or = rasp.selector_or %same, %earlier
  %width = rasp.selector_width %or : 0 to 9
  rasp.return %width
}

// CHECK: rasp.program @inclusion_exclusion vocab 1 to 9 max_seq_len 9 {
// CHECK-NEXT:   %tokens = rasp.tokens : 1 to 9
// CHECK-NEXT:   %indices = rasp.indices : 0 to 8
// CHECK-NEXT:   %large = rasp.map(%tokens) "x -> x if x > 2 else None" : 3 to 9 or none
// CHECK-NEXT:   %same = rasp.select %large, %tokens eq
// CHECK-NEXT:   %earlier = rasp.select %indices, %indices lt
// CHECK-NEXT:   %width_count = rasp.selector_width %same : 0 to 9
// CHECK-NEXT:   %width_number = rasp.cast %width_count : numerical 0 to 9
// CHECK-NEXT:   %width_count_1 = rasp.selector_width %earlier : 0 to 9
// CHECK-NEXT:   %width_number_1 = rasp.cast %width_count_1 : numerical 0 to 9
// CHECK-NEXT:   %width = rasp.selector_and %same, %earlier
// CHECK-NEXT:   %width_count_2 = rasp.selector_width %width : 0 to 9
// CHECK-NEXT:   %width_number_2 = rasp.cast %width_count_2 : numerical 0 to 9
// CHECK-NEXT:   %width_sum = rasp.map(%width_number, %width_number_1, %width_number_2) affine [1, 1, -1] : numerical 0 to 9
// CHECK-NEXT:   %width_1 = rasp.cast %width_sum : categorical 0 to 9
// CHECK-NEXT:   rasp.return %width_1
// CHECK-NEXT: }

// The value analysis can't prove what the sum is, and there are too many inputs to try all of them.

// READ: warning: {{.*}}: 'width_sum': it can't be proved that its values are those of its domain
