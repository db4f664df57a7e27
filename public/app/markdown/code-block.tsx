import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { IconButton } from '../ui/icon-button.tsx';
import { copyText } from './copy-text.ts';
import { GrowingCode } from './growing-code.tsx';
import type { CodePiece } from './highlighter.ts';
import { MarkdownLabels } from './markdown-labels.ts';
import type { CodeNode } from './nodes.ts';
import { mostColoured, useHighlight } from './use-highlight.ts';
import { visibleText } from './visible-text.ts';
import { VisibleText } from './visible-text-view.tsx';

/** Blocks with more lines scroll inside themselves until the person opens them. */
const longLines = 60;
const copiedMs = 1600;

function isLong(text: string): boolean {
  let at = -1;
  for (let lines = 0; lines < longLines; lines += 1) {
    at = text.indexOf('\n', at + 1);
    if (at < 0) return false;
  }
  return true;
}

function coloured(pieces: readonly CodePiece[]): ComponentChildren[] {
  return pieces.map((piece) =>
    typeof piece === 'string' ? <VisibleText text={piece} /> : <span class={piece.classes}>{coloured(piece.pieces)}</span>,
  );
}

/** Text that stays as it is: too long to be coloured, and without anything in it that has to be made visible. */
function isBare(text: string): boolean {
  return text.length > mostColoured && visibleText(text).length === 1;
}

function CopyButton({ text }: { readonly text: string }) {
  const labels = useContext(MarkdownLabels);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), copiedMs);
    return () => clearTimeout(timer);
  }, [copied]);
  function copy(): void {
    copyText(text).then(setCopied, () => setCopied(false));
  }
  return (
    <>
      <span class="visually-hidden" role="status">
        {copied ? labels.copied : ''}
      </span>
      <IconButton
        icon={copied ? 'check' : 'copy'}
        label={copied ? labels.copied : labels.copy}
        size="sm"
        tooltip="none"
        title={labels.copy}
        onClick={copy}
      />
    </>
  );
}

export function CodeBlock({ node }: { readonly node: CodeNode }) {
  const labels = useContext(MarkdownLabels);
  const [expanded, setExpanded] = useState(false);
  const pieces = useHighlight(node.language, node.text, node.closed);
  const long = isLong(node.text);
  const bare = useMemo(() => node.closed && isBare(node.text), [node]);
  const content = useMemo(() => (pieces === undefined ? <VisibleText text={node.text} /> : coloured(pieces)), [pieces, node.text]);
  return (
    <div class="md-code" dir="ltr" data-long={long ? '' : undefined} data-expanded={expanded ? '' : undefined}>
      <div class="md-code-header">
        <span class="md-code-language">{node.language === '' ? labels.code : node.language}</span>
        <span class="md-code-actions">
          {long ? (
            <IconButton
              icon={expanded ? 'chevron-up' : 'chevron-down'}
              label={expanded ? labels.collapse : labels.expand}
              size="sm"
              tooltip="none"
              aria-expanded={expanded}
              onClick={() => setExpanded(!expanded)}
            />
          ) : null}
          <CopyButton text={node.text} />
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0} dir="ltr">
        {node.closed && !bare ? <code dir="ltr">{content}</code> : <GrowingCode text={node.text} />}
      </pre>
    </div>
  );
}
