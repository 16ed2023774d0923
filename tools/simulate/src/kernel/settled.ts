/**
 * Resolves when every promise that can settle has settled: the event loop takes a macrotask only when the queue of microtasks is empty. As nothing
 * in a run does I/O or waits for a real timer, the state after it is a function of what happened before, whatever the machine does meanwhile.
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
