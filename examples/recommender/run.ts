import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { floats, ints, predictionClient, texts } from "../support/grpc.js";
import { predict } from "../support/rest.js";
import { serve } from "../support/serve.js";
import { auc } from "./auc.js";
import { candidates, type Events, expectedScores, heldOut, here } from "./events.js";
import { GROUP, live, publish } from "./go-live.js";
import { askFromPython } from "./python.js";
import { readers } from "./traffic.js";

type Recommended = { readonly item: string[]; readonly title: string[]; readonly score: number[] };

const K = 5;

/** The scores of all held-out events, as the server that is asked has them. */
const scoresOf = (rest: string, events: Events) => predict<number[]>(rest, "click", events);

const head = (events: Events, count: number): Events =>
  Object.fromEntries(Object.entries(events).map(([name, column]) => [name, column.slice(0, count)])) as Events;

const show = ({ title, score }: Recommended) =>
  console.table(title.map((name, at) => ({ title: name, score: score[at]!.toFixed(3) })));

async function recommendByGrpc(address: string, shown: Events): Promise<string[]> {
  using client = predictionClient(address);
  const outputs = await client.predict("recommend", {
    user: texts(shown.user),
    item: texts(shown.item),
    title: texts(shown.title),
    device: texts(shown.device),
    seen: texts(shown.seen),
    age_hours: floats(shown.age_hours),
    k: ints([K], []),
  });
  return outputs.item!.stringVal.map((bytes) => new TextDecoder().decode(bytes));
}

/** The whole chain against TensorFlow's own answers: transform, ids, vectors and network. */
function checkScores(scores: readonly number[], expected: readonly number[]): void {
  for (const [at, score] of expected.entries()) {
    assert.ok(Math.abs(scores[at]! - score) < 2e-5, `event ${at}: ${scores[at]}, TensorFlow says ${score}`);
  }
}

/** The whole case: raw events in, named articles out, and a new version of all four models under load. */
export async function run(): Promise<void> {
  await using server = await serve(here, (path) => !/models\/(features|words|vectors|ctr)\/2/.test(path));
  const { events, clicked } = await heldOut();
  const shown = await candidates("u0042", "phone", "2026-04-01T20:15:00Z");

  console.log(`\nVersion 1: the best of ${shown.item.length} articles for u0042 at a quarter past eight`);
  const first = await predict<Recommended>(server.rest, "recommend", { ...shown, k: K });
  show(first);
  assert.deepEqual(await recommendByGrpc(server.grpc, shown), first.item, "gRPC recommends what REST does");
  await askFromPython(server, first.item);
  const [expected, expectedAfter] = await expectedScores();
  const before = await scoresOf(server.rest, events);
  checkScores(before, expected!);

  console.log(`\nVersion 2 of ${GROUP.join(", ")} arrives, one after the other, while 8 readers ask`);
  const asked = head(events, 16);
  const traffic = readers(server.rest, asked, 8);
  await sleep(500);
  await publish(server.folder, 2, 400);
  await Promise.all(GROUP.map((model) => live(server.rest, model, 2)));
  await sleep(500);
  const after = await scoresOf(server.rest, events);
  checkScores(after, expectedAfter!);
  const { requests, failed, of, mixed, p50, p99 } = await traffic.end([before.slice(0, 16), after.slice(0, 16)]);
  console.log(
    `${requests} requests: ${of[0]} by version 1, ${of[1]} by version 2, ${mixed} mixed, ${failed.length} failed`,
  );
  console.log(`p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  assert.deepEqual(failed, []);
  assert.equal(mixed, 0, "no answer mixes versions");
  assert.ok(of[0]! > 0 && of[1]! > 0, "both versions were asked");

  console.log("\nVersion 2: the best for the same reader");
  show(await predict<Recommended>(server.rest, "recommend", { ...shown, k: K }));
  const [was, is] = [auc(clicked, before), auc(clicked, after)];
  console.log(`AUC over ${clicked.length} events that neither was trained on: ${was.toFixed(3)} -> ${is.toFixed(3)}`);
  assert.ok(is > was + 0.05, "the new version is better");
}
