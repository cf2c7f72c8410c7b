import { MEASURED_HEADER, type Measured, measuredCells } from "../harness/duel.js";
import { startSalver } from "../harness/salver-service.js";
import type { Run } from "../harness/suite.js";
import { table } from "../harness/table.js";
import { findTool } from "../harness/tools.js";
import { networks } from "../models/catalogue.js";
import { compareForms } from "./forms.js";

const CALLERS = 8;

/** The image model by gRPC, its pixels in either field. */
export async function formsEndToEnd({
  pace,
  progress,
}: Run): Promise<{ readonly markdown: string; readonly data: readonly Measured[] }> {
  if (!(await findTool("h2load"))) {
    return { markdown: "Skipped: h2load is not installed (Debian: nghttp2-client).", data: [] };
  }
  progress("the two forms end to end");
  const image = (await networks()).find(({ name }) => name === "image")!;
  await using service = await startSalver({ name: "Salver for the forms", models: { image: { path: image.onnx } } });
  const data = await compareForms(service, image, CALLERS, pace);
  const rows = data.map((each) => [each.name, ...measuredCells(each)]);
  return { markdown: `The image model, ${CALLERS} in flight.\n\n${table(["field", ...MEASURED_HEADER], rows)}`, data };
}
