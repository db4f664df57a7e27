import { useState } from 'preact/hooks';
import type { Message } from '../../../src/protocol/shapes.ts';
import { Logo } from '../shell/logo.tsx';
import { Avatar } from '../ui/avatar.tsx';

/** The sign beside an answer: the picture of who speaks, else the first letters of the name, else our own. */
export function AuthorMark({ author }: { readonly author: Message['author'] }) {
  const [broken, setBroken] = useState(false);
  if (author === undefined) return <Logo size="sm" />;
  if (author.avatar === undefined || broken) return <Avatar name={author.name} size="sm" />;
  return (
    <img
      class="author-picture"
      src={`/api/avatars/${encodeURIComponent(author.avatar)}`}
      alt=""
      width={28}
      height={28}
      decoding="async"
      onError={() => setBroken(true)}
    />
  );
}
