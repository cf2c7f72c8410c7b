import { invalidArgument } from "../../../../../core/index.js";
import { type Outline, readOutline } from "./outline.js";
import { quote } from "./quote.js";

/** The body of a predict request of which only the outline is known. */
export type Document = Omit<Outline, "members"> & {
  /** Offsets of the values. */
  readonly instances?: number;
  readonly inputs?: number;
};

const NAMES = new Set(["instances", "inputs"]);

/** @throws INVALID_ARGUMENT */
export async function readDocument(json: Buffer, signal: AbortSignal): Promise<Document> {
  const { members, ...outline } = await readOutline(json, NAMES, signal);
  return { ...outline, instances: members.get("instances"), inputs: members.get("inputs") };
}

/** Which of the two forms the body has. @throws INVALID_ARGUMENT when both or none */
export function formOf({ json, start, instances, inputs }: Document): "row" | "columnar" {
  if (instances !== undefined && inputs !== undefined) {
    throw invalidArgument(
      `JSON Value: ${quote(json, start)} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist`,
    );
  }
  if (instances === undefined && inputs === undefined) throw invalidArgument("Missing 'inputs' or 'instances' key");
  return instances === undefined ? "columnar" : "row";
}
