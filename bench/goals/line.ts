/** One line of what must hold: a ratio, ours to theirs, or a figure. */
export type Line = {
  readonly text: string;
  /** Whether less is better; more is otherwise. */
  readonly less?: boolean;
  readonly unit: "x" | " ms" | "";
  readonly must: number;
  readonly aim: number;
  /** Undefined where it was not measured; `why` says why. */
  readonly measured: number | undefined;
  readonly why?: string;
};

export type Verdict = "aim" | "must" | "missed" | "not measured";

export function verdictOf({ measured, must, aim, less }: Line): Verdict {
  if (measured === undefined || Number.isNaN(measured)) return "not measured";
  const reaches = (mark: number) => (less ? measured <= mark : measured >= mark);
  return reaches(aim) ? "aim" : reaches(must) ? "must" : "missed";
}
