import { shown } from "../../../artifacts/archives/refusal.js";
import type { ListedFile, ListedVersion } from "../../../artifacts/listing.js";
import { type ManifestVersion, parseManifest } from "../../../artifacts/manifest.js";
import type { RemotePlace } from "../../../artifacts/remote-place.js";
import { readSecret } from "../../../artifacts/secret.js";
import { checkSignatureBeside, readPublicKey } from "../../../artifacts/signature.js";
import { textOf } from "../../../artifacts/whole-text.js";
import type { Host } from "../../../core/index.js";
import type { Bucket } from "./bucket.js";
import { inWords } from "./cost.js";
import { keyOf, keyPrefix } from "./keys.js";
import type { S3Options } from "./options.js";

/**
 * Versions that a manifest names, with the sums of their files. One request a look tells whether it has changed; with
 * `signature`, what nobody with one of the keys has signed is as good as no manifest.
 */
export function manifestPlace(host: Host, bucket: Bucket, options: S3Options & { manifest: string }): RemotePlace {
  const { signature, poll } = options;
  const manifest = `${keyPrefix(options)}${options.manifest}`;
  const uri = `s3://${options.bucket}/${manifest}`;
  let last: { readonly etag: string | undefined; readonly versions: readonly ListedVersion[] } | undefined;
  let told = false;

  async function checkSigned(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (!signature) return;
    const keys = signature.keys.map(async (written, i) => {
      const option = host.place(["signature", "keys", i]);
      return readPublicKey(option, await readSecret(option, written, host.baseDir));
    });
    const fetchBeside = async () =>
      (await bucket.read(`${manifest}.sig`, undefined, signal))?.bytes ?? new Uint8Array();
    await checkSignatureBeside(uri, bytes, `${uri}.sig`, fetchBeside, await Promise.all(keys));
  }

  /** What a signature is not about is worth as much as what is not signed: the files' own bytes are in it by their sums. */
  function refusal(url: string, at: string | undefined, sha256: string | undefined): string | undefined {
    if (at === undefined) return `${shown(url)} is not in the bucket ${options.bucket}`;
    if (signature && sha256 === undefined)
      return `${shown(url)} has no sha256, so the manifest's signature is not about it`;
    return undefined;
  }

  function listed({ version, files }: ManifestVersion): ListedVersion {
    const found = files.map(({ url, ...file }): ListedFile & { why: string | undefined } => {
      const at = keyOf(url, options.bucket, manifest);
      return { ...file, at: at ?? url, why: refusal(url, at, file.sha256) };
    });
    const why = found.find((each) => each.why !== undefined)?.why;
    return {
      version,
      uri: `${uri}#${version}`,
      files: found.map(({ why: _, ...file }) => file),
      complete: true,
      ...(why !== undefined && { refused: `version ${version} of ${uri} is refused: ${why}` }),
    };
  }

  function tellCost(): void {
    if (told) return;
    told = true;
    const habits = { verb: "GET", poll, perLook: 1, recheck: 0, perRecheck: 0 } as const;
    host.log.info({ uri }, `watching ${uri} takes ${inWords(habits, options.endpoint === undefined)}`);
  }

  return {
    uri,
    memory: JSON.stringify(["s3", options.endpoint ?? "", options.bucket, manifest, signature?.keys ?? []]),
    wanted: 'entries such as { "version": "1", "url": "1.tar.gz" } in it',
    completedBy: options.manifest,

    async look(signal) {
      const got = await bucket.read(manifest, last?.etag, signal);
      tellCost();
      if (!got) return last?.versions ?? [];
      await checkSigned(got.bytes, signal);
      const versions = parseManifest(textOf(got.bytes, uri), uri).map(listed);
      last = { etag: got.etag, versions };
      return versions;
    },

    fetch: ({ at, etag }, offset, signal) => bucket.get(at, etag, offset, signal),
  };
}
