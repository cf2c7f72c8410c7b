/**
 * The default export of a module of the user's, TypeScript or JavaScript, by absolute path.
 * Its `import … from "salver"` gets this very copy of Salver, wherever the module lies and however Salver was started;
 * so does "zod", in which a plugin writes its options.
 */
export async function importModule(path: string): Promise<unknown> {
  const [{ createJiti }, salver, zod] = await Promise.all([import("jiti"), import("../index.js"), import("zod")]);
  const jiti = createJiti(import.meta.url, { virtualModules: { salver, zod }, moduleCache: false, fsCache: false });
  return jiti.import(path, { default: true });
}
