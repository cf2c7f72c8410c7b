import { defineServable, invalidArgument, tensor } from "salver";

export default defineServable({
  type: "average",
  description: "The mean of two columns, row by row.",
  inputs: { first: { dtype: "float32", shape: [-1] }, second: { dtype: "float32", shape: [-1] } },
  outputs: { average: { dtype: "float32", shape: [-1] } },
  run: ({ first, second }) => {
    const [a, b] = [first!.data as Float32Array, second!.data as Float32Array];
    if (a.length !== b.length) throw invalidArgument(`first has ${a.length} rows and second ${b.length}`);
    return {
      average: tensor(
        "float32",
        first!.shape,
        a.map((value, row) => (value + b[row]!) / 2),
      ),
    };
  },
});
