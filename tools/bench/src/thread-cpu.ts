const neverNotified = new Int32Array(new SharedArrayBuffer(4));

/**
 * CPU time of this thread so far in milliseconds, exact to some hundredths. The kernel brings the count that Node can read (getrusage(2)) up to date only
 * at its clock's ticks, 4 ms apart, and when the thread stops running: so it stops for a moment first.
 */
export function threadCpuMillis(): number {
  Atomics.wait(neverNotified, 0, 0, 0.01);
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
