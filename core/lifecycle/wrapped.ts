import { messageOf } from "../errors.js";
import type { LocalVersion } from "../loader.js";
import type { Logger } from "../logger.js";
import type { Servable } from "../servable.js";
import { createHolds, type Holds } from "./holds.js";

/** What is put around a loaded servable, e.g. a batcher. */
export type Wrap = (servable: Servable, version: LocalVersion) => Servable | Promise<Servable>;

/** What answers, whether it is a wrapper or the servable itself, and who depends on it. */
export type Layer = { readonly servable: Servable; readonly wrapped: boolean; readonly holds: Holds };

/** Without a wrapper there is the loan, and the servable itself answers. */
type Fitted = { readonly wrapper: Servable; readonly layer: Layer };

/**
 * A loaded servable and the wrapper around it, which can be exchanged while runs are under way. A wrapper disposes the
 * servable that it is given, and there may be several one after the other: they get it on loan.
 */
export interface Wrapped extends AsyncDisposable {
  /** What answers from now on. */
  readonly layer: Layer;
  /**
   * Puts a wrapper by `wrap` in the place of another: `replaced` is called when it answers, and the one before is let
   * go once nobody depends on it any more. When `wrap` fails, all stays as it is and the log says so; never throws.
   */
  rewrap(wrap: Wrap, replaced: () => void): Promise<void>;
  /** Passed on, once; wrappers that come later are told as well. */
  hurry(): void;
  /** Lets go of the wrapper and the servable once nobody depends on them. @throws what their disposals throw */
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws what `wrap` throws; the servable is then the caller's to dispose */
export async function wrapped(inner: Servable, local: LocalVersion, wrap: Wrap, log: Logger): Promise<Wrapped> {
  let wanted = wrap;
  let applied = wrap;
  let hurried = false;
  let passedOn = false;
  let over = false;
  let last: Promise<void> = Promise.resolve();
  const leaving = new Set<Promise<void>>();

  // The hurry of a wrapper that is let go while the version stays does not concern the servable.
  const loan = onLoan(inner, () => {
    if (!hurried || passedOn) return;
    passedOn = true;
    inner.hurry?.();
  });
  const wrapBy = async (by: Wrap): Promise<Fitted> => {
    const wrapper = await by(loan, local);
    const bare = wrapper === loan;
    return { wrapper, layer: { servable: bare ? inner : wrapper, wrapped: !bare, holds: createHolds() } };
  };
  let present = await wrapBy(wrap);

  async function letGo({ wrapper, layer }: Fitted): Promise<void> {
    await layer.holds.idle();
    await wrapper[Symbol.asyncDispose]();
  }

  const about = { version: String(local.version) };

  async function exchange(by: Wrap, replaced: () => void): Promise<void> {
    // Of several changes only the last is of interest.
    if (over || by !== wanted || by === applied) return;
    const next = await wrapBy(by);
    if (over) return letGo(next);
    const before = present;
    present = next;
    applied = by;
    replaced();
    (hurried ? next : before).wrapper.hurry?.();
    const gone = letGo(before).catch((error: unknown) => {
      log.error({ ...about, error }, `letting go of the batching before: ${messageOf(error)}`);
    });
    leaving.add(gone);
    void gone.finally(() => leaving.delete(gone));
  }

  return {
    get layer() {
      return present.layer;
    },
    rewrap: (by, replaced) => {
      wanted = by;
      last = last
        .then(() => exchange(by, replaced))
        .catch((error: unknown) => {
          const text = `version ${local.version} of ${local.model} keeps the batching that it has`;
          log.error({ ...about, error }, `${text}: ${messageOf(error)}`);
        });
      return last;
    },
    hurry: () => {
      if (hurried) return;
      hurried = true;
      present.wrapper.hurry?.();
    },
    [Symbol.asyncDispose]: async () => {
      over = true;
      const [end] = await Promise.allSettled([letGo(present), last, ...leaving]);
      await inner[Symbol.asyncDispose]();
      if (end.status === "rejected") throw end.reason;
    },
  };
}

/** `inner` for one who disposes what it is given. */
function onLoan(inner: Servable, hurry: () => void): Servable {
  const { signatures, engine, forgetsInputs = false, runSession } = inner;
  return {
    signatures,
    forgetsInputs,
    ...(engine !== undefined && { engine }),
    run: (call) => inner.run(call),
    ...(runSession && { runSession: runSession.bind(inner) }),
    hurry,
    [Symbol.asyncDispose]: async () => {},
  };
}
