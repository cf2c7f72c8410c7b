import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const certificateFolder = fileURLToPath(new URL("../fixtures/tls/", import.meta.url));

const pem = (name: string) => readFileSync(`${certificateFolder}${name}.pem`, "utf8");
const pair = (name: string) => ({ cert: pem(name), key: pem(`${name}-key`) });

/** An authority, a server and a client that it knows, and a stranger with a certificate of another authority. */
export const certificates = {
  ca: pem("ca"),
  server: pair("server"),
  client: pair("client"),
  stranger: pair("stranger"),
};
