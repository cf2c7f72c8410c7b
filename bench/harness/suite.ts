import type { Chart } from "./chart.js";
import type { Pace } from "./interleave.js";

export type Run = {
  /** Longer rounds, and everything rather than what shows the point. */
  readonly full: boolean;
  readonly pace: Pace;
  /** Says how far it is. */
  readonly progress: (what: string) => void;
};

/** What a suite leaves behind: a page to read, its pictures, and the figures for programs. */
export type Report = {
  readonly markdown: string;
  /** By file name, without its ending. */
  readonly charts: Readonly<Record<string, Chart>>;
  readonly data: unknown;
};

export type Suite = {
  readonly name: string;
  /** One line: the question it answers. */
  readonly question: string;
  run(run: Run): Promise<Report>;
};
