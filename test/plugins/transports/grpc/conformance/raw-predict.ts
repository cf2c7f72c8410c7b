import { status } from "@grpc/grpc-js";
import { expect } from "vitest";
import { type Frame, Type } from "../../../../support/http2/frames.js";
import { grpcReply, message, PREDICT, requestFields } from "../../../../support/http2/grpc-request.js";
import { block } from "../../../../support/http2/hpack.js";
import type { RawClient } from "../../../../support/http2/raw-client.js";
import { predictedPayload, predictRequest } from "./predict-request.js";

/** The pieces of the plainest Predict, for the raw client. */
export const hello = message(predictRequest());
export const plainHeaders = block(requestFields(PREDICT));

/** The payload that a Predict on this stream was answered with. */
export async function payloadOf(client: RawClient, stream: number): Promise<string> {
  const { status: code, messages } = grpcReply(await client.reply(stream));
  expect(code).toBe(status.OK);
  expect(messages).toHaveLength(1);
  return predictedPayload(messages[0]!).toString();
}

export const dataOf = (client: RawClient, stream: number): readonly Frame[] =>
  client.frames.filter((each) => each.type === Type.DATA && each.stream === stream);

/** How many bytes of DATA the server has sent on a stream so far. */
export const sentTo = (client: RawClient, stream: number): number =>
  dataOf(client, stream).reduce((sum, { payload }) => sum + payload.length, 0);
