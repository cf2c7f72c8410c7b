import type { ServerUnaryCall } from "@grpc/grpc-js";
import { type Clock, PRIORITY_HEADER, type RequestOptions, readPriority } from "../../../core/index.js";

/** What a call says beside its message. @throws INVALID_ARGUMENT for a priority that is none */
export function requestOptions(
  call: Pick<ServerUnaryCall<Buffer, Buffer>, "getDeadline" | "metadata">,
  clock: Clock,
  signal: AbortSignal,
): RequestOptions {
  const deadline = Number(call.getDeadline());
  const [priority] = call.metadata.get(PRIORITY_HEADER);
  return {
    signal,
    // gRPC's is a time of day, the host's clock is none.
    deadline: Number.isFinite(deadline) ? clock.now() + deadline - Date.now() : undefined,
    priority: priority === undefined ? undefined : readPriority(String(priority)),
  };
}
