import assert from "node:assert/strict";
import { bytes, floatsOf, predictionClient, textsOf } from "../support/grpc.js";
import { measure } from "../support/measure.js";
import { near } from "../support/near.js";
import { predict, RequestFailed } from "../support/rest.js";
import { serve } from "../support/serve.js";
import { b64, here, type Picture, readPictures } from "./pictures.js";

type Classified = {
  readonly name: readonly string[];
  readonly confidence: readonly number[];
  readonly probabilities: readonly number[][];
};

/**
 * How far a probability may be from TensorFlow's: libvips rounds the pixels of a smaller picture to whole numbers, and
 * weighs the outermost ones otherwise.
 */
const TOLERANCE = 0.03;
const BATCH = 10;

const classify = (rest: string, jpegs: readonly Uint8Array[]) =>
  predict<Classified>(rest, "classify", { picture: jpegs.map(b64) });

async function classifyByGrpc(address: string, jpegs: readonly Uint8Array[]) {
  using client = predictionClient(address);
  const { name, probabilities } = await client.predict("classify", { picture: bytes(jpegs) });
  return { name: textsOf(name!), probabilities: floatsOf(probabilities!) };
}

/** Whoever sent a picture that is cut off is told which one. */
async function refusesCutOff(rest: string, pictures: readonly Picture[]): Promise<void> {
  const jpegs = pictures.slice(0, 4).map(({ jpeg }) => jpeg);
  jpegs[2] = jpegs[2]!.subarray(0, jpegs[2]!.length / 2);
  const refusal = await classify(rest, jpegs).catch((error: unknown) => error);
  assert.ok(refusal instanceof RequestFailed, "a picture that is cut off is refused");
  console.log(`\nA picture that is cut off: ${refusal.message}`);
  assert.equal(refusal.status, 400);
  assert.match(refusal.message, /step "pixels".*\b2\b.*no image that can be read/, "the step and the row are named");
}

const sharpIsHere = () =>
  import("sharp").then(
    () => true,
    () => false,
  );

/** JPEG bytes in, names out: decoding, network and vocabulary in one call. */
export async function run(): Promise<void> {
  if (!(await sharpIsHere())) {
    console.log("Skipped: pictures are decoded by the package sharp, which is not here: npm install sharp");
    return;
  }
  await using server = await serve(here);
  const pictures = await readPictures();
  const jpegs = pictures.map(({ jpeg }) => jpeg);

  const answer = await classify(server.rest, jpegs);
  console.table(
    pictures.map(({ file }, at) => ({
      picture: file,
      name: answer.name[at],
      confidence: answer.confidence[at]!.toFixed(3),
    })),
  );
  for (const [at, { file, probabilities }] of pictures.entries()) {
    near(answer.probabilities[at]!, probabilities, TOLERANCE, `probabilities of ${file}`);
  }
  const furthest = Math.max(
    ...pictures.flatMap(({ probabilities }, at) =>
      probabilities.map((each, shape) => Math.abs(each - answer.probabilities[at]![shape]!)),
    ),
  );
  console.log(`The probabilities are TensorFlow's to ${furthest.toFixed(4)}`);
  const overGrpc = await classifyByGrpc(server.grpc, jpegs);
  assert.deepEqual(overGrpc.name, answer.name, "gRPC names what REST does");
  near(overGrpc.probabilities, answer.probabilities.flat(), 1e-6, "gRPC's probabilities");

  const right = pictures.filter(({ shape }, at) => shape === answer.name[at]).length;
  console.log(`accuracy over ${pictures.length} pictures: ${(right / pictures.length).toFixed(2)}`);
  assert.ok(right / pictures.length >= 0.9, "nearly all are named right");
  await refusesCutOff(server.rest, pictures);

  const ask = () => classify(server.rest, jpegs.slice(0, BATCH));
  await measure(ask, { requests: 4, callers: 4 });
  const { perSecond, p50 } = await measure(ask, { requests: 40, callers: 4 });
  console.log(
    `\n${(perSecond * BATCH).toFixed(0)} images a second, ${BATCH} a request by 4 callers, p50 ${p50.toFixed(1)} ms`,
  );
}
