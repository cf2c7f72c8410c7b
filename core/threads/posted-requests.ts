import { invalidArgument } from "../errors.js";
import type { Example } from "../example.js";
import type { Lease } from "../frontend.js";
import type { LoggedRequest } from "../request-log.js";
import { loggedLease } from "../serving/logged-lease.js";
import { loggedSize } from "../serving/logged-size.js";
import type { Telemetry } from "../telemetry.js";
import type { MainCalls } from "./calls.js";
import type { Channel } from "./channel.js";
import { ownMemory } from "./own-memory.js";

/** Bytes that may be on their way to the main thread; it bounds what waits there to be written. */
const MOST_BYTES = 16 * 2 ** 20;

/** Chooses requests as `RequestLogging` does; the main thread, which has the log, writes them. */
export function postedRequests(channel: Channel<MainCalls>, telemetry: Telemetry) {
  let underWay = 0;

  function post(request: LoggedRequest): void {
    const size = loggedSize(request);
    if (underWay > 0 && underWay + size > MOST_BYTES) {
      telemetry.requestLogged({ model: request.model, code: "RESOURCE_EXHAUSTED" });
      return;
    }
    underWay += size;
    const { value, buffers } = ownMemory("examples" in request ? withFeatures(request) : request);
    const done = () => {
      underWay -= size;
    };
    channel.call("logged", value as LoggedRequest, buffers).then(done, done);
  }

  return (samplingRate: number) => ({
    sample: (lease: Lease): Lease => (Math.random() < samplingRate ? loggedLease(lease, samplingRate, post) : lease),
  });
}

type Posted = { readonly bytes: Uint8Array; readonly read: ReturnType<Example["features"]> | undefined };

/** Functions cannot be posted: an example's features are read here, where they can be. */
function withFeatures(request: Extract<LoggedRequest, { examples: unknown }>) {
  const examples = request.examples.map((example): Posted => {
    const { bytes } = example;
    try {
      return { bytes, read: example.features() };
    } catch {
      return { bytes, read: undefined };
    }
  });
  return { ...request, examples };
}

/** A request that was posted, as its log wants it. */
export function receivedRequest(request: LoggedRequest): LoggedRequest {
  if (!("examples" in request)) return request;
  const examples = (request.examples as readonly unknown[] as readonly Posted[]).map(
    ({ bytes, read }): Example => ({
      bytes,
      features: () => {
        if (!read) throw invalidArgument("these bytes are no tf.Example");
        return read;
      },
    }),
  );
  return { ...request, examples };
}
