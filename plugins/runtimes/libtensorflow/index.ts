import type { InstallOptions } from "./install.js";

export { doctor } from "./doctor.js";
export { findLibrary, type TfLibrary } from "./find.js";
export { libtensorflowOptions, type TfSessionOptions } from "./options.js";
export { attachSavedModel, type LoadedSession, openSavedModel, type TfHandle, type TfSession } from "./session.js";

/** See `install.ts`; what it needs to read archives is loaded only here. */
export const installLibrary = async (options: InstallOptions) => (await import("./install.js")).installLibrary(options);
