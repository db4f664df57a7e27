import type { ComponentChildren } from 'preact';
import { useApp } from '../app-context.ts';
import { lazy } from './lazy.tsx';

const Nothing = () => null;

/** The way to an answer, step by step. */
export const Steps = lazy(async () => (await import('../chat/steps.tsx')).Steps, Nothing);
/** What plugins show in a message. */
export const SurfaceSection = lazy(async () => (await import('../surface/surface-section.tsx')).SurfaceSection, Nothing);

/** The empty page of a profile, and what plugins add to the empty page. */
export const ProfileWelcome = lazy(async () => (await import('../surface/empty-extras.tsx')).ProfileWelcome, Nothing);
export const EmptyExtras = lazy(async () => (await import('../surface/empty-extras.tsx')).EmptyExtras, Nothing);

const SidePane = lazy(async () => (await import('../surface/side-pane.tsx')).SidePane, Nothing);
const ModePickers = lazy(async () => (await import('../surface/mode-pickers.tsx')).ModePickers, Nothing);
const HeaderExtras = lazy(async () => (await import('../surface/header-extras.tsx')).HeaderExtras, Nothing);

interface SlotProps {
  readonly conversationId: string | null;
}

/** The conversation, with an element beside it or in its place. */
export function PaneSlot({ conversationId, children }: SlotProps & { readonly children: ComponentChildren }) {
  const { state } = useApp();
  const target = state.surface.pane.target.value;
  const shown = target !== null && target.conversationId === conversationId ? target : null;
  return (
    <div class="chat-row">
      <div class="chat-column" inert={shown?.whole === true}>
        {children}
      </div>
      {shown === null ? null : <SidePane target={shown} />}
    </div>
  );
}

/** Modes beside the composer, where there are any. */
export function ModeSlot({ conversationId }: SlotProps) {
  const { state } = useApp();
  return state.surface.modes(conversationId).length === 0 ? null : <ModePickers conversationId={conversationId} />;
}

/** Profile, settings of the chat, links and the page about this server, where there are any. */
export function HeaderSlot({ conversationId }: SlotProps) {
  const { state } = useApp();
  const { profiles, links, readme } = state.surface.info.value;
  return profiles.length === 0 && links.length === 0 && !readme ? null : <HeaderExtras conversationId={conversationId} />;
}
