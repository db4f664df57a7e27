import '../../styles/reader.css';
import type { MediaPart, Message } from '../../../src/protocol/shapes.ts';
import { useApp } from '../app-context.ts';
import { AuthorMark } from '../chat/author-mark.tsx';
import { mediaOf, type Section, sectionsOf, sourcesOf, textOf } from '../chat/message-parts.ts';
import { isOwn } from '../chat/pictures.tsx';
import { Sources } from '../chat/sources.tsx';
import { Thoughts } from '../chat/thoughts.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { Steps, SurfaceSection } from '../shell/surface-slots.tsx';
import { Icon } from '../ui/icon.tsx';

export interface ReaderProps {
  readonly messages: readonly Message[];
  /** All pictures at once, for paper; else as they come into sight. */
  readonly whole?: boolean;
}

/** Messages to be read and nothing else: no editing, no branches, no socket. */
export function Reader({ messages, whole = false }: ReaderProps) {
  return (
    <div class="reader">
      {messages.map((message) =>
        message.role === 'user' ? (
          <Question key={message.id} message={message} whole={whole} />
        ) : (
          <Answer key={message.id} message={message} whole={whole} />
        ),
      )}
    </div>
  );
}

interface MessageProps {
  readonly message: Message;
  readonly whole: boolean;
}

function Question({ message, whole }: MessageProps) {
  const { i18n } = useApp();
  const text = textOf(message.parts);
  return (
    <article class="message" data-role="user" aria-label={i18n.t('shared.you')}>
      <ReaderPictures parts={mediaOf(message.parts)} whole={whole} />
      {text === '' ? null : (
        <div class="bubble" dir="auto">
          {text}
        </div>
      )}
    </article>
  );
}

function Answer({ message, whole }: MessageProps) {
  const { i18n } = useApp();
  const { author, parts } = message;
  const sources = sourcesOf(parts);
  return (
    <article class="message" data-role="assistant" aria-label={i18n.t('message.answer')}>
      <span class="message-mark">
        <AuthorMark author={author} />
      </span>
      <div class="answer">
        {author === undefined ? null : (
          <p class="answer-author">
            <bdi>{author.name}</bdi>
          </p>
        )}
        {sectionsOf(parts).map((section, index) => (
          <SectionView key={index} section={section} message={message} whole={whole} />
        ))}
        {parts.length === 0 ? <p class="reader-nothing">{i18n.t('finish.failed')}</p> : null}
        {sources.length > 0 ? <Sources sources={sources} /> : null}
      </div>
    </article>
  );
}

function SectionView({ section, message, whole }: MessageProps & { readonly section: Section }) {
  switch (section.kind) {
    case 'thought':
      return <Thoughts text={section.text} live={false} />;
    case 'steps':
      return <Steps steps={section.steps} />;
    case 'surface':
      return <SurfaceSection parts={section.parts.flatMap(readable)} message={message} />;
    case 'media':
      return <ReaderPictures parts={section.parts} whole={whole} />;
    case 'job':
      return (
        <>
          <ReaderPictures parts={section.media} whole={whole} />
          {section.text === '' ? null : <Text text={section.text} />}
        </>
      );
    case 'text':
      return <Text text={section.text} />;
  }
}

/** Nothing to press, and everything in its place: there is no pane beside a page that is read. */
function readable(part: Extract<Section, { kind: 'surface' }>['parts'][number]): Extract<Section, { kind: 'surface' }>['parts'] {
  if (part.type === 'element') return [{ ...part, display: 'inline' }];
  return part.type === 'tasks' ? [part] : [];
}

function Text({ text }: { readonly text: string }) {
  return (
    <div class="answer-text">
      <Markdown source={text} streaming={false} />
    </div>
  );
}

function ReaderPictures({ parts, whole }: { readonly parts: readonly MediaPart[]; readonly whole: boolean }) {
  const { t } = useApp().i18n;
  const own = parts.filter(isOwn);
  if (own.length === 0) return null;
  const nameOf = (part: MediaPart) => part.name ?? t('picture.unnamed');
  return (
    <div class="pictures" data-count={own.length}>
      {own.map((part) =>
        part.type === 'image' ? (
          <a
            key={part.fileId}
            class="picture"
            href={part.url}
            target="_blank"
            rel="noopener"
            aria-label={t('picture.open', { name: nameOf(part) })}
          >
            <img
              src={part.url}
              alt={nameOf(part)}
              width={part.width}
              height={part.height}
              loading={whole ? 'eager' : 'lazy'}
              decoding="async"
            />
          </a>
        ) : (
          <a key={part.fileId} class="file-link" href={part.url} download={part.name ?? ''}>
            <Icon name="download" size="sm" />
            <span dir="auto">{nameOf(part)}</span>
          </a>
        ),
      )}
    </div>
  );
}
