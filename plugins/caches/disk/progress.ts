import { type Clock, type CodeName, type RemoteVersion, type Telemetry, toServingError } from "../../../core/index.js";
import type { Progress } from "./fetch-file.js";

/** Tells the telemetry how a version comes, from now until `ended`. */
export function progressOf({ model, version, uri, files }: RemoteVersion, telemetry: Telemetry, clock: Clock) {
  const start = clock.now();
  const sizes = files.map((file) => file.size);
  const size = sizes.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
  let [done, received] = [0, 0];
  const tell = (bytes: number) => {
    // Of a file that had to begin anew, more comes than it has.
    telemetry.downloaded({ model, version, uri, bytes, done: size === undefined ? done : Math.min(done, size), size });
  };
  const progress: Progress = {
    found: (bytes) => {
      done += bytes;
      if (bytes > 0) tell(0);
    },
    received: (bytes) => {
      done += bytes;
      received += bytes;
      tell(bytes);
    },
  };
  const ended = (code: CodeName) =>
    telemetry.downloadEnded({ model, version, uri, code, bytes: received, milliseconds: clock.now() - start });

  return {
    ...progress,
    /** The end of `work` is that of the download. */
    async until(work: Promise<void>, signal: AbortSignal): Promise<void> {
      try {
        await work;
      } catch (error) {
        ended(signal.aborted ? "CANCELLED" : toServingError(error).code);
        throw error;
      }
      ended("OK");
    },
  };
}
