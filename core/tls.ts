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

/** What errors call the options; another config may have other names for them. */
const optionNames = { key: "tls.key", cert: "tls.cert", clientCa: "tls.clientCa" };

export const isPem = (text: string): boolean => text.includes("-----BEGIN ");

async function textOf(name: string, value: string, baseDir: string): Promise<string> {
  if (isPem(value)) return value;
  const path = resolve(baseDir, value);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`${name}: cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function parsed<T>(name: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${name}: this is no ${what} in PEM form: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads the files and looks at what is in them. @throws Error that names the option at fault */
export async function readTls(options: TlsOptions, baseDir: string, names = optionNames): Promise<TlsCredentials> {
  const key = await textOf(names.key, options.key, baseDir);
  const cert = await textOf(names.cert, options.cert, baseDir);
  const clientCa = options.clientCa && (await textOf(names.clientCa, options.clientCa, baseDir));
  const privateKey = parsed(names.key, "private key without a passphrase", () => createPrivateKey(key));
  const certificate = parsed(names.cert, "certificate", () => new X509Certificate(cert));
  if (clientCa !== undefined) parsed(names.clientCa, "certificate", () => new X509Certificate(clientCa));
  if (!certificate.checkPrivateKey(privateKey))
    throw new Error(`${names.key}: it does not belong to the certificate in ${names.cert}`);
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
