import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { PREDICT } from "../../../../support/http2/grpc-request.js";
import { predictedPayload, predictRequest } from "./predict-request.js";
import { leasesGone, type Stage } from "./stage.js";

/**
 * Runs an attack while an honest client asks one thing after the other: each answer must be the right one, and in the
 * end no lease may be left.
 */
export async function besiege({ channel, frontend }: Stage, attack: () => Promise<unknown>): Promise<void> {
  const { bytes } = channel();
  const ask = async (text: string) => {
    const answer = await bytes(PREDICT, predictRequest(Buffer.from(text)), { deadline: Date.now() + 20_000 });
    expect(predictedPayload(answer).toString()).toBe(text);
  };
  await ask("before");
  let over = false;
  const honest = (async () => {
    for (let i = 0; !over; i++) await ask(`meanwhile ${i}`);
  })();
  try {
    await attack();
  } finally {
    over = true;
    await honest;
  }
  await ask("after");
  await leasesGone(frontend);
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes in use by this process, which is attacker and server in one, without what is garbage. */
export async function bytesInUse(): Promise<number> {
  // The memory of buffers is given back some turns after they have been collected.
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
