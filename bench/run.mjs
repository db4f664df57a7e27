// `npm run bench [-- <name>... | --quick | --against <rev> | --publish]`: see bench/README.md.
import { parseArgs } from 'node:util';
import { compareWith } from './harness/against.mjs';
import { publish } from './harness/publish.mjs';
import { benchmarks, runBenchmarks } from './harness/run-benchmarks.mjs';
import { printTargets } from './harness/target-table.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, against: { type: 'string' }, publish: { type: 'boolean' } },
});
const unknown = positionals.filter((name) => !benchmarks.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${benchmarks.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
const names =
  positionals.length > 0 ? positionals : benchmarks.filter((one) => (values.quick ? one.quick : !one.alone)).map(({ name }) => name);
if (values.publish && positionals.length === 0 && values.quick !== true && values.against === undefined) {
  // Nothing is measured: the results of the last runs go into the documents.
  await publish();
} else if (values.against !== undefined) {
  await compareWith(values.against, names, { quick: values.quick === true });
} else {
  const failed = runBenchmarks(names, { quick: values.quick === true });
  printTargets(names);
  if (failed.length > 0) {
    console.error(`\nNot measured to the end: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
