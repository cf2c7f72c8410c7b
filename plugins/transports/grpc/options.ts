import { z } from "zod";
import { bytes, tlsOptions } from "../../../core/index.js";

export const options = z.strictObject({
  host: z.string().min(1).default("0.0.0.0").describe("Address to listen on; `127.0.0.1` keeps other machines out."),
  port: z.int().min(0).max(65535).default(8500).describe("Port to listen on; 0 takes a free one."),
  tls: tlsOptions
    .optional()
    .describe("Certificates for TLS and mutual TLS; without them connections are in the clear."),
  maxMessageSize: bytes()
    .prefault("1GiB")
    .describe("Largest message taken or sent; one that is larger is refused with RESOURCE_EXHAUSTED."),
  tensorContent: z
    .boolean()
    .default(false)
    .describe(
      "Answers in tensor_content, which is smaller for integers, instead of the typed fields most clients read.",
    ),
  health: z.boolean().default(true).describe("Serves grpc.health.v1.Health."),
  reflection: z.boolean().default(true).describe("Serves the server reflection service, for tools such as grpcurl."),
});

export type GrpcOptions = z.infer<typeof options>;
