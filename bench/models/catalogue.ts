import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { convertSavedModel } from "../../plugins/servables/savedmodel/convert/index.js";
import { quickstartModel } from "../harness/models.js";
import { cache } from "../harness/salver-service.js";

/** A network in both forms: what TensorFlow loads and, lowered from it, what ONNX Runtime loads. */
export type Network = {
  readonly name: string;
  /** Folders of versions. */
  readonly savedModel: string;
  readonly onnx: string;
};

export const image = fileURLToPath(new URL("./image", import.meta.url));
/** A servable that answers with what it got: a server's own cost. */
export const noop = fileURLToPath(new URL("./noop.ts", import.meta.url));

const sources: Readonly<Record<string, string>> = {
  half_plus_two: quickstartModel("half_plus_two"),
  mnist: quickstartModel("mnist"),
  deepfm: quickstartModel("deepfm"),
  image,
};

/** All networks, the ONNX files written anew, so that they are of the lowering that is measured. */
export async function networks(): Promise<readonly Network[]> {
  return Promise.all(Object.entries(sources).map(([name, savedModel]) => lower(name, savedModel)));
}

async function lower(name: string, savedModel: string): Promise<Network> {
  const onnx = `${cache}models/${name}`;
  await mkdir(`${onnx}/1`, { recursive: true });
  const out = `${onnx}/1/model.onnx`;
  const settings = { dir: `${savedModel}/1`, tags: ["serve"], out, externalData: false, force: true };
  await convertSavedModel({ ...settings, producerVersion: "bench" }, AbortSignal.timeout(60_000));
  if (!existsSync(out)) throw new Error(`${out} was not written`);
  return { name, savedModel, onnx };
}
