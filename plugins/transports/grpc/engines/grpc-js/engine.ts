import { Server, ServerCredentials, setLogger } from "@grpc/grpc-js";
import { type Host, ListenerToken, readTls } from "../../../../../core/index.js";
import type { GrpcEngine, Method, Methods } from "../../engine.js";
import type { GrpcOptions } from "../../options.js";
import { bind } from "./bind.js";
import { bidiCall, serverStreamCall, unaryCall } from "./calls.js";

/** Messages pass as the bytes they are: an error thrown by a deserializer reaches the client as INTERNAL, textless. */
const pass = (message: Buffer) => message;

function register(server: Server, path: string, method: Method): void {
  if (method.kind === "unary") server.register(path, unaryCall(method), pass, pass, "unary");
  else if (method.kind === "bidi") server.register(path, bidiCall(method), pass, pass, "bidi");
  else server.register(path, serverStreamCall(method), pass, pass, "serverStream");
}

async function credentialsOf({ tls }: GrpcOptions, { baseDir }: Host): Promise<ServerCredentials> {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { key, cert, clientCa, clientVerify } = await readTls(tls, baseDir);
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  return ServerCredentials.createSsl(clientCa === undefined ? null : Buffer.from(clientCa), [pair], clientVerify);
}

/** The engine that everything else is measured against: gRPC's own library for Node.js. */
export function createGrpcJsEngine(host: Host, options: GrpcOptions): GrpcEngine {
  // grpc-js would write to standard error; what matters of it comes back as errors too.
  const line = (...parts: readonly unknown[]) => host.log.debug({}, `grpc-js: ${parts.join(" ")}`);
  setLogger({ error: line, info: line, debug: line });
  const server = new Server({
    ...options.channelArguments,
    "grpc.max_receive_message_length": options.maxMessageSize,
    "grpc.max_send_message_length": options.maxMessageSize,
  });
  return {
    listen: async (methods: Methods) => {
      for (const [path, method] of methods) register(server, path, method);
      return bind(server, options, await credentialsOf(options, host), host.get(ListenerToken));
    },
    drain: (deadline) =>
      new Promise((resolve) => {
        const cut = () => {
          server.forceShutdown();
          resolve();
        };
        deadline.addEventListener("abort", cut, { once: true });
        server.tryShutdown(() => {
          deadline.removeEventListener("abort", cut);
          resolve();
        });
        if (deadline.aborted) cut();
      }),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}
