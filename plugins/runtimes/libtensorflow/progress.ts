import { Transform } from "node:stream";

export type Log = (line: string) => void;

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** Passes bytes on and says how far it is, a line each fifth; silent where the total is unknown (0) or small. */
export function progress(what: string, total: number, log: Log): Transform {
  const step = total > 50e6 ? total / 5 : Number.POSITIVE_INFINITY;
  let done = 0;
  let next = step;
  return new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      done += chunk.length;
      if (done >= next) log(`  ${what}: ${megabytes(done)} of ${megabytes(total)}`);
      while (done >= next) next += step;
      pass(null, chunk);
    },
  });
}
