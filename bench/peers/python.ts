import { access, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { messageOf } from "salver";
import { freePort } from "../harness/free-port.js";
import { cache } from "../harness/salver-service.js";
import { connects, startService } from "../harness/service.js";
import { findTool, runTool, type Skipped } from "../harness/tools.js";
import type { Network } from "../models/catalogue.js";
import type { Peer } from "./peer.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const UVICORN_WORKERS = "2";

/** `SALVER_PYTHON`, the active virtual environment or `python3`, provided that it has these modules. */
async function pythonWith(modules: readonly string[]): Promise<{ readonly python: string } | Skipped> {
  const { SALVER_PYTHON, VIRTUAL_ENV } = process.env;
  const python = SALVER_PYTHON ?? (VIRTUAL_ENV && `${VIRTUAL_ENV}/bin/python`) ?? (await findTool("python3"));
  if (!python) return { skipped: "there is no python3; SALVER_PYTHON names one" };
  const code = `import importlib.util as u; print(*[m for m in ${JSON.stringify(modules)} if not u.find_spec(m)])`;
  try {
    const missing = (await runTool(python, ["-c", code])).trim();
    return missing === "" ? { python } : { skipped: `${python} lacks ${missing.replaceAll(" ", ", ")}` };
  } catch (error) {
    return { skipped: `${python} does not run: ${messageOf(error)}` };
  }
}

export const fastapiOnnxruntime: Peer = {
  name: "FastAPI + onnxruntime, 2 workers",
  engine: "onnxruntime",
  protocol: "rest",
  async start(networks: readonly Network[]) {
    const found = await pythonWith(["fastapi", "uvicorn", "onnxruntime", "numpy"]);
    if ("skipped" in found) return found;
    const port = await freePort();
    return startService({
      name: this.name,
      ports: { rest: port },
      file: found.python,
      args: [here("./fastapi/run.py"), String(port), UVICORN_WORKERS],
      env: { MODELS: networks.map(({ name, onnx }) => `${name}=${onnx}/1/model.onnx`).join(";") },
      // The port is open before the workers are there: any answer will do.
      ready: () => fetch(`http://127.0.0.1:${port}/docs`, { signal: AbortSignal.timeout(2000) }),
    });
  },
};

const MESSAGES = [
  "classification",
  "get_model_metadata",
  "inference",
  "input",
  "model",
  "predict",
  "prediction_service",
  "regression",
];

/** TensorFlow Serving's messages for Python; TensorFlow's own come with TensorFlow. */
async function generate(): Promise<string | Skipped> {
  if (!(await findTool("protoc"))) return { skipped: "protoc is not installed" };
  const out = `${cache}python`;
  await mkdir(out, { recursive: true });
  const protos = here("../../protos");
  const files = MESSAGES.map((name) => `${protos}/tensorflow_serving/apis/${name}.proto`);
  await access(files[0]!);
  await runTool("protoc", ["-I", protos, "--python_out", out, ...files]);
  return out;
}

export const pythonTensorflow: Peer = {
  name: "Python grpc + TensorFlow",
  engine: "tensorflow",
  protocol: "grpc",
  async start(networks: readonly Network[]) {
    const found = await pythonWith(["grpc", "tensorflow"]);
    if ("skipped" in found) return found;
    const generated = await generate();
    if (typeof generated !== "string") return generated;
    const port = await freePort();
    return startService({
      name: this.name,
      ports: { grpc: port },
      file: found.python,
      args: [
        here("./python_grpc/server.py"),
        String(port),
        generated,
        ...networks.map(({ name, savedModel }) => `${name}=${savedModel}/1`),
      ],
      ready: () => connects(port),
    });
  },
};
