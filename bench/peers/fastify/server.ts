import fastify from "fastify";
import { InferenceSession, Tensor } from "onnxruntime-node";

// <port> <name>=<path of an ONNX file>...
const [port, ...models] = process.argv.slice(2);

const sessions = new Map<string, InferenceSession>();
for (const model of models) {
  const [name, path] = model.split("=") as [string, string];
  sessions.set(name, await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 }));
}

type Row = number | readonly Row[];
type Predict = { readonly Body: { readonly instances: readonly (Row | Readonly<Record<string, Row>>)[] } };

const app = fastify({ bodyLimit: 2 ** 28 });

app.post<Predict & { Params: { name: string } }>(
  "/v1/models/:name(^[^:]+)::predict",
  async ({ params, body }, reply) => {
    const session = sessions.get(params.name);
    if (!session) return reply.code(404).send({ error: `no model ${params.name}` });
    const { instances } = body;
    const feeds: Record<string, Tensor> = {};
    for (const input of session.inputMetadata) {
      const rows = session.inputNames.length === 1 ? instances : instances.map((row) => (row as never)[input.name]);
      feeds[input.name] = toTensor(rows as readonly Row[], input.isTensor ? input.type : "float32");
    }
    const results = await session.run(feeds);
    const columns = session.outputNames.map((name) => [name, toRows(results[name]!)] as const);
    const predictions =
      columns.length === 1
        ? columns[0]![1]
        : instances.map((_, i) => Object.fromEntries(columns.map(([name, rows]) => [name, rows[i]])));
    return { predictions };
  },
);

function toTensor(rows: readonly Row[], type: Tensor.Type): Tensor {
  const shape: number[] = [];
  for (let level: Row = rows; Array.isArray(level); level = level[0] as Row) shape.push(level.length);
  const size = shape.reduce((product, length) => product * length, 1);
  if (type === "int64") {
    const data = new BigInt64Array(size);
    fill(rows, (value, at) => {
      data[at] = BigInt(value);
    });
    return new Tensor("int64", data, shape);
  }
  const data = new Float32Array(size);
  fill(rows, (value, at) => {
    data[at] = value;
  });
  return new Tensor("float32", data, shape);
}

/** The numbers of nested lists in order. */
function fill(rows: readonly Row[], put: (value: number, at: number) => void): void {
  let at = 0;
  const visit = (row: Row) => {
    if (typeof row === "number") put(row, at++);
    else for (const each of row) visit(each);
  };
  for (const row of rows) visit(row);
}

function toRows({ data, dims }: Tensor): readonly unknown[] {
  const values = Array.from(data as Float32Array | BigInt64Array, Number);
  let list: unknown[] = values;
  for (let axis = dims.length - 1; axis > 0; axis--) {
    const size = dims[axis]!;
    list = Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));
  }
  return list;
}

await app.listen({ port: Number(port), host: "127.0.0.1" });
