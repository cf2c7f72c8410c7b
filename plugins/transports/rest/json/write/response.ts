import {
  byteLength,
  elementCount,
  invalidArgument,
  type RequestOptions,
  type Tensor,
  type Tensors,
} from "../../../../../core/index.js";
import { CLOSE_LIST, CLOSE_OBJECT, COMMA, OPEN_LIST, OPEN_OBJECT } from "../scan/chars.js";
import { SLICE, turn } from "../slices.js";
import { elementWriter, keyOf } from "./element.js";
import { createOutput, type Output, putAscii, putByte, putBytes, written } from "./output.js";
import { createTensorWriter, type TensorWriter } from "./tensor.js";

type Form = "row" | "columnar";
type Column = { readonly key: Buffer; readonly writer: TensorWriter; readonly stride: number };

// Bytes of text for an element and what is around it: a guess, so that large replies are seldom moved while they grow.
const ELEMENT = 12;

const expectedLength = (outputs: readonly (readonly [string, Tensor])[]): number =>
  outputs.reduce(
    (sum, [, tensor]) =>
      sum + elementCount(tensor.shape) * ELEMENT + (tensor.dtype === "string" ? byteLength(tensor) : 0),
    256,
  );

/** The number of rows that all outputs have. @throws INVALID_ARGUMENT */
function batchSize(outputs: readonly (readonly [string, Tensor])[]): number {
  let size: number | undefined;
  for (const [name, { shape }] of outputs) {
    const rows = shape[0];
    if (rows === undefined) throw invalidArgument(`Tensor name: ${name} has no shape information`);
    size ??= rows;
    if (rows !== size) {
      throw invalidArgument(`Tensor name: ${name} has inconsistent batch size: ${rows} expecting: ${size}`);
    }
  }
  return size ?? 0;
}

/** Yields after each slice, as all that is written here. */
function* putTensor(out: Output, writer: TensorWriter): Generator<void, void> {
  while (!writer.step(out.length + SLICE)) yield;
}

function* putRows(out: Output, columns: readonly Column[], rows: number): Generator<void, void> {
  let limit = out.length + SLICE;
  putByte(out, OPEN_LIST);
  for (let row = 0; row < rows; row++) {
    if (row > 0) putByte(out, COMMA);
    putByte(out, OPEN_OBJECT);
    for (const [i, { key, writer, stride }] of columns.entries()) {
      if (i > 0) putByte(out, COMMA);
      putBytes(out, key);
      writer.begin(row * stride);
      while (!writer.step(limit)) {
        yield;
        limit = out.length + SLICE;
      }
    }
    putByte(out, CLOSE_OBJECT);
    if (out.length >= limit) {
      yield;
      limit = out.length + SLICE;
    }
  }
  putByte(out, CLOSE_LIST);
}

function* putResponse(form: Form, tensors: Tensors): Generator<void, Buffer> {
  const outputs = Object.entries(tensors);
  const rows = form === "row" ? batchSize(outputs) : 0;
  const single = outputs.length === 1;
  const out = createOutput(expectedLength(outputs));
  const byRow = form === "row" && !single;
  const columns = outputs.map(([name, tensor]): Column => {
    const shape = byRow ? tensor.shape.slice(1) : tensor.shape;
    const writer = createTensorWriter(out, elementWriter(name, tensor), shape);
    return { key: keyOf(name), writer, stride: elementCount(shape) };
  });

  putAscii(out, form === "row" ? '{"predictions":' : '{"outputs":');
  if (byRow) yield* putRows(out, columns, rows);
  else if (single) yield* putTensor(out, (columns[0] as Column).writer);
  else {
    putByte(out, OPEN_OBJECT);
    for (const [i, { key, writer }] of columns.entries()) {
      if (i > 0) putByte(out, COMMA);
      putBytes(out, key);
      yield* putTensor(out, writer);
    }
    putByte(out, CLOSE_OBJECT);
  }
  putAscii(out, "}\n");
  return written(out);
}

async function finish(work: Generator<void, Buffer>, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    await turn(signal);
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * The answer to a predict request in the form of the request: `{"predictions": …}` by rows, `{"outputs": …}` by
 * columns. A single output is written without its name. One of a single slice is there at once.
 * @throws INVALID_ARGUMENT in the words of TensorFlow Serving when the outputs cannot be written so
 */
export function writeResponse(
  form: Form,
  tensors: Tensors,
  options: Pick<RequestOptions, "signal">,
): Buffer | Promise<Buffer> {
  const work = putResponse(form, tensors);
  const step = work.next();
  return step.done ? step.value : finish(work, options.signal);
}
