// RUN: rasp-opt %s --split-input-file -p 'infer-encodings{numerical-output=true}' | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p 'infer-encodings{numerical-output=true}' -o %t.mlir && rasp-opt %t.mlir --split-input-file -p 'infer-encodings{numerical-output=true}' | diff %t.mlir -

// Numbers are returned as numbers.

rasp.program @numbers vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  // CHECK: %tokens = rasp.tokens : categorical [1, 2]
  // CHECK-NEXT: %tokens_1 = rasp.cast %tokens : numerical [1, 2]
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens_1
}

// -----

// Strings can't be, nor numbers that differ by rounding alone.

rasp.program @strings vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : ["a", "b"]
  // CHECK: %tokens = rasp.tokens : categorical ["a", "b"]
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens
}

// -----

rasp.program @twins vocab [0.19999999999999996, 0.2] max_seq_len 2 {
  %tokens = rasp.tokens : [0.19999999999999996, 0.2]
  // CHECK: %tokens = rasp.tokens : categorical [0.19999999999999996, 0.2]
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens
}
