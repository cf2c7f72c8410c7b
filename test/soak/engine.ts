/** Something with native code in it, to be run until it breaks. */
export interface SoakEngine {
  readonly name: string;
  open(): Promise<SoakSession>;
}

export interface SoakSession extends AsyncDisposable {
  /**
   * Makes run number `index`, whose inputs follow from the number alone, and compares the answer with one computed in
   * JavaScript. Some numbers stand for runs that must be refused.
   * @returns whether it answered, or refused, as it should
   * @throws whatever the engine throws once `signal` has aborted; anything thrown before that is a wrong result
   */
  run(index: number, signal: AbortSignal): Promise<boolean>;
}
