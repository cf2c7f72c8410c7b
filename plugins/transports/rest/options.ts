import { z } from "zod";
import { bytes, duration, tlsOptions } from "../../../core/index.js";

export const options = z.strictObject({
  port: z.int().min(0).max(65535).default(8501).describe("TCP port to listen on; 0 takes any free one."),
  host: z.string().min(1).default("0.0.0.0").describe("Address to listen on; 127.0.0.1 for this machine alone."),
  tls: tlsOptions.optional().describe("Certificates for HTTPS and mutual TLS; without them it is HTTP in the clear."),
  maxBodySize: bytes()
    .prefault("64MB")
    .describe("Largest request body, counted after decompression; larger ones are answered with 413."),
  timeout: duration()
    .prefault("30s")
    .describe("Time for one request from its last byte on; after it the answer is 504, DEADLINE_EXCEEDED."),
  engine: z
    .enum(["http1", "node"])
    .default("http1")
    .describe("What speaks HTTP/1.1: `http1`, the fast one of this transport, or `node`, Node's own."),
  cors: z
    .boolean()
    .default(false)
    .describe("Whether pages of other origins may call: adds Access-Control-Allow-* headers to every reply."),
  metricsPath: z
    .union([z.literal(false), z.string().regex(/^\/[\w./~-]*$/)], {
      error: 'expected a path such as "/metrics" (letters, digits and / . _ ~ -), or false',
    })
    .default("/monitoring/prometheus/metrics")
    .describe("Path of the metrics page, where a plugin provides one; `false` serves none."),
});

export type RestOptions = z.output<typeof options>;
