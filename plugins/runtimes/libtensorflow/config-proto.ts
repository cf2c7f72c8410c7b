import type { TfSessionOptions } from "./options.js";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

const key = (field: number, wireType: number) => (field << 3) | wireType;

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...out, rest];
}

function double(value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...bytes];
}

/** A serialized `tensorflow.ConfigProto`; empty when nothing is asked for. Field numbers: tensorflow/core/protobuf/config.proto. */
export function configProto(options: TfSessionOptions): Uint8Array<ArrayBuffer> {
  const { intraOpThreads, interOpThreads, gpuMemoryFraction, gpuAllowGrowth } = options;
  const config: number[] = [];
  const gpu: number[] = [];
  if (intraOpThreads !== undefined) config.push(key(2, VARINT), ...varint(intraOpThreads));
  // Without use_per_session_threads (9) the first session's inter-op pool would serve every later one.
  if (interOpThreads !== undefined) config.push(key(5, VARINT), ...varint(interOpThreads), key(9, VARINT), 1);
  if (gpuMemoryFraction !== undefined) gpu.push(key(1, FIXED64), ...double(gpuMemoryFraction));
  if (gpuAllowGrowth !== undefined) gpu.push(key(4, VARINT), gpuAllowGrowth ? 1 : 0);
  if (gpu.length > 0) config.push(key(6, BYTES), ...varint(gpu.length), ...gpu);
  return Uint8Array.from(config);
}
