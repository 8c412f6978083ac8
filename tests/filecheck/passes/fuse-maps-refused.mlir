// RUN: not rasp-opt %s -p 'fuse-maps{objective=beauty}' 2>&1 | filecheck %s
// RUN: not rasp-opt %s -p 'fuse-maps{dtype=float8}' 2>&1 | filecheck %s --check-prefix=DTYPE

// CHECK: rasp-opt: error: there is no objective 'beauty'
// CHECK-NEXT: expected: one of layers, units

// DTYPE: rasp-opt: error: there is no dtype 'float8'

rasp.program @tokens vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [1, 2]
  rasp.return %tokens
}
