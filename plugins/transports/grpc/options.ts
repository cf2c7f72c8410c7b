import { z } from "zod";
import { bytes, tlsOptions } from "../../../core/index.js";

const fields = z.strictObject({
  host: z.string().min(1).default("0.0.0.0").describe("Address to listen on; `127.0.0.1` keeps other machines out."),
  port: z
    .union([z.int().min(0).max(65535), z.literal(false)], { error: "expected a port from 0 to 65535, or false" })
    .default(8500)
    .describe("Port to listen on; 0 takes a free one, `false` none: only the socket is listened on then."),
  socketPath: z
    .string()
    .min(1)
    .optional()
    .describe("UNIX socket to listen on as well, without TLS; one that an earlier process left is replaced."),
  tls: tlsOptions
    .optional()
    .describe("Certificates for TLS and mutual TLS; without them connections are in the clear."),
  maxMessageSize: bytes()
    .prefault("1GiB")
    .describe("Largest message taken or sent; one that is larger is refused with RESOURCE_EXHAUSTED."),
  channelArguments: z
    .record(z.string(), z.union([z.int(), z.string()]))
    .optional()
    .describe(
      "Settings of a gRPC server, e.g. grpc.max_concurrent_streams; those the engine does not know do nothing.",
    ),
  engine: z
    .enum(["http2", "grpc-js"])
    .default("http2")
    .describe("What speaks HTTP/2: `http2`, the fast one of this transport, or `grpc-js`, gRPC's own library."),
  tensorContent: z
    .boolean()
    .default(false)
    .describe(
      "Answers in tensor_content, which is smaller for integers, instead of the typed fields most clients read.",
    ),
  health: z.boolean().default(true).describe("Serves grpc.health.v1.Health."),
  reflection: z.boolean().default(true).describe("Serves the server reflection service, for tools such as grpcurl."),
});

export const options = fields.refine(({ port, socketPath }) => port !== false || socketPath !== undefined, {
  path: ["port"],
  error: "expected a port, or a socketPath beside it",
});

export type GrpcOptions = z.infer<typeof options>;
