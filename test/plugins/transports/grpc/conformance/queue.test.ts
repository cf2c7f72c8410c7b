import { create, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { createServer, tensor } from "salver";
import { describe, expect, onTestFinished, test } from "vitest";
import shared from "../../../../../plugins/batchers/shared/index.js";
import availability from "../../../../../plugins/policies/availability-preserving/index.js";
import grpc from "../../../../../plugins/transports/grpc/index.js";
import { DataType } from "../../../../../protos/gen/tensorflow/core/framework/types_pb.js";
import { PredictRequestSchema } from "../../../../../protos/gen/tensorflow_serving/apis/predict_pb.js";
import { fakePlugin, until } from "../../../../support/core-fakes.js";
import { rstStream } from "../../../../support/http2/frames.js";
import { CHECK, PREDICT, request } from "../../../../support/http2/grpc-request.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { failure, openChannel } from "./stage.js";

const row = (value: number) =>
  toBinary(
    PredictRequestSchema,
    create(PredictRequestSchema, {
      modelSpec: { name: "m" },
      inputs: { x: { dtype: DataType.DT_FLOAT, tensorShape: { dim: [{ size: 1n }] }, floatVal: [value] } },
    }),
  );

describe.each(engines)("%s: cancellation in a batcher's queue", (engine) => {
  test("what was cancelled while it waited is never run, and the others are", async () => {
    const ran: number[][] = [];
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const fake = fakePlugin({
      run: async ({ inputs }) => {
        const { data, shape } = inputs.x!;
        ran.push(Array.from(data as Float32Array));
        if (ran.length === 1) await gate;
        return {
          y: tensor("int64", [...shape], new BigInt64Array(shape[0]!)),
          n: tensor("int32", [...shape], new Int32Array(shape[0]!)),
        };
      },
    });
    const server = await createServer(
      {
        models: {
          m: {
            source: "scripted",
            servable: "fake",
            batching: { type: "shared", threads: 1, maxBatchSize: 1, maxEnqueuedBatches: 100 },
          },
        },
        transports: [{ type: "grpc", host: "127.0.0.1", port: 0, engine }],
        shutdown: { timeout: "5s" },
      },
      { plugins: [fake.plugin, availability, grpc, shared] },
    );
    onTestFinished(() => server.stop());
    const [address] = await server.start();
    await server.settled;
    const port = address!.port;
    const { bytes } = openChannel(`127.0.0.1:${port}`);
    const first = bytes(PREDICT, row(0));
    await until(() => ran.length === 1, "the first run");
    // Behind it wait one that is reset, one whose connection is lost, one whose deadline passes, and one that stays.
    await using reset = await rawClient(port);
    await using lost = await rawClient(port);
    reset.send(request(1, PREDICT, row(1)));
    lost.send(request(1, PREDICT, row(2)));
    await Promise.all([reset.settled(), lost.settled()]);
    const late = failure(bytes(PREDICT, row(3), { deadline: Date.now() + 50 }));
    const staying = bytes(PREDICT, row(4));
    reset.send(rstStream(1));
    lost.socket.end();
    await lost.closed;
    expect((await late).code).toBe(status.DEADLINE_EXCEEDED);
    // Whatever these sent before has been read when what they send now is answered.
    await Promise.all([reset.settled(), bytes(CHECK, Buffer.alloc(0))]);
    letGo();
    await Promise.all([first, staying]);
    expect(ran).toEqual([[0], [4]]);
  });
});
