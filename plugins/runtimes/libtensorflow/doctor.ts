import type { Finding } from "../../../core/index.js";
import { HOW_TO_INSTALL, searchOnce } from "./find.js";

/** Looks for libtensorflow and loads it, as serving would; lists the places that were looked at before. */
export async function doctor(): Promise<Finding[]> {
  const subject = "libtensorflow";
  const { loaded, searched } = await searchOnce();
  const looked: Finding[] = searched.map(({ place, result, broken }) => ({
    subject,
    status: broken ? "broken" : "absent",
    detail: `${place}: ${result}`,
  }));
  if (loaded) {
    const { version, path, origin } = loaded.library;
    return [{ subject, status: "ok", detail: `TensorFlow ${version} from ${origin}: ${path}` }, ...looked];
  }
  const detail = `not found; SavedModels whose ops all lower to ONNX work without it. To get it: ${HOW_TO_INSTALL}`;
  return [{ subject, status: "absent", detail }, ...looked];
}
