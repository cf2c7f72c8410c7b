/**
 * The default export of a module of the user's, TypeScript or JavaScript, by absolute path.
 * Its `import … from "salver"` gets this very copy of Salver, wherever the module lies and however Salver was started.
 */
export async function importModule(path: string): Promise<unknown> {
  const [{ createJiti }, salver] = await Promise.all([import("jiti"), import("../index.js")]);
  const jiti = createJiti(import.meta.url, { virtualModules: { salver }, moduleCache: false, fsCache: false });
  return jiti.import(path, { default: true });
}
