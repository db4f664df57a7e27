// `npm run bench [-- <name>... | --quick | --against <rev> | --publish | --check-documents]`: see bench/README.md.
import { parseArgs } from 'node:util';
import { compareWith } from './harness/against.mjs';
import { printCapacity } from './harness/capacity.mjs';
import { checkDocuments } from './harness/check-documents.mjs';
import { publish } from './harness/publish.mjs';
import { benchmarks, runBenchmarks } from './harness/run-benchmarks.mjs';
import { printTargets } from './harness/target-table.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    against: { type: 'string' },
    publish: { type: 'boolean' },
    'check-documents': { type: 'boolean' },
  },
});
const unknown = positionals.filter((name) => !benchmarks.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${benchmarks.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
const names =
  positionals.length > 0 ? positionals : benchmarks.filter((one) => (values.quick ? one.quick : !one.alone)).map(({ name }) => name);
const quick = values.quick === true;

// Ctrl-C ends what runs, and with it this process, after it has cleaned up.
process.on('SIGINT', () => {});

function measure() {
  // The noise of the machine first, whatever is measured.
  const failed = runBenchmarks([...new Set(['noise', ...names])], { quick });
  printTargets(names);
  if (quick) console.log('\nA quick run: few repetitions and small loads. It is not published.');
  else printCapacity();
  if (failed.length > 0) console.error(`\nNot measured to the end: ${failed.join(', ')}`);
  return failed.length === 0;
}

function check() {
  const faults = checkDocuments();
  for (const fault of faults) console.error(fault);
  return faults.length === 0;
}

if (values['check-documents']) process.exitCode = check() ? 0 : 1;
else if (values.publish) publish();
else if (values.against !== undefined) compareWith(values.against, names, { quick });
else process.exitCode = measure() ? 0 : 1;
