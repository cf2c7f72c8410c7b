import { checkTls, readTls, tlsOptions } from "salver";
import { describe, expect, test } from "vitest";
import { certificateFolder, certificates } from "../support/certificates.js";

const { ca, server, stranger } = certificates;
const check = (options: unknown) => checkTls(tlsOptions.parse(options), certificateFolder);

describe("credentials", () => {
  test("are PEM text, or files relative to the config's folder", async () => {
    const asText = await readTls(tlsOptions.parse(server), "/nowhere");
    const asFiles = await readTls(tlsOptions.parse({ key: "server-key.pem", cert: "server.pem" }), certificateFolder);
    expect(asText).toEqual({ ...server, clientCa: undefined, clientVerify: false });
    expect(asFiles).toEqual(asText);
  });

  test("may have text before the first block, as some tools write it", async () => {
    const cert = `Certificate:\n    Data:\n${server.cert}`;
    expect((await readTls(tlsOptions.parse({ ...server, cert }), "/nowhere")).cert).toBe(cert);
  });

  test("an authority for clients makes their certificates a must, unless it is said otherwise", async () => {
    const verify = async (options: object) =>
      (await readTls(tlsOptions.parse({ ...server, ...options }), "/nowhere")).clientVerify;
    expect(await verify({ clientCa: ca })).toBe(true);
    expect(await verify({ clientCa: ca, clientVerify: false })).toBe(false);
    expect(await verify({ clientVerify: false })).toBe(false);
  });
});

describe("what cannot work is said before anything starts", () => {
  test("nothing, when all is well", async () => {
    expect(await checkTls(undefined, certificateFolder)).toEqual([]);
    expect(await check({ ...server, clientCa: "ca.pem" })).toEqual([]);
  });

  test.each([
    ["a file that is not there", { ...server, key: "no.pem" }, /^tls\.key: cannot read .*\/tls\/no\.pem: ENOENT/],
    ["a certificate as the key", { ...server, key: "server.pem" }, /^tls\.key: this is no private key/],
    ["a key as the certificate", { ...server, cert: "server-key.pem" }, /^tls\.cert: this is no certificate/],
    ["a key as the authority", { ...server, clientCa: "server-key.pem" }, /^tls\.clientCa: this is no certificate/],
    [
      "another's key",
      { ...server, key: stranger.key },
      /^tls\.key: it does not belong to the certificate in tls\.cert$/,
    ],
  ])("%s", async (_, options, message) => {
    expect(await check(options)).toEqual([{ option: "tls", message: expect.stringMatching(message) }]);
  });

  test("a demand for client certificates without an authority", () => {
    const { error } = tlsOptions.safeParse({ ...server, clientVerify: true });
    expect(error?.issues).toMatchObject([{ path: ["clientVerify"], message: expect.stringContaining("clientCa") }]);
  });
});
