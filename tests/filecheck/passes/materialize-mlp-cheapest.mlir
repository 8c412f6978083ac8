// RUN: rasp-opt %s --split-input-file -p 'materialize-mlp{linear=true lookup=cheapest}' | filecheck %s
// RUN: not rasp-opt %s --split-input-file -p 'materialize-mlp{lookup=best}' 2>&1 | filecheck %s --check-prefix=REFUSED

// REFUSED: rasp-opt: error: there is no lookup 'best'
// REFUSED-NEXT: expected: one of cells, cheapest

// The default, 1, is written by a unit that is always on; the other unit adds 2 and takes 1 away.

rasp.program @default vocab [1, 2, 3] max_seq_len 3 {
  %tokens = rasp.tokens : categorical [1, 2, 3]
  %indices = rasp.indices : categorical 0 to 2
  %even = rasp.map(%tokens, %indices) "t, i -> 2 if t == 2 and i == 1 else 1" : categorical [1, 2]
  rasp.return %even
}

// CHECK-LABEL: rasp.program @default
// CHECK: %even = craft.mlp({{.*}}) w_in(3 by 2 {{\[}}[0, 0], [0, 1], [0, 0]], 3 by 2 {{\[}}[0, 0], [0, 1], [0, 0]]) bias [1, -1] w_out(2 by 2 {{\[}}[1, 0], [-1, 1]]) : "even" [1, 2]

// -----

// The default is off where an operand is undefined.

rasp.program @undefined vocab [1, 2, 3] max_seq_len 3 {
  %tokens = rasp.tokens : categorical [1, 2, 3]
  %indices = rasp.indices : categorical 0 to 2
  %partial = rasp.map(%tokens, %indices) "t, i -> None if t == 3 and i == 2 else t" : categorical [1, 2, 3] or none
  %even = rasp.map(%partial, %indices) "t, i -> 2 if t == 2 and i == 1 else 1" : categorical [1, 2] or none
  rasp.return %even
}

// CHECK-LABEL: rasp.program @undefined
// CHECK: %even = craft.mlp({{.*}}) w_in(3 by 2 {{\[}}[1, 0], [1, 1], [1, 0]], 3 by 2 {{\[}}[0, 0], [0, 1], [0, 0]]) bias [0, -1] w_out(2 by 2 {{\[}}[1, 0], [-1, 1]]) : "even" [1, 2] or none

// -----

// A comparison is read from a sum: three units, however many values there are.

rasp.program @less vocab [0, 1, 2, 3] max_seq_len 4 {
  %tokens = rasp.tokens : categorical [0, 1, 2, 3]
  %indices = rasp.indices : categorical 0 to 3
  %less = rasp.map(%tokens, %indices) lt : categorical [false, true]
  rasp.return %less
}

// CHECK-LABEL: rasp.program @less
// CHECK: %less = craft.mlp({{.*}}) w_in(4 by 3 {{.*}}, 4 by 3 {{.*}}) bias [-2, -3, 1] w_out(3 by 2 {{.*}}) : "less" [false, true]

// -----

// A sum one-hot bends everywhere.

rasp.program @sum vocab [0, 1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : categorical [0, 1, 2]
  %indices = rasp.indices : categorical 0 to 2
  %sum = rasp.map(%tokens, %indices) "t, i -> t + i" : categorical 0 to 4
  rasp.return %sum
}

// CHECK-LABEL: rasp.program @sum
// CHECK: %sum = craft.mlp({{.*}}) w_in(3 by 5 {{.*}}, 3 by 5 {{.*}}) bias [0, -1, -2, -3, 1] w_out(5 by 5 {{.*}}) : "sum" 0 to 4

// -----

// As a number it doesn't bend.

rasp.program @number vocab [0, 1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : categorical [0, 1, 2]
  %indices = rasp.indices : categorical 0 to 2
  %sum = rasp.map(%tokens, %indices) "t, i -> t + i" : numerical 0 to 4
  rasp.return %sum
}

// CHECK-LABEL: rasp.program @number
// CHECK: %sum = craft.mlp({{.*}}) w_in(3 by 1 {{\[}}[0], [1], [2]], 3 by 1 {{\[}}[0], [1], [2]]) bias [0] w_out(1 by 1 {{\[}}[1]]) : "sum" numerical 0 to 4
