import type { Tensors } from "salver";
import type { EncodeOptions } from "../../protos/tensor/encode.js";
import { check } from "./contender.js";
import { askGrpc } from "./grpc-call.js";
import { h2load, type LoadGenerator } from "./h2load.js";
import type { Service } from "./service.js";
import { grpcFrame, predictOutputs, predictRequest, restBody, restOutputs } from "./wire.js";

export type Protocol = "grpc" | "rest";

/** A request and its answer, for whoever serves the model. */
export type Question = {
  readonly model: string;
  readonly inputs: Tensors;
  readonly expected: Tensors;
  readonly encoding?: EncodeOptions;
};

/** What a service is asked with, once and under load, and how many bytes go over the wire for it. */
export type Asked = {
  readonly load: LoadGenerator;
  readonly bytes: { readonly request: number; readonly reply: number };
};

const PATIENCE = 60_000;

/** Asks once, checks the answer, and makes a generator that asks the same. @throws when the answer is wrong */
export async function ask(service: Service, protocol: Protocol, question: Question): Promise<Asked> {
  return protocol === "grpc" ? overGrpc(service, question) : overRest(service, question);
}

async function overGrpc({ name, ports }: Service, { model, inputs, expected, encoding }: Question): Promise<Asked> {
  if (ports.grpc === undefined) throw new Error(`${name} does not listen for gRPC`);
  const message = predictRequest(model, inputs, encoding);
  const reply = await askGrpc(ports.grpc, message, PATIENCE);
  check(predictOutputs(reply), expected);
  const body = grpcFrame(message);
  const replyBytes = reply.length + 5;
  const url = `http://127.0.0.1:${ports.grpc}/tensorflow.serving.PredictionService/Predict`;
  const headers = { "content-type": "application/grpc", te: "trailers" };
  const load = await h2load({ url, http1: false, headers, body, replyBytes });
  return { load, bytes: { request: body.length, reply: replyBytes } };
}

async function overRest({ name, ports }: Service, { model, inputs, expected }: Question): Promise<Asked> {
  if (ports.rest === undefined) throw new Error(`${name} does not listen for REST`);
  const url = `http://127.0.0.1:${ports.rest}/v1/models/${model}:predict`;
  const body = restBody(inputs);
  const headers = { "content-type": "application/json" };
  // A connection of its own: one that stayed open from the last time may be closed by the server at this moment.
  const once = { ...headers, connection: "close" };
  const response = await fetch(url, { method: "POST", body, headers: once, signal: AbortSignal.timeout(PATIENCE) });
  const reply = await response.text();
  if (!response.ok) throw new Error(`${name} answers ${response.status}: ${reply.slice(0, 500)}`);
  check(restOutputs(reply, Object.keys(expected)), expected);
  const replyBytes = Buffer.byteLength(reply);
  const load = await h2load({ url, http1: true, headers, body, replyBytes });
  return { load, bytes: { request: Buffer.byteLength(body), reply: replyBytes } };
}
