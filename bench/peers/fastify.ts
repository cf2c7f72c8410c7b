import { fileURLToPath } from "node:url";
import { freePort } from "../harness/free-port.js";
import { connects, startService } from "../harness/service.js";
import type { Network } from "../models/catalogue.js";
import type { Peer } from "./peer.js";

const server = fileURLToPath(new URL("./fastify/server.ts", import.meta.url));

export const fastifyOnnxruntime: Peer = {
  name: "fastify + onnxruntime-node",
  engine: "onnxruntime",
  protocol: "rest",
  async start(networks: readonly Network[]) {
    const port = await freePort();
    return startService({
      name: this.name,
      ports: { rest: port },
      file: process.execPath,
      args: [
        "--import",
        "tsx",
        server,
        String(port),
        ...networks.map(({ name, onnx }) => `${name}=${onnx}/1/model.onnx`),
      ],
      env: { NODE_ENV: "production" },
      ready: () => connects(port),
    });
  },
};
