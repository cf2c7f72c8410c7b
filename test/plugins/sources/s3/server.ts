import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type FauxqsServer, startFauxqs } from "fauxqs";

/** A bucket of its own, and the hands to change it with; nothing stands between these and the server. */
export interface TestBucket {
  readonly name: string;
  put(key: string, body: string | Uint8Array): Promise<void>;
  /** Removes all that begins with `prefix`. */
  remove(prefix: string): Promise<void>;
}

/** A server of S3's protocol on this machine. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  bucket(): TestBucket;
}

export const keys = { accessKeyId: "AKIDTEST", secretAccessKey: "secret" };

let buckets = 0;

export async function startServer(): Promise<TestServer> {
  const server: FauxqsServer = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
  const url = `http://127.0.0.1:${server.port}`;
  const client = new S3Client({ endpoint: url, region: "us-east-1", forcePathStyle: true, credentials: { ...keys } });

  function bucket(): TestBucket {
    const name = `models-${++buckets}`;
    server.createBucket(name);
    return {
      name,
      async put(Key, body) {
        const Body = Buffer.from(body);
        await client.send(new PutObjectCommand({ Bucket: name, Key, Body, ContentLength: Body.length }));
      },
      async remove(Prefix) {
        for (;;) {
          const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix }));
          if (Contents.length === 0) return;
          const Objects = Contents.map(({ Key }) => ({ Key }));
          await client.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects } }));
        }
      },
    };
  }

  return {
    url,
    bucket,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.stop();
    },
  };
}

/** How S3 answers when it does not do what it was asked to. */
export const errorBody = (code: string, message = "no", more = "") =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;
