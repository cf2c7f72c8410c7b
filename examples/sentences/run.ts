import assert from "node:assert/strict";
import { floatsOf, ints, predictionClient, texts, textsOf } from "../support/grpc.js";
import { measure } from "../support/measure.js";
import { near } from "../support/near.js";
import { predict } from "../support/rest.js";
import { serve } from "../support/serve.js";
import { type Golden, here, readGolden, readThemes } from "./golden.js";

type Similar = { readonly sentence: readonly string[][]; readonly score: readonly number[][] };
type Pieces = { readonly input_ids: readonly number[][]; readonly attention_mask: readonly number[][] };

const K = 5;
const SHOWN = 10; // of the queries; these were written by hand

const similar = (rest: string, text: readonly string[]) => predict<Similar>(rest, "similar", { text, k: K });

/** The same over gRPC, where a matrix comes as one row after the other. */
async function similarByGrpc(address: string, text: readonly string[]) {
  using client = predictionClient(address);
  const { sentence, score } = await client.predict("similar", { text: texts(text), k: ints([K], []) });
  return { sentence: textsOf(sentence!), score: floatsOf(score!) };
}

/** The pieces of each text, without what fills up. */
async function piecesOf(rest: string, text: readonly string[]): Promise<number[][]> {
  const { input_ids, attention_mask } = await predict<Pieces>(rest, "pieces", { text });
  return input_ids.map((ids, row) => ids.filter((_, at) => attention_mask[row]![at] === 1));
}

const show = (golden: readonly Golden[], { sentence, score }: Similar) =>
  console.table(
    golden.map(({ text }, at) => ({
      query: text,
      nearest: sentence[at]![0],
      cosine: score[at]![0]!.toFixed(3),
    })),
  );

/** Text in, the nearest of 300 sentences out: tokenizer, encoder and table in one call. */
export async function run(): Promise<void> {
  await using server = await serve(here);
  const golden = await readGolden();
  const themeOf = await readThemes();
  const queries = golden.map(({ text }) => text);

  const answer = await similar(server.rest, queries);
  console.log(`\nThe nearest of ${themeOf.size} sentences`);
  show(golden.slice(0, SHOWN), answer);
  assert.deepEqual(
    await piecesOf(server.rest, queries),
    golden.map(({ ids }) => ids),
    "pieces as Python's tokenizers cuts them",
  );
  for (const [at, { text, best, scores }] of golden.entries()) {
    assert.deepEqual(answer.sentence[at], best, `nearest to "${text}"`);
    near(answer.score[at]!, scores, 1e-5, `cosines of "${text}"`);
  }
  const overGrpc = await similarByGrpc(server.grpc, queries);
  assert.deepEqual(overGrpc.sentence, answer.sentence.flat(), "gRPC finds what REST does");
  near(overGrpc.score, answer.score.flat(), 1e-6, "gRPC's cosines");
  console.log(`${golden.length} queries: pieces, sentences and cosines are those of Python, over REST and gRPC`);

  const hits = golden.flatMap(({ theme }, at) => answer.sentence[at]!.filter((each) => themeOf.get(each) === theme));
  const precision = hits.length / (golden.length * K);
  console.log(`precision of the theme at ${K}: ${precision.toFixed(3)}`);
  assert.ok(precision > 0.9, "what is near is of the same theme");

  const ask = (at: number) => similar(server.rest, [queries[at % queries.length]!]);
  await measure(ask, { requests: 50, callers: 8 });
  const { perSecond, p50 } = await measure(ask, { requests: 500, callers: 8 });
  console.log(`${perSecond.toFixed(0)} queries a second by 8 callers, p50 ${p50.toFixed(1)} ms`);
}
