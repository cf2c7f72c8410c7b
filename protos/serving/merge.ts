/** Two pieces of one message, one after the other, are the message that merges them. */
export const merge = (first: Uint8Array | undefined, second: Uint8Array): Uint8Array =>
  first === undefined ? second : Buffer.concat([first, second]);
