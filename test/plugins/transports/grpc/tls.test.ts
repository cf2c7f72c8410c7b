import { type ChannelCredentials, Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { certificateFolder, certificates } from "../../../support/certificates.js";
import { start } from "./start.js";

const { ca, server, client, stranger } = certificates;
const CHECK = "/grpc.health.v1.Health/Check";
const pass = (bytes: Buffer) => bytes;

const secure = (authority: string, own?: { readonly key: string; readonly cert: string }) =>
  credentials.createSsl(Buffer.from(authority), own && Buffer.from(own.key), own && Buffer.from(own.cert));

async function served(tls: object): Promise<number> {
  const stage = await start({ tls }, { baseDir: certificateFolder });
  onTestFinished(() => stage[Symbol.asyncDispose]());
  return stage.port;
}

/** The code that a request ends with, and its text. */
function ask(port: number, as: ChannelCredentials): Promise<readonly [status, string]> {
  const asking = new Client(`localhost:${port}`, as);
  onTestFinished(() => asking.close());
  return new Promise((resolve) => {
    asking.makeUnaryRequest(CHECK, pass, pass, Buffer.alloc(0), (error: ServiceError | null) =>
      resolve(error ? [error.code, error.details] : [status.OK, ""]),
    );
  });
}

describe("TLS", () => {
  it("answers clients that trust its certificate, from text or from files", async () => {
    expect(await ask(await served(server), secure(ca))).toEqual([status.OK, ""]);
    const port = await served({ key: "server-key.pem", cert: "server.pem" });
    expect(await ask(port, secure(ca))).toEqual([status.OK, ""]);
  });

  it("takes nobody in the clear, and clients who do not trust it do not come in", async () => {
    const port = await served(server);
    expect((await ask(port, credentials.createInsecure()))[0]).toBe(status.UNAVAILABLE);
    const [code, text] = await ask(port, secure(stranger.cert));
    expect(code).toBe(status.UNAVAILABLE);
    expect(text).toMatch(/certificate/);
  });

  it("asks for no client certificate where none is to be verified", async () => {
    expect(await ask(await served({ ...server, clientCa: ca, clientVerify: false }), secure(ca))).toEqual([
      status.OK,
      "",
    ]);
  });
});

describe("mutual TLS", () => {
  it("lets in who has a certificate of the authority, and nobody else", async () => {
    const port = await served({ ...server, clientCa: ca });
    expect(await ask(port, secure(ca, client))).toEqual([status.OK, ""]);
    expect((await ask(port, secure(ca)))[0]).toBe(status.UNAVAILABLE);
    expect((await ask(port, secure(ca, stranger)))[0]).toBe(status.UNAVAILABLE);
  });
});

it("does not start with certificates that cannot be read", async () => {
  await expect(start({ tls: { key: "no.pem", cert: "server.pem" } }, { baseDir: certificateFolder })).rejects.toThrow(
    /^tls\.key: cannot read /,
  );
});
