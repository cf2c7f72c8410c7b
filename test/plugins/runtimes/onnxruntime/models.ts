import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { silentLogger, type Tensor } from "../../../../core/index.js";
import {
  defaultOrtOptions,
  type OrtSession,
  type OrtSessionOptions,
  openSession,
} from "../../../../plugins/runtimes/onnxruntime/index.js";
import { type Golden, readGolden } from "../../../fixtures/golden.js";

const folder = new URL("../../../fixtures/onnx/", import.meta.url);

/** Names of the ONNX fixtures: what is called `NAME.json`. */
export const fixtureNames = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

type Fixture = Golden & {
  readonly path: string;
  readonly hidden: readonly string[];
  readonly optional: readonly string[];
};

export function fixture(name: string): Fixture {
  const raw = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as {
    readonly model?: string;
    readonly hidden_outputs?: readonly string[];
    readonly optional_inputs?: readonly string[];
  };
  const files = readdirSync(folder);
  const model = raw.model ?? (files.includes(`${name}.onnx`) ? `${name}.onnx` : `${name}/model.onnx`);
  return {
    ...readGolden(`onnx/${name}.json`),
    path: fileURLToPath(new URL(model, folder)),
    hidden: raw.hidden_outputs ?? [],
    optional: raw.optional_inputs ?? [],
  };
}

/** The items of a numeric answer; none where it is missing. */
export const numbers = (tensor: Tensor | undefined) => Array.from(tensor?.data ?? [], Number);

export const never = () => ({ signal: new AbortController().signal });

/** Opens a fixture or a file, with defaults for what `options` leaves out. */
export function open(path: string, options: Partial<OrtSessionOptions>): Promise<OrtSession> {
  return openSession({ path }, { ...defaultOrtOptions, ...options }, silentLogger);
}

/** Opens, hands over, disposes. */
export async function withSession<T>(
  path: string,
  options: Partial<OrtSessionOptions>,
  use: (session: OrtSession) => Promise<T>,
): Promise<T> {
  const session = await open(path, options);
  try {
    return await use(session);
  } finally {
    await session[Symbol.asyncDispose]();
  }
}
