// RUN: rasp-opt %s -p O0 -t onnx-text | filecheck %s
// RUN: rasp-opt %s -p O0 | rasp-opt -t onnx-text | filecheck %s

// ONNX as text, from a program or from the transformer that it became.

rasp.program @increment vocab [1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %next = rasp.map(%tokens) "x -> x + 1" : ?
  rasp.return %next
}

// CHECK: ir_version:
// CHECK: producer_name: "raspc"
// CHECK: "name\": \"increment\", \"vocab\": [1, 2], \"max_seq_len\": 3, \"causal\": false
// CHECK: increment (int64[batch,sequence] token_ids, int64[batch,sequence] attention_mask) => (float[batch,sequence,3] logits, int64[batch,sequence] output_ids)
// CHECK: float[3,6] "embed.w_e" =
// CHECK: float[4,6] "embed.w_pos" =
// CHECK: Relu
