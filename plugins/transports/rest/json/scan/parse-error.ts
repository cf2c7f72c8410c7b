import { invalidArgument, type ServingError } from "../../../../../core/index.js";

/** Reasons in the words that clients of TensorFlow Serving know; its parser is RapidJSON. */
const reasons = {
  empty: "The document is empty.",
  value: "Invalid value.",
  name: "Missing a name for object member.",
  colon: "Missing a colon after a name of object member.",
  member: "Missing a comma or } after an object member.",
  item: "Missing a comma or ] after an array element.",
  hex: "Incorrect hex digit after \\u escape in string.",
  surrogate: "The surrogate pair in string is invalid.",
  escape: "Invalid escape character in string.",
  quote: "Missing a closing quotation mark in string.",
  control: "Invalid encoding in string.",
  big: "Number too big to be stored in double.",
  fraction: "Miss fraction part in number.",
  exponent: "Miss exponent in number.",
} as const;

export const parseError = (reason: keyof typeof reasons, offset: number): ServingError =>
  invalidArgument(`JSON Parse error: ${reasons[reason]} at offset: ${offset}`);
