import { expect, test } from "vitest";
import { filesIn, read } from "./tree.js";

// Put together from pieces, so that this file passes its own test.
const slash = "/";
const homes = ["home", "root", "Users", "work", "workspace", "builds"].join("|");
const hosts = ["registry", "npmjs", "artifactory", "nexus", "verdaccio", "devpi", "jfrog"].join("|");

const forbidden: Readonly<Record<string, RegExp>> = {
  "a folder of one machine": new RegExp(`(?<![\\w.:@/-])${slash}(?:${homes})${slash}(?!me${slash})[\\w.-]`),
  "a folder beside the project": new RegExp(`\\.\\.${slash}${"sha"}${"red"}`),
  "a temporary folder": new RegExp(`(?<![\\w.:@/-])${slash}tmp${slash}[\\w.-]`),
  "a registry's address": new RegExp(`https?:${slash}${slash}[\\w.-]*(?:${hosts})[\\w.-]*`),
};

const binary = /\.(onnx|pb|data-\d+-of-\d+|index|npz|bin|png|gz|tgz|zip|data)$/;

test("the patterns find what they are for", () => {
  const samples = [
    `${slash}home${slash}ann${slash}x`,
    `..${slash}shar${"ed"}`,
    `${slash}tmp${slash}x`,
    `https:${slash}${slash}registry.example.org`,
  ];
  for (const [i, pattern] of Object.values(forbidden).entries()) expect(samples[i]).toMatch(pattern);
  for (const harmless of ["https://example.org/home/x", "./tmp/x", "C:/Users", "node_modules/x"]) {
    for (const pattern of Object.values(forbidden)) expect(harmless).not.toMatch(pattern);
  }
});

test("the project names no machine's paths and no registry", async () => {
  const paths = (await filesIn(".")).filter((path) => !binary.test(path) && !path.startsWith("protos/gen/"));
  expect(paths.length).toBeGreaterThan(100);
  const named: string[] = [];
  for (const path of paths) {
    for (const [i, line] of (await read(path)).split("\n").entries()) {
      for (const [what, pattern] of Object.entries(forbidden)) {
        const match = pattern.exec(line);
        if (match) named.push(`${path}:${i + 1} names ${what}: ${match[0]}`);
      }
    }
  }
  expect(named).toEqual([]);
});
