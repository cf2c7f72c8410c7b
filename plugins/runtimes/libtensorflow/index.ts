export { doctor } from "./doctor.js";
export { findLibrary, type TfLibrary } from "./find.js";
export { installLibrary } from "./install.js";
export { libtensorflowOptions, type TfSessionOptions } from "./options.js";
export { openSavedModel, type TfSession } from "./session.js";
