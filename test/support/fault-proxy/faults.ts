import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** One request, and the ways to answer it. */
export type Exchange = {
  readonly response: ServerResponse;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  /** Asks the server behind. */
  forward(): Promise<IncomingMessage>;
};

export type Fault = (exchange: Exchange) => Promise<void>;

/** No fault. */
export const pass: Fault = async ({ response, forward }) => {
  const answer = await forward();
  writeHead(response, answer);
  for await (const chunk of answer) await write(response, chunk);
  response.end();
};

/** The connection is reset after the request, with nothing answered. */
export const cutBeforeAnswer: Fault = async ({ response }) => reset(response);

export const cutInStatusLine: Fault = ({ response }) => writeAndReset(response, "HTTP/1.1 20");

export const cutInHeaders: Fault = ({ response }) =>
  writeAndReset(response, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETa");

/** The connection is reset after so many bytes of the body. */
export const cutInBody =
  (bytes: number): Fault =>
  async ({ response, forward }) => {
    const { answer, body } = await whole(forward);
    writeHead(response, answer);
    await write(response, body.subarray(0, bytes));
    reset(response);
  };

/** The connection ends in good order after so many bytes, of a body that was announced as longer. */
export const truncated =
  (bytes: number): Fault =>
  async ({ response, forward }) => {
    const { answer, body } = await whole(forward);
    writeHead(response, answer);
    await write(response, body.subarray(0, bytes));
    response.socket?.end();
  };

/** A body of so many bytes only, that is announced as such: only who knows the file's size or sum can tell. */
export const shortened =
  (bytes: number): Fault =>
  async ({ response, forward }) => {
    const { answer, body } = await whole(forward);
    const short = body.subarray(0, bytes);
    response.writeHead(answer.statusCode ?? 200, { ...answer.headers, "content-length": short.length });
    response.end(short);
  };

/** One bit of one byte is another. */
export const corrupted =
  (at = 0): Fault =>
  async ({ response, forward }) => {
    const { answer, body } = await whole(forward);
    body[at] = (body[at] ?? 0) ^ 1;
    writeHead(response, answer);
    response.end(body);
  };

/** So many bytes at a time, so many milliseconds apart. */
export const drip =
  (bytes: number, ms: number): Fault =>
  async ({ response, forward, gone }) => {
    const { answer, body } = await whole(forward);
    writeHead(response, answer);
    for (let at = 0; at < body.length; at += bytes) {
      await write(response, body.subarray(at, at + bytes));
      await delay(ms, undefined, { signal: gone });
    }
    response.end();
  };

/** Answered in the server's place. */
export const answered =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ""): Fault =>
  async ({ response }) => {
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers }).end(body);
  };

/** `hook` runs first, with the request in hand: what it changes at the server is what is answered. */
export const after =
  (hook: () => Promise<void>, then: Fault = pass): Fault =>
  async (exchange) => {
    await hook();
    await then(exchange);
  };

/** `hook` runs when so many bytes of the body are sent; then the rest comes. */
export const midway =
  (bytes: number, hook: () => Promise<void>): Fault =>
  async ({ response, forward }) => {
    const { answer, body } = await whole(forward);
    writeHead(response, answer);
    await write(response, body.subarray(0, bytes));
    await hook();
    response.end(body.subarray(bytes));
  };

/** Nothing comes, ever, until the client leaves or the proxy ends. */
export const silence: Fault = async () => {};

async function whole(forward: Exchange["forward"]): Promise<{ answer: IncomingMessage; body: Buffer }> {
  const answer = await forward();
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { answer, body: Buffer.concat(chunks) };
}

/** Sent at once, so that a client has the head before anything happens to the body. */
function writeHead(response: ServerResponse, answer: IncomingMessage): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
  response.flushHeaders();
}

function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function reset({ socket }: ServerResponse): void {
  socket?.resetAndDestroy();
}

async function writeAndReset(response: ServerResponse, text: string): Promise<void> {
  await new Promise((resolve) => response.socket?.write(text, resolve));
  reset(response);
}
