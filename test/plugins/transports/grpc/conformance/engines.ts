import { type GrpcOptions, options } from "../../../../../plugins/transports/grpc/options.js";

export type Engine = GrpcOptions["engine"];

/** Each runs the whole suite. */
export const engines: readonly Engine[] = options.shape.engine.unwrap().options;
