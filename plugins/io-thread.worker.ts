import { runIoThread } from "../core/index.js";
import { builtins } from "./index.js";

runIoThread(builtins);
