import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { messageOf } from "./errors.js";
import type { Problem } from "./plugin.js";

const pem = (what: string) =>
  z.string().min(1).describe(`${what}: PEM text, or the path of a PEM file, relative to the config file.`);

/** The option `tls` of a transport, and the same questions as TensorFlow Serving's SSLConfig asks. */
export const tlsOptions = z
  .strictObject({
    key: pem("The server's private key"),
    cert: pem("The server's certificate, followed by those of its intermediate authorities"),
    clientCa: pem("Certificates of the authorities that sign clients' certificates").optional(),
    clientVerify: z
      .boolean()
      .optional()
      .describe("Whether only clients with a certificate signed by `clientCa` may come in; so where that is given."),
  })
  .refine(({ clientCa, clientVerify }) => !clientVerify || clientCa !== undefined, {
    path: ["clientVerify"],
    error: "needs clientCa: without it there is nothing to verify clients' certificates with",
  });

export type TlsOptions = z.output<typeof tlsOptions>;

/** All of it as PEM text. */
export type TlsCredentials = {
  readonly key: string;
  readonly cert: string;
  readonly clientCa: string | undefined;
  readonly clientVerify: boolean;
};

async function textOf(name: string, value: string, baseDir: string): Promise<string> {
  if (value.includes("-----BEGIN ")) return value;
  const path = resolve(baseDir, value);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`tls.${name}: cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function parsed<T>(name: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`tls.${name}: this is no ${what} in PEM form: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads the files and looks at what is in them. @throws Error that names the option at fault */
export async function readTls(options: TlsOptions, baseDir: string): Promise<TlsCredentials> {
  const key = await textOf("key", options.key, baseDir);
  const cert = await textOf("cert", options.cert, baseDir);
  const clientCa = options.clientCa === undefined ? undefined : await textOf("clientCa", options.clientCa, baseDir);
  const privateKey = parsed("key", "private key without a passphrase", () => createPrivateKey(key));
  const certificate = parsed("cert", "certificate", () => new X509Certificate(cert));
  if (clientCa !== undefined) parsed("clientCa", "certificate", () => new X509Certificate(clientCa));
  if (!certificate.checkPrivateKey(privateKey))
    throw new Error("tls.key: it does not belong to the certificate in tls.cert");
  return { key, cert, clientCa, clientVerify: options.clientVerify ?? clientCa !== undefined };
}

/** For a transport's `check`. */
export async function checkTls(options: TlsOptions | undefined, baseDir: string): Promise<readonly Problem[]> {
  if (options === undefined) return [];
  try {
    await readTls(options, baseDir);
    return [];
  } catch (error) {
    return [{ option: "tls", message: messageOf(error) }];
  }
}
