import assert from "node:assert/strict";
import { auc } from "../support/auc.js";
import { floats, floatsOf, predictionClient } from "../support/grpc.js";
import { measure } from "../support/measure.js";
import { near } from "../support/near.js";
import { predict } from "../support/rest.js";
import { serve } from "../support/serve.js";
import { here, readGolden, readLoans } from "./loans.js";

type Chances = { readonly default: number[]; readonly trees: number[]; readonly network: number[] };

/** What the golden file calls the answers, and who is asked for them. */
const SINGLE = {
  "trees, stable": "trees/labels/stable",
  "trees, canary": "trees/labels/canary",
  network: "network",
} as const;
const ENSEMBLES = {
  "ensemble, stable": { model: "ensemble", trees: "trees, stable" },
  "ensemble, canary": { model: "ensemble_canary", trees: "trees, canary" },
} as const;

async function ensembleByGrpc(address: string, rows: readonly (readonly number[])[]): Promise<number[]> {
  using client = predictionClient(address);
  const outputs = await client.predict("ensemble", { features: floats(rows.flat(), [rows.length, rows[0]!.length]) });
  return floatsOf(outputs.default!);
}

/** Boosted trees in ONNX beside a SavedModel, and both together as one model. */
export async function run(): Promise<void> {
  await using server = await serve(here);
  const { names, features, defaulted } = await readLoans();
  const golden = await readGolden();
  const answers = new Map<string, number[]>();

  for (const [name, model] of Object.entries(SINGLE)) {
    answers.set(name, await predict<number[]>(server.rest, model, { features }));
  }
  for (const [name, { model, trees }] of Object.entries(ENSEMBLES)) {
    const chances = await predict<Chances>(server.rest, model, { features });
    assert.deepEqual(chances.trees, answers.get(trees), `${model} asks ${trees}`);
    assert.deepEqual(chances.network, answers.get("network"), `${model} asks the network`);
    answers.set(name, chances.default);
  }
  const overGrpc = await ensembleByGrpc(server.grpc, features);
  near(overGrpc, answers.get("ensemble, stable")!, 1e-6, "gRPC's chances");

  console.log(`\n${features.length} loans that neither was trained on, by ${names.join(", ")}`);
  const table = [...answers].map(([name, chances]) => {
    const expected = golden.default[name]!;
    near(chances.slice(0, expected.length), expected, 1e-5, `${name}, chances`);
    const area = auc(defaulted, chances);
    near([area], [golden.auc[name]!], 1e-4, `${name}, AUC`);
    return { model: name, AUC: area.toFixed(4), "first loan": chances[0]!.toFixed(4) };
  });
  console.table(table);
  console.log("The chances are those of scikit-learn and of TensorFlow, over REST and gRPC");
  const area = (name: string) => auc(defaulted, answers.get(name)!);
  assert.ok(area("trees, canary") > area("trees, stable"), "the canary is better");
  const both = area("ensemble, canary");
  assert.ok(both > area("trees, canary") && both > area("network"), "both together are better than each");

  const ask = (at: number) => predict(server.rest, "ensemble", { features: [features[at % features.length]!] });
  await measure(ask, { requests: 50, callers: 8 });
  const { perSecond, p50 } = await measure(ask, { requests: 500, callers: 8 });
  console.log(`${perSecond.toFixed(0)} loans a second, one a request by 8 callers, p50 ${p50.toFixed(1)} ms`);
}
