import { checkTls, definePlugin, transport } from "../../../core/index.js";
import { options } from "./options.js";

export const grpc = transport({
  type: "grpc",
  description: "TensorFlow Serving's gRPC services, with health checks and server reflection.",
  options,
  example: { port: 8500, maxMessageSize: "64MiB" },
  check: (options, host) => checkTls(options.tls, host.baseDir),
  create: async (host, options) => (await import("./transport.js")).createGrpcTransport(host, options),
});

export default definePlugin({ name: "grpc", factories: [grpc] });
