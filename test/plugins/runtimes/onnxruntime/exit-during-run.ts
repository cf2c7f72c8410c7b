import { tensor } from "../../../../core/index.js";
import { fixture, never, open } from "./models.js";

/** A program that leaves while a run is under way that would take minutes. */
const session = await open(fixture("slow_loop").path, { engine: "ffi" });
const steps = tensor("int64", [], BigInt64Array.of(1_000_000n));
Promise.resolve(session.run({ steps, x: tensor("float32", [], new Float32Array(1)) }, [], never())).catch(() => {});
setTimeout(() => process.exit(3), 50);
