/** Far above what any wait here takes: it ends a test that would hang, with what had come by then. */
const PATIENCE = 10_000;

/** @throws with the text of `report` when `promise` is not settled after a long while */
export async function patiently<T>(promise: Promise<T>, report: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(report())), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
