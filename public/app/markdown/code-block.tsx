import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { IconButton } from '../ui/icon-button.tsx';
import { copyText } from './copy-text.ts';
import type { CodePiece } from './highlighter.ts';
import { MarkdownLabels } from './markdown-labels.ts';
import type { CodeNode } from './nodes.ts';
import { useHighlight } from './use-highlight.ts';
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

/** UTF-16 units of one piece of growing code, more or less: only the last piece is laid out anew when more comes. */
const pieceLength = 8000;

/** Code that is still being written: pieces of whole lines, of which the last one grows, so each token costs the same however long the block is. */
function GrowingText({ text }: { readonly text: string }) {
  const host = useRef<HTMLElement>(null);
  const grown = useRef<{ text: string; readonly tail: Text } | null>(null);
  useLayoutEffect(() => {
    if (host.current === null) return;
    const { current } = grown;
    const goesOn = current !== null && text.startsWith(current.text);
    if (!goesOn) host.current.replaceChildren();
    const tail = goesOn ? current.tail : addPiece(host.current);
    grown.current = { text, tail: grow(host.current, tail, goesOn ? text.slice(current.text.length) : text) };
  }, [text]);
  return <code ref={host} dir="ltr" />;
}

function addPiece(host: HTMLElement): Text {
  const piece = document.createElement('span');
  const tail = document.createTextNode('');
  piece.className = 'md-code-piece';
  piece.append(tail);
  host.append(piece);
  return tail;
}

/** @returns the text that grows next */
function grow(host: HTMLElement, tail: Text, more: string): Text {
  let last = tail;
  let from = 0;
  for (;;) {
    // A piece ends with a line: a line of its own is no piece.
    const end = more.indexOf('\n', Math.max(from, from + pieceLength - last.length)) + 1;
    if (end === 0) break;
    last.appendData(more.slice(from, end));
    last = addPiece(host);
    from = end;
  }
  last.appendData(more.slice(from));
  return last;
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
        {node.closed ? <code dir="ltr">{content}</code> : <GrowingText text={node.text} />}
      </pre>
    </div>
  );
}
