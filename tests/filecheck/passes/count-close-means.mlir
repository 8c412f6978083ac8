// RUN: rasp-opt %s --split-input-file -p infer-values,count-close-means | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values,count-close-means -o %t.mlir && rasp-opt %t.mlir --split-input-file -p count-close-means | diff %t.mlir -
// In float32 1 and its neighbour are one number: how often each of them is selected tells their mean.

rasp.program @near vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ["a", "b"]
  %indices = rasp.indices : [0, 1, 2]
  %near = rasp.map(%tokens) "t -> 1.0 if t == 'a' else 1.0000000000000002" : ?
  %so_far = rasp.select %indices, %indices le
  %mean = rasp.aggregate %so_far, %near : [1.0, 1.0000000000000002]
  %is_one = rasp.map(%mean) "x -> x == 1.0" : [false, true]
  rasp.return %is_one
}

// CHECK: rasp.program @near vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %near = rasp.map(%tokens) "t -> 1.0 if t == 'a' else 1.0000000000000002" : [1.0, 1.0000000000000002]
// CHECK-NEXT:   %so_far = rasp.select %indices, %indices le
// CHECK-NEXT:   %mean = rasp.aggregate %so_far, %near : [1.0, 1.0000000000000002]
// CHECK-NEXT:   %is_one_counted = rasp.select %tokens, %one "k, q -> k == 'a'"
// CHECK-NEXT:   %is_one_selected = rasp.selector_and %so_far, %is_one_counted
// CHECK-NEXT:   %is_one_count = rasp.selector_width %is_one_selected : 0 to 3
// CHECK-NEXT:   %is_one_counted_1 = rasp.select %tokens, %one "k, q -> k == 'b'"
// CHECK-NEXT:   %is_one_selected_1 = rasp.selector_and %so_far, %is_one_counted_1
// CHECK-NEXT:   %is_one_count_1 = rasp.selector_width %is_one_selected_1 : 0 to 3
// CHECK-NEXT:   %is_one = rasp.map(%is_one_count, %is_one_count_1) table (0 to 3, 0 to 3) -> [_, false, false, false, true, true, false, _, true, true, _, _, true, _, _, _] : [false, true]
// CHECK-NEXT:   rasp.return %is_one
// CHECK-NEXT: }

// -----

// Nothing tells the two apart.

rasp.program @unread vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %near = rasp.map(%tokens) "t -> 1.0 if t == 'a' else 1.0000000000000002" : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %near : ?
  // CHECK: %mean = rasp.aggregate %all, %near : [1.0, 1.0000000000000002]
  %text = rasp.map(%mean) "x -> 2 * x > 1" : ?
  // CHECK-NEXT: %text = rasp.map(%mean) "x -> 2 * x > 1" : [true]
  rasp.return %text
}

// -----

// A head can compute these.

rasp.program @apart vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  // CHECK: %mean = rasp.aggregate %all, %tokens : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed
  %most = rasp.map(%mean) "x -> x > 0.5" : ?
  // CHECK-NEXT: %most = rasp.map(%mean) "x -> x > 0.5" : [false, true]
  rasp.return %most
}
