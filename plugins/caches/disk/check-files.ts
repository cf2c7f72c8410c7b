import { readFilePath } from "../../../artifacts/archives/file-path.js";
import { nameTree } from "../../../artifacts/archives/name-tree.js";
import { shown } from "../../../artifacts/archives/refusal.js";
import { invalidArgument, type RemoteVersion } from "../../../core/index.js";

/** Whether a version's files may be made in one folder. @throws ServingError INVALID_ARGUMENT that names one that may not */
export function checkFiles({ model, version, uri, files }: RemoteVersion): void {
  const refuse = (why: string) => invalidArgument(`version ${version} of ${model} cannot be taken from ${uri}: ${why}`);
  if (files.length === 0) throw refuse("it has no files");
  const tree = nameTree();
  for (const { path, archive, sha256 } of files) {
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) throw refuse(`${shown(sha256)} is no SHA-256`);
    if (archive && path === "") continue;
    const read = readFilePath(path);
    const why = "refused" in read ? read.refused : tree.add(read.segments, archive ? "folder" : "file");
    if (why !== undefined) throw refuse(`the file ${shown(path)} ${why}`);
  }
}
