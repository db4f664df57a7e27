/** @returns ms of CPU that the work took: unlike the time on the wall it does not grow when the machine does something else meanwhile */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
