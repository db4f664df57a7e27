// Makes of a built file what can be compiled ahead: ASCII alone, so that V8 keeps one byte for each character, and no `import()` of a package.
import { parseAst } from 'rolldown/parseAst';

const NOT_ASCII = /[^\x00-\x7f]/;
/** A package is required when it is wanted. What `import()` gives of CommonJS has a `default`, too. */
const NAMESPACE = '((m) => m?.[Symbol.toStringTag] === "Module" ? m : { __proto__: m, default: m })';

/**
 * Lines stay where they were.
 * @param {string} code CommonJS
 * @returns {string | null} the same program, null where it cannot be said in ASCII: a name or a tagged template, which sees its own source
 */
export function plainCode(code) {
  if (!NOT_ASCII.test(code) && !code.includes('import(')) return code;
  const edits = [];
  collect(parseAst(code), null, edits, code);
  let plain = '';
  let at = 0;
  for (const { start, end, text } of edits.sort((one, other) => one.start - other.start)) {
    plain += code.slice(at, start) + text;
    at = end;
  }
  plain += code.slice(at);
  return NOT_ASCII.test(plain) ? null : plain;
}

function collect(node, parent, edits, code) {
  const edit = editFor(node, parent, code);
  if (edit !== null) {
    edits.push({ start: node.start, end: node.end, text: edit });
    return;
  }
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type !== 'string') continue;
      collect(child, node.type === 'TemplateLiteral' && parent?.type === 'TaggedTemplateExpression' ? parent : node, edits, code);
    }
  }
}

function editFor(node, parent, code) {
  if (node.type === 'ImportExpression') return importEdit(node);
  const isText = node.type === 'Literal' || (node.type === 'TemplateElement' && parent?.type !== 'TaggedTemplateExpression');
  const text = isText ? code.slice(node.start, node.end) : '';
  return NOT_ASCII.test(text) ? escaped(text) : null;
}

function importEdit({ source, options }) {
  if (options !== null || typeof source.value !== 'string' || !/^[@a-z]/.test(source.value)) return null;
  return `Promise.resolve().then(() => ${NAMESPACE}(require(${JSON.stringify(source.value)})))`;
}

/** In texts, templates and regular expressions alike. A backslash before such a character says nothing, before an escape it would say much. */
function escaped(text) {
  return text.replace(/\\[\s\S]|[^\x00-\x7f]/g, (found) => {
    const character = found.at(-1);
    return NOT_ASCII.test(character) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : found;
  });
}
