import { ConnectionError, ErrorCode } from "../error-code.js";

/** A header block that cannot be read takes its connection with it: both sides' tables differ from now on. */
export const compressionError = (message: string) => new ConnectionError(ErrorCode.COMPRESSION_ERROR, message);
