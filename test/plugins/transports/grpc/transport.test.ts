import { networkInterfaces } from "node:os";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { fakeHost } from "../../../../core/testing/index.js";
import { grpc } from "../../../../plugins/transports/grpc/index.js";
import { options } from "../../../../plugins/transports/grpc/options.js";
import { createGrpcTransport } from "../../../../plugins/transports/grpc/transport.js";
import { PredictionService } from "../../../../protos/gen/tensorflow_serving/apis/prediction_service_pb.js";
import { fakeFrontend } from "./fake-frontend.js";
import { failure, start } from "./start.js";

const { predict } = PredictionService.method;
const request = { modelSpec: { name: "m" } };

describe("the transport", () => {
  it("says which port it got and names one that it cannot have", async () => {
    await using stage = await start();
    expect(stage.port).toBeGreaterThan(0);
    await using second = createGrpcTransport(fakeHost(), options.parse({ host: "127.0.0.1", port: stage.port }));
    await expect(second.listen(fakeFrontend())).rejects.toThrow(
      `grpc: cannot listen on 127.0.0.1:${stage.port}: the port is taken; stop what listens there, or choose another by --port or "port"`,
    );
    await using elsewhere = createGrpcTransport(fakeHost(), options.parse({ host: "192.0.2.1", port: 0 }));
    await expect(elsewhere.listen(fakeFrontend())).rejects.toThrow("192.0.2.1:0: this machine has no such address");
  });

  it("listens on IPv6 addresses, written without brackets", async (ctx) => {
    const addresses = Object.values(networkInterfaces()).flat();
    if (!addresses.some((each) => each?.address === "::1")) return ctx.skip("this machine has no IPv6");
    await using transport = createGrpcTransport(fakeHost(), options.parse({ host: "::1", port: 0 }));
    expect(await transport.listen(fakeFrontend())).toMatchObject({ protocol: "grpc", host: "::1" });
  });

  it("finishes what is under way when it drains, and takes nothing new", async () => {
    await using stage = await start();
    let answer!: () => void;
    const started = new Promise<void>((begun) => {
      stage.frontend.predict = (_signature, inputs) => {
        begun();
        return new Promise((resolve) => {
          answer = () => resolve(inputs);
        });
      };
    });
    const underWay = stage.unary(predict, request);
    await started;
    let drained = false;
    const drain = stage.transport.drain(new AbortController().signal).then(() => {
      drained = true;
    });
    expect((await failure(stage.unary(predict, request))).code).toBe(status.UNAVAILABLE);
    expect(drained).toBe(false);
    answer();
    await expect(underWay).resolves.toBeDefined();
    await drain;
  });

  it("cuts what is left when the drain's deadline passes", async () => {
    await using stage = await start();
    const deadline = new AbortController();
    let aborted = false;
    const started = new Promise<void>((begun) => {
      stage.frontend.predict = (_signature, _inputs, { signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            aborted = true;
          });
          begun();
        });
    });
    const stuck = failure(stage.unary(predict, request));
    await started;
    const drain = stage.transport.drain(deadline.signal);
    deadline.abort();
    await drain;
    expect([status.UNAVAILABLE, status.CANCELLED, status.UNKNOWN, status.INTERNAL]).toContain((await stuck).code);
    expect(aborted).toBe(true);
  });

  it("can be disposed without listening, and after a drain", async () => {
    const unused = createGrpcTransport(fakeHost(), options.parse({}));
    await unused[Symbol.asyncDispose]();
    const stage = await start();
    await stage.transport.drain(new AbortController().signal);
    await stage[Symbol.asyncDispose]();
  });
});

describe("the options", () => {
  it("have defaults that any TensorFlow Serving client expects", () => {
    expect(options.parse({})).toEqual({
      host: "0.0.0.0",
      port: 8500,
      maxMessageSize: 2 ** 30,
      engine: "http2",
      tensorContent: false,
      health: true,
      reflection: true,
    });
    expect(grpc.options.parse(grpc.example)).toMatchObject({ maxMessageSize: 64 * 2 ** 20 });
  });

  it("refuse what they do not know", () => {
    expect(options.safeParse({ prot: 1 }).success).toBe(false);
    expect(options.safeParse({ port: 70_000 }).success).toBe(false);
  });
});
