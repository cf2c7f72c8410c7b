import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { readSecret } from "../../../artifacts/secret.js";
import { type Host, unavailable } from "../../../core/index.js";
import type { S3Options } from "./options.js";
import { loadSdk, type Sdk } from "./sdk.js";
import { type Asked, asTrouble, isUnauthenticated } from "./trouble.js";

/** Something that is asked through a client of the SDK. */
export type Request<T> = (client: S3Client, sdk: Sdk, signal: AbortSignal) => Promise<T>;

/** Asks a server, by keys that are read anew when they are not accepted any more. */
export interface Client {
  /** @throws ServingError; whatever the SDK throws for an answer that `tolerated` is true for */
  send<T>(asked: Asked, request: Request<T>, signal: AbortSignal, tolerated?: (error: unknown) => boolean): Promise<T>;
  close(): void;
}

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };

/** Where paths and names of options are from. */
type House = Pick<Host, "baseDir" | "place">;

async function readKeys(host: House, { credentials }: S3Options): Promise<Keys | undefined> {
  if (!credentials) return undefined;
  const read = (name: keyof typeof credentials, written: string) =>
    readSecret(host.place(["credentials", name]), written, host.baseDir);
  const accessKeyId = await read("accessKeyId", credentials.accessKeyId);
  const secretAccessKey = await read("secretAccessKey", credentials.secretAccessKey);
  if (credentials.sessionToken === undefined) return { accessKeyId, secretAccessKey };
  return { accessKeyId, secretAccessKey, sessionToken: await read("sessionToken", credentials.sessionToken) };
}

export function createClient(host: House, options: S3Options): Client {
  const { endpoint, region, forcePathStyle, timeout } = options;
  // Left to the SDK it is what AWS's config files say; a server of one's own hardly ever minds.
  const known = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? (endpoint && "us-east-1");
  let current: Promise<{ readonly client: S3Client; readonly sdk: Sdk }> | undefined;

  const make = async () => {
    const sdk = await loadSdk();
    const keys = await readKeys(host, options);
    const config: S3ClientConfig & { readonly ignoreCache: boolean } = {
      forcePathStyle,
      // Trying again is left to who knows how urgent it is.
      maxAttempts: 1,
      // Servers other than AWS's may know nothing of these; sizes, ETags and sums of manifests are checked anyway.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // A new client must see what AWS's files say now.
      ignoreCache: true,
      ...(endpoint !== undefined && { endpoint }),
      ...(known !== undefined && { region: known }),
      ...(keys && { credentials: keys }),
    };
    return { client: new sdk.S3Client(config), sdk };
  };

  const once = async <T>(request: Request<T>, signal: AbortSignal): Promise<T> => {
    current ??= make();
    const made = current;
    // Ends with the answer's beginning: what follows may take as long as it is long.
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeout);
    try {
      const { client, sdk } = await made;
      return await request(client, sdk, AbortSignal.any([signal, limit.signal]));
    } catch (error) {
      // The next request, whoever makes it, reads the keys anew.
      const failedToMake = await made.then(
        () => false,
        () => true,
      );
      if (current === made && (failedToMake || isUnauthenticated(error))) current = undefined;
      signal.throwIfAborted();
      if (limit.signal.aborted) throw unavailable(`no answer came within ${timeout / 1000} s`, error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    async send(asked, request, signal, tolerated = () => false) {
      try {
        return await once(request, signal).catch((error) => {
          if (!isUnauthenticated(error)) throw error;
          return once(request, signal);
        });
      } catch (error) {
        signal.throwIfAborted();
        throw tolerated(error) ? error : asTrouble(error, asked);
      }
    },
    close() {
      current?.then(({ client }) => client.destroy()).catch(() => {});
    },
  };
}
