import { readFile } from "node:fs/promises";

/** What happened, raw: columns, one item an event. `age_hours` is -1 where nobody knows. */
export type Events = {
  readonly user: string[];
  readonly item: string[];
  readonly title: string[];
  readonly device: string[];
  readonly seen: string[];
  readonly age_hours: number[];
};

export const here = new URL("./", import.meta.url);

async function csv(name: string): Promise<string[][]> {
  const [, ...lines] = (await readFile(new URL(`data/${name}`, here), "utf8")).trimEnd().split("\n");
  return lines.map((line) => line.split(","));
}

/** Events that no version was trained on, and whether each was a click. */
export async function heldOut(): Promise<{ readonly events: Events; readonly clicked: readonly boolean[] }> {
  const rows = await csv("events.csv");
  const column = (at: number) => rows.map((row) => row[at]!);
  const [user, item, title, device, seen] = [0, 1, 2, 3, 4].map(column) as [
    string[],
    string[],
    string[],
    string[],
    string[],
  ];
  const age_hours = column(5).map((text) => (text === "" ? -1 : Number(text)));
  return { events: { user, item, title, device, seen, age_hours }, clicked: column(6).map((text) => text === "1") };
}

/** What TensorFlow itself answers for the first of these events, version 1 and version 2. */
export async function expectedScores(): Promise<readonly (readonly number[])[]> {
  const text = await readFile(new URL("data/golden.json", here), "utf8");
  return (JSON.parse(text) as { scores: number[][] }).scores;
}

/** What one reader might be shown now: every article there is. */
export async function candidates(user: string, device: string, seen: string): Promise<Events> {
  const articles = await csv("articles.csv");
  const all = (value: string) => articles.map(() => value);
  return {
    user: all(user),
    item: articles.map(([item]) => item!),
    title: articles.map(([, title]) => title!),
    device: all(device),
    seen: all(seen),
    age_hours: articles.map(() => 6),
  };
}
