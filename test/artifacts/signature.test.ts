import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkSignature, readPublicKey } from "../../artifacts/signature.js";

const pair = () => generateKeyPairSync("ed25519");
const pem = (key: ReturnType<typeof pair>["publicKey"]) => key.export({ type: "spki", format: "pem" }).toString();
const raw = (key: ReturnType<typeof pair>["publicKey"]) => key.export({ type: "spki", format: "der" }).subarray(-32);
const [old, current, stranger] = [pair(), pair(), pair()];
const keys = [old, current].map(({ publicKey }) => readPublicKey("keys", pem(publicKey)));
const manifest = Buffer.from('{ "versions": [] }');
const by = (signer: typeof old, bytes: Uint8Array = manifest) => sign(undefined, bytes, signer.privateKey);
const check = (signature: Uint8Array, bytes: Uint8Array = manifest) => checkSignature("it", bytes, signature, keys);

test("a signature by any of the keys will do, as bytes and in base64 with line ends", async () => {
  for (const signer of [old, current]) {
    await check(by(signer));
    await check(Buffer.from(by(signer).toString("base64")));
    await check(Buffer.from(`${by(signer).toString("base64").replace(/.{40}/g, "$&\n")}\r\n`));
    await check(Buffer.from(by(signer).toString("base64url")));
  }
});

test("RFC 8032's second test vector", async () => {
  const key = readPublicKey(
    "key",
    Buffer.from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "hex").toString("base64"),
  );
  const signature = Buffer.from(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    "hex",
  );
  await checkSignature("it", Buffer.from("72", "hex"), signature, [key]);
});

test("a key in PEM form and as the base64 of its bytes is one key", () => {
  for (const { publicKey } of [old, current]) {
    expect(readPublicKey("k", raw(publicKey).toString("base64")).equals(readPublicKey("k", pem(publicKey)))).toBe(true);
  }
});

describe("refused", () => {
  const refused = { code: "PERMISSION_DENIED" };

  test("a stranger's", async () => {
    await expect(check(by(stranger))).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/none of the 2 configured keys/),
    });
  });

  test("any other manifest, by a single bit", async () => {
    const signature = by(current);
    await fc.assert(
      fc.asyncProperty(fc.nat(manifest.length - 1), fc.nat(7), async (at, bit) => {
        const other = Buffer.from(manifest);
        other[at] = (other[at] ?? 0) ^ (1 << bit);
        await expect(check(signature, other)).rejects.toMatchObject(refused);
      }),
    );
  });

  test("any other signature, by a single bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(63), fc.nat(7), async (at, bit) => {
        const other = by(current);
        other[at] = (other[at] ?? 0) ^ (1 << bit);
        await expect(check(other)).rejects.toMatchObject(refused);
      }),
    );
  });

  test("what is no signature", async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(63),
      Buffer.alloc(65),
      Buffer.from("<html>"),
      Buffer.from("A".repeat(84)),
    ])
      await expect(check(bytes)).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(/expected 64, or the base64/),
      });
  });

  test.each([
    ["nothing", ""],
    ["a word", "secret"],
    ["too few bytes", Buffer.alloc(31).toString("base64")],
    ["a private key", old.privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
    [
      "a key of another kind",
      generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" }).toString(),
    ],
    ["a damaged key", pem(old.publicKey).replace(/\n.{20}/, "\n")],
  ])("as a key: %s", (_, text) => {
    expect(() => readPublicKey("signature.keys[0]", text)).toThrow(/^signature\.keys\[0\]: .*Ed25519 public key/);
    expect(() => readPublicKey("k", text)).toThrow(expect.objectContaining({ code: "FAILED_PRECONDITION" }));
  });
});
