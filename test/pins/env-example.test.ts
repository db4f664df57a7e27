import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { secretVariables, type VariableName, variables } from '../../src/config-variables.ts';

/** `# A sentence.` above `NAME=value` or `# NAME=value`. */
const lines = readFileSync('.env.example', 'utf8').split('\n');
const entry = /^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/;
const listed = lines.flatMap((line, index) => {
  const match = entry.exec(line);
  return match === null ? [] : [{ name: match[1] ?? '', value: match[2] ?? '', above: lines[index - 1] ?? '' }];
});
const names: string[] = Object.keys(variables);
const isVariable = (name: string): name is VariableName => names.includes(name);

describe('.env.example', () => {
  it('lists every variable of the schema once, and no other', () => {
    const expected = [...names, ...secretVariables.map((name) => `${name}_FILE`)].sort();
    expect(listed.map(({ name }) => name).sort()).toEqual(expected);
  });

  it.each(listed)('shows the default of $name', ({ name, value }) => {
    if (!isVariable(name)) return expect(value).toBe('');
    const schema = variables[name];
    expect(schema.parse(value === '' ? undefined : value)).toEqual(schema.parse(undefined));
    expect(value === '', 'a default is written out, and only a default').toBe(isWithoutText(schema.parse(undefined)));
  });

  it.each(listed)('explains $name in a sentence', ({ above }) => {
    expect(above).toMatch(/^# [A-Z].{15,}\.$/);
  });
});

function isWithoutText(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
