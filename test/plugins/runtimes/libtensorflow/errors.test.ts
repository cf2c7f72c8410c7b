import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tensor } from "../../../../core/index.js";
import type { LoadedSession } from "../../../../plugins/runtimes/libtensorflow/index.js";
import { fixture, floatsOf, never, noTensorflow, open, signatureOf, withTensorflow } from "./support.js";

const floats = (...shape: number[]) => tensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

describe.skipIf(noTensorflow)(withTensorflow("bad requests"), () => {
  let session: LoadedSession;
  beforeAll(async () => {
    session = await open(fixture("savedmodels/multi_signature"));
  });
  afterAll(() => session[Symbol.asyncDispose]());

  it("a wrong dtype names the input, what was expected and what came", async () => {
    const right = tensor("float64", [1, 3], new Float64Array(3));
    await expect(signatureOf(session).run({ left: floats(1, 2), right })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "input serving_default_right:0: expected float32, got float64",
    });
  });

  it.each([
    ["rows that do not go together", floats(2, 2), floats(3, 3), "Incompatible shapes: [2,3] vs. [3,3]"],
    ["a wrong inner dimension", floats(2, 5), floats(2, 3), "In[0]: [2,5], In[1]: [2,3]"],
    ["a wrong rank", floats(2), floats(2, 3), "In[0] is not a matrix"],
  ])("%s: TensorFlow's code and text, without names of generated functions", async (_, left, right, text) => {
    const error = await signatureOf(session)
      .run({ left, right })
      .then(
        () => undefined,
        (reason: Error & { code: string }) => reason,
      );
    expect(error?.code).toBe("INVALID_ARGUMENT");
    expect(error?.message).toContain(text);
    expect(error?.message).toMatch(/\(node [^)]+\)/);
    expect(error?.message).not.toMatch(/\{\{|\[\[|__inference|\n/);
    expect(error?.cause).toMatchObject({ message: expect.stringContaining("{{node") });
  });

  it("a missing input names the placeholder", async () => {
    await expect(signatureOf(session).run({ left: floats(1, 2) })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("serving_default_right"),
    });
  });

  it.each([
    ["nothing:0", 'the graph has no operation for the tensor "nothing:0"'],
    ["", 'the graph has no operation for the tensor ""'],
    ["^serving_default_left", 'the graph has no operation for the tensor "^serving_default_left"'],
    ["a:b:c", 'the graph has no operation for the tensor "a:b:c"'],
    ["serving_default_left:1", '"serving_default_left:1": the operation has 1 output(s), counted from 0'],
  ])("the tensor name %j is refused, fed or fetched", async (name, message) => {
    const refusal = { code: "INVALID_ARGUMENT", message };
    await expect(session.run({ [name]: floats(1) }, ["serving_default_left"], never)).rejects.toMatchObject(refusal);
    await expect(session.run({}, [name], never)).rejects.toMatchObject(refusal);
  });

  it("goes on answering after all of it", async () => {
    const { sum } = await signatureOf(session).run({ left: floats(1, 2), right: floats(1, 3) });
    expect(floatsOf(sum)).toEqual([0.5, -0.5, 1]);
  });
});

describe.skipIf(noTensorflow)(withTensorflow("models that do not load"), () => {
  it.each([
    ["missing_variables", "NOT_FOUND", "variables/variables.index is missing"],
    ["missing_index", "NOT_FOUND", "variables/variables.index is missing"],
    ["missing_shard", "NOT_FOUND", "variables/variables.data-00000-of-00001"],
    ["missing_pb", "NOT_FOUND", "Could not find SavedModel"],
    ["truncated_pb", "OUT_OF_RANGE", "a file of it ends early"],
    ["shard_truncated", "OUT_OF_RANGE", "a file of it ends early"],
    ["not_protobuf", "DATA_LOSS", "saved_model.pb"],
    ["empty_pb", "NOT_FOUND", "{ serve }"],
    ["no_serve_tag", "NOT_FOUND", "{ serve }"],
    ["index_checksum", "DATA_LOSS", "checksum"],
    ["index_truncated", "DATA_LOSS", "sstable"],
    ["shard_checksum", "DATA_LOSS", "hecksum"],
    ["unknown_op", "NOT_FOUND", "'Teleport'"],
    ["dangling_input", "INVALID_ARGUMENT", "Nowhere"],
    ["not_there_at_all", "NOT_FOUND", "Could not find SavedModel"],
  ])("%s: %s", async (name, code, text) => {
    const dir = fixture(`savedmodels_broken/${name}`);
    const error = await open(dir).then(
      () => undefined,
      (reason: Error & { code: string }) => reason,
    );
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(/SavedModel/);
    expect(error?.message).toContain(text);
    expect(error?.message).not.toContain(dir);
  });

  it("tags that the model has not: the error names them", async () => {
    await expect(open(fixture("savedmodels/dense"), { tags: ["serve", "gpu"] })).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(/gpu/),
    });
  });
});
