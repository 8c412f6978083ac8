// RUN: rasp-opt %s --split-input-file -p 'infer-values,infer-encodings{combine=true}' | filecheck %s --match-full-lines

// A mean minus a token, and the output is one number: the tokens are cast.
rasp.program @deviation vocab [1, 3] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  %deviation = rasp.map(%tokens, %mean) "x, y -> x - y" : ?
  rasp.return %deviation
}

// CHECK: rasp.program @deviation vocab [1, 3] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 3]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %all, %tokens : numerical [1, 2.0, 3] mixed
// CHECK-NEXT:   %tokens_1 = rasp.cast %tokens : numerical [1, 3]
// CHECK-NEXT:   %deviation = rasp.map(%tokens_1, %mean) "x, y -> x - y" : numerical -2 to 2 mixed
// CHECK-NEXT:   rasp.return %deviation
// CHECK-NEXT: }

// -----

// A select reads it one-hot.
rasp.program @keys vocab [1, 3] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  %deviation = rasp.map(%tokens, %mean) "x, y -> x - y" : ?
  %same = rasp.select %deviation, %deviation eq
  %count = rasp.selector_width %same : ?
  rasp.return %count
}

// CHECK: rasp.program @keys vocab [1, 3] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 3]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %all, %tokens : numerical [1, 2.0, 3] mixed
// CHECK-NEXT:   %mean_1 = rasp.cast %mean : categorical [1, 2.0, 3] mixed
// CHECK-NEXT:   %deviation = rasp.map(%tokens, %mean_1) "x, y -> x - y" : categorical -2 to 2 mixed
// CHECK-NEXT:   %same = rasp.select %deviation, %deviation eq
// CHECK-NEXT:   %count = rasp.selector_width %same : categorical [1, 2]
// CHECK-NEXT:   rasp.return %count
// CHECK-NEXT: }

// -----

// The user wants it one-hot.
rasp.program @asked vocab [1, 3] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  %deviation = rasp.map(%tokens, %mean) "x, y -> x - y" : categorical ?
  rasp.return %deviation
}

// CHECK: rasp.program @asked vocab [1, 3] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 3]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %all, %tokens : numerical [1, 2.0, 3] mixed
// CHECK-NEXT:   %mean_1 = rasp.cast %mean : categorical [1, 2.0, 3] mixed
// CHECK-NEXT:   %deviation = rasp.map(%tokens, %mean_1) "x, y -> x - y" : categorical -2 to 2 mixed
// CHECK-NEXT:   rasp.return %deviation
// CHECK-NEXT: }

// -----

// In float32 such numbers can't be told apart.
rasp.program @large vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  %large = rasp.map(%tokens) "x -> x * 1000000000" : ?
  %sum = rasp.map(%large, %mean) "x, y -> x + y" : ?
  rasp.return %sum
}

// CHECK: rasp.program @large vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 2]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %all, %tokens : numerical [1, 1.5, 2] mixed
// CHECK-NEXT:   %mean_1 = rasp.cast %mean : categorical [1, 1.5, 2] mixed
// CHECK-NEXT:   %large = rasp.map(%tokens) "x -> x * 1000000000" : categorical [1000000000, 2000000000]
// CHECK-NEXT:   %sum = rasp.map(%large, %mean_1) "x, y -> x + y" : categorical [1000000001, 1000000001.5, 1000000002, 2000000001, 2000000001.5, 2000000002] mixed
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }
