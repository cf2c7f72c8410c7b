import type { SourceStage, WireFault } from "salver/testing";
import {
  answered,
  corrupted,
  cutBeforeAnswer,
  cutInBody,
  cutInHeaders,
  cutInStatusLine,
  drip,
  type Fault,
  midway,
  silence,
  truncated,
} from "./faults.js";
import type { FaultProxy, Matching } from "./proxy.js";

export type WirePlan = {
  /** Requests of a look. */
  readonly looking: Matching;
  /** Requests for the bytes of a version. */
  readonly opening: Matching;
  /** How such a server says "not so fast", and "not with these credentials". */
  readonly throttled?: Fault;
  readonly refused?: Fault;
};

type Wired = Required<Pick<SourceStage, "disturb" | "fallSilent" | "hold" | "forge">>;

/** A stage's faults of the network, by a proxy between its source and its place. */
export function wired(proxy: FaultProxy, plan: WirePlan): Wired {
  const { throttled = answered(429, { "retry-after": "1" }), refused = answered(403) } = plan;
  const faults: Readonly<Record<Exclude<WireFault, "connections refused">, Fault>> = {
    "cut before the answer": cutBeforeAnswer,
    "cut in the status line": cutInStatusLine,
    "cut in the headers": cutInHeaders,
    "cut in the body": cutInBody(20),
    "truncated body": truncated(20),
    "server error": answered(500),
    throttled,
    "credentials refused": refused,
    "slow drip": drip(4096, 1),
  };
  const always = (fault: Fault, only: Matching) => {
    proxy.plan(fault, { times: Number.POSITIVE_INFINITY, only });
    return { repair: async () => proxy.clear() };
  };

  return {
    async disturb(fault, at) {
      if (fault !== "connections refused") return always(faults[fault], plan[at]);
      await proxy.goDown();
      return { repair: () => proxy.comeUp() };
    },
    async fallSilent() {
      always(silence, plan.looking);
    },
    async hold() {
      let begin = () => {};
      let open = () => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      const waiting = midway(4, async () => {
        begin();
        await gate;
      });
      proxy.plan(waiting, { only: plan.opening });
      return { begun, go: async () => open() };
    },
    forge: async () => always(corrupted(), plan.opening),
  };
}
