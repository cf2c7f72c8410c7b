import { duel, type Measured } from "../harness/duel.js";
import { requireH2load } from "../harness/h2load.js";
import type { Protocol } from "../harness/question.js";
import { startSalver } from "../harness/salver-service.js";
import type { Service } from "../harness/service.js";
import { type Side, serviceSide } from "../harness/side.js";
import type { Run, Suite } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Network, networks } from "../models/catalogue.js";
import { questionsOf } from "../models/questions.js";

const IMAGES_HEADER = [
  "by",
  "images/s",
  "against REST",
  "request bytes an image",
  "reply bytes an image",
  "bytes to REST's",
];
const DEEPFM_HEADER = ["rows", "p50 ms", "p99 ms", "ms a row"];
/** Images in a request, and requests in flight. */
const [IMAGES, CALLERS] = [32, 8];

async function restAgainstGrpc(service: Service, network: Network, { pace, progress }: Run) {
  progress(`${network.name}, REST against gRPC`);
  const question = (await questionsOf(network, [IMAGES]))[IMAGES]!;
  const sides: Side[] = [];
  const add = async (name: string, protocol: Protocol, content = false) => {
    const asked = { ...question, encoding: { content } };
    sides.push(await serviceSide(service, { name, protocol, question: asked, callers: CALLERS }));
  };
  await add("REST", "rest");
  await add("gRPC, float_val", "grpc");
  await add("gRPC, tensor_content", "grpc", true);
  const measured = await duel(sides, pace);
  const rest = measured[0]!;
  const sum = ({ bytes }: Measured) => bytes!.request + bytes!.reply;
  const rows = measured.map((each) => [
    each.name,
    short(each.perSecond.median * IMAGES),
    `${(each.perSecond.median / rest.perSecond.median).toFixed(2)}x`,
    short(each.bytes!.request / IMAGES),
    short(each.bytes!.reply / IMAGES),
    `${(sum(each) / sum(rest)).toFixed(2)}x`,
  ]);
  return { markdown: table(IMAGES_HEADER, rows), data: measured };
}

async function deepfmLatency(service: Service, network: Network, { pace, progress }: Run) {
  const batches = [200, 500, 1000];
  const questions = await questionsOf(network, batches);
  const data: Measured[] = [];
  for (const rows of batches) {
    progress(`deepfm, batch ${rows}`);
    const question = questions[rows]!;
    const side = await serviceSide(service, { name: String(rows), protocol: "grpc", question, callers: 1 });
    data.push(...(await duel([side], pace)));
  }
  const rows = data.map(({ name, p50, p99 }) => [
    name,
    p50.median.toFixed(3),
    p99.median.toFixed(3),
    (p50.median / Number(name)).toFixed(5),
  ]);
  return { markdown: table(DEEPFM_HEADER, rows), data };
}

export const sourceTable: Suite = {
  name: "table",
  question: "What do the figures of the document that Salver was asked for by come to here?",
  async run(run: Run) {
    await requireH2load();
    const all = await networks();
    const [mnist, deepfm] = ["mnist", "deepfm"].map((wanted) => all.find(({ name }) => name === wanted)!);
    const models = Object.fromEntries(all.map(({ name, onnx }) => [name, { path: onnx }]));
    const service = await startSalver({ name: "Salver for the table", models });
    try {
      const images = await restAgainstGrpc(service, mnist!, run);
      const latency = await deepfmLatency(service, deepfm!, run);
      const markdown = `## REST against gRPC

Requests that were serialized once, of ${IMAGES} images of mnist, ${CALLERS} in flight. The document has 7,680 images a second and 620 MB by
REST, 25,961 and 320 MB by gRPC: 3.4x in 0.52 of the bytes.

${images.markdown}

## DeepFM by gRPC, one caller

Latency as the load generator sees it, on one core. The document has 0.29 ms for 200 rows and 0.36 ms for 500, on a CPU.

${latency.markdown}`;
      return { markdown, charts: {}, data: { images: images.data, latency: latency.data } };
    } finally {
      await service[Symbol.asyncDispose]();
    }
  },
};
