import { defineServable } from "salver";

export default defineServable({
  type: "noop",
  description: "Answers with what it was given.",
  inputs: { x: { dtype: "float32", shape: [-1] } },
  outputs: { y: { dtype: "float32", shape: [-1] } },
  run: ({ x }) => ({ y: x! }),
});
