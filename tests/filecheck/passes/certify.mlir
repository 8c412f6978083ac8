// RUN: rasp-opt %s --split-input-file -p certify | filecheck %s --check-prefix=F32
// RUN: rasp-opt %s --split-input-file -p 'certify{dtype=float16}' | filecheck %s --check-prefix=F16
// RUN: rasp-opt %s --split-input-file -p certify -o %t.mlir && rasp-opt %t.mlir --split-input-file | diff %t.mlir -
// RUN: rasp-opt %s --split-input-file -p certify -o %t.mlir && rasp-opt %t.mlir --split-input-file --print-op-generic | rasp-opt --split-input-file | diff %t.mlir -

// Tokens are one-hot, and copied to the output: nothing is ever off.

craft.model @id vocab ["a", "b"] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  craft.unembed %tokens
}

// F32: craft.model @id vocab ["a", "b"] max_seq_len 3 certified float32 margin 1.0 at "tokens" scope "rounding" sha256 "{{[0-9a-f]+}}" {
// F16: craft.model @id vocab ["a", "b"] max_seq_len 3 certified float16 margin 1.0 at "tokens" scope "rounding" sha256 "{{[0-9a-f]+}}" {

// -----

// How often the token occurs, 1 or 2, is read from 1/2 or 1/3. A weight of attention may be off by four units of roundoff, and a quarter of the gap between the two is 1/24.

craft.model @hist vocab ["a", "b"] max_seq_len 2 causal {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %inverse = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value() ov() bos [1] score 1.0 temperature 100.0 : "inverse" numerical [0.3333333333333333, 0.5]
  %hist = craft.mlp layer 0 (%inverse) w_in(1 by 3 [[32, 32, 0]]) bias [-13, -14, 1] w_out(3 by 2 [[1, -1], [-1, 1], [0, 1]]) : "hist" [1, 2]
  craft.unembed %hist
}

// F32: craft.model @hist vocab ["a", "b"] max_seq_len 2 causal certified float32 margin 0.9999 at "hist" scope "rounding" sha256 "{{[0-9a-f]+}}" {
// F16: craft.model @hist vocab ["a", "b"] max_seq_len 2 causal certified float16 margin 0.98{{[0-9]*}} at "hist" scope "rounding" sha256 "{{[0-9a-f]+}}" {

// -----

// A certificate of an earlier run is replaced.

craft.model @again vocab ["a", "b"] max_seq_len 3 certified bfloat16 margin 0.5 at "something else" scope "rounding" sha256 "f1949f0415c5113ba51b4ca64648df832b43e60c05f64523bb6895d8bb894403" {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  craft.unembed %tokens
}

// F32: craft.model @again vocab ["a", "b"] max_seq_len 3 certified float32 margin 1.0 at "tokens" scope "rounding" sha256 "{{[0-9a-f]+}}" {

// -----

// The heads and perceptrons of a layer may be fused: each result has a margin of its own.

craft.model @fused vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %mean, %weight = craft.attention layer 0 {
    %mean_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 [[1, 1], [1, 1]]) value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 0.5 temperature 100.0 : "mean" numerical [0, 0.5, 1]
    %weight_1 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value() ov() bos [1] score 1.0 temperature 100.0 : "weight" numerical [0.3333333333333333, 0.5]
    craft.yield(%mean_1, %weight_1)
  } : "mean" numerical [0, 0.5, 1], "weight" numerical [0.3333333333333333, 0.5]
  %all, %alone = craft.mlp layer 0 (%mean, %weight) w_in(1 by 4 [[8, 8, 0, 0]], 1 by 4 [[0, 0, 32, 32]]) bias [-6, -7, -13, -14] w_out(4 by 2 [[0, 1], [0, -1], [0, 0], [0, 0]], 4 by 2 [[0, 0], [0, 0], [0, 1], [0, -1]]) : "all" [false, true], "alone" [false, true]
  craft.unembed %all
}

// F32: craft.model @fused vocab [0, 1] max_seq_len 2 certified float32 margin 0.9999 at "all" scope "rounding" sha256 "{{[0-9a-f]+}}" {
// F16: craft.model @fused vocab [0, 1] max_seq_len 2 certified float16 margin 0.97{{[0-9]*}} at "all" scope "rounding" sha256 "{{[0-9a-f]+}}" {

// -----

// A result that is said to be no value at combinations that never occur: the certificate says that there is one.

craft.model @partial vocab ["a", "b"] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %places = craft.embed_positions : "places" [0, 1]
  %q = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "q" ["a", "b"]
  %r = craft.mlp layer 0 (%places) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "r" [0, 1]
  %p = craft.mlp layer 1 (%q, %r) w_in(2 by 4 [[1, 1, 0, 0], [0, 0, 1, 1]], 2 by 4 [[1, 0, 1, 0], [0, 1, 0, 1]]) bias [-1, -1, -1, -1] w_out(4 by 2 [[1, 0], [0, 1], [0, 0.4], [1, 0]]) : "p" ["no", "yes"] partial
  craft.unembed %p
}

// CHECK: craft.model @partial vocab ["a", "b"] max_seq_len 2 certified float32 margin {{.*}} at "{{.*}}" scope "rounding" partial 1 sha256 "{{[0-9a-f]{64}}}" {

// -----

// A mark that isn't needed doesn't count.

craft.model @no_need vocab ["a", "b"] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %p = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "p" ["no", "yes"] partial
  craft.unembed %p
}

// CHECK: craft.model @no_need vocab ["a", "b"] max_seq_len 2 certified float32 margin {{.*}} at "{{.*}}" scope "rounding" sha256 "{{[0-9a-f]{64}}}" {
