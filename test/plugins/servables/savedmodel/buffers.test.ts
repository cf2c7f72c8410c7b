import { expect, it } from "vitest";
import { largeBuffers } from "../../../../plugins/servables/savedmodel/buffers.js";

it("large arrays in plain data are given away, each once; small ones and parts of others are not", () => {
  const [bytes, slots] = [new Uint8Array(2 ** 17), new Int32Array(2 ** 15)];
  const table = {
    keys: { bytes, offsets: new Uint32Array(9) },
    slots,
    count: 3,
    name: "t",
    none: undefined,
    nil: null,
  };
  const steps = [{ attributes: { table } }, { attributes: { table, again: [slots] } }, 1n];
  const part = new Uint8Array(2 ** 20).subarray(0, 2 ** 18);
  const found = largeBuffers({ steps, part, shared: new Uint8Array(new SharedArrayBuffer(2 ** 17)) });
  expect(new Set(found)).toEqual(new Set([bytes.buffer, slots.buffer]));
  expect(found).toHaveLength(2);

  const posted = structuredClone({ steps }, { transfer: found });
  expect(posted.steps[0]).toMatchObject({ attributes: { table: { keys: { bytes: { length: 2 ** 17 } } } } });
  expect(bytes.length).toBe(0);
});
