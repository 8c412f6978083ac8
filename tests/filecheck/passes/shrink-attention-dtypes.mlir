// RUN: rasp-opt %s -p shrink-attention | filecheck %s --check-prefix=F32
// RUN: rasp-opt %s -p 'shrink-attention{dtype=bfloat16}' | filecheck %s --check-prefix=BF16
// RUN: not rasp-opt %s -p 'shrink-attention{dtype=float8}' 2>&1 | filecheck %s --check-prefix=DTYPE

// DTYPE: rasp-opt: error: there is no dtype 'float8'
// DTYPE-NEXT: expected: one of float32, float16, bfloat16

// A parabola over 20 keys has numbers up to 360. bfloat16 counts to 256: there a point has two coordinates.

craft.model @equal vocab [0, 1] max_seq_len 20 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" 0 to 19
  %same = craft.head layer 0 query(%indices) key(%indices) qk(20 by 20 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "same" [0, 1]
  craft.unembed %same
}

// F32: qk(product(20 by 3 [{{.*}}], 3 by 20 [{{.*}}])) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 128.0 : "same" [0, 1]
// BF16: qk(product(20 by 4 at {{.*}}, 4 by 20 at {{.*}})) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 128.0 : "same" [0, 1]
