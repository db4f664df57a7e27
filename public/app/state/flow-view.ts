import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Messages } from './messages.ts';
import type { Router } from './router.ts';

/** A message that the flow is to bring into sight. Each wish is an object of its own, so the same message can be asked for twice. */
export interface FlowTarget {
  readonly conversationId: string;
  readonly messageId: string;
  /** `flash` marks it for a moment and gives it the focus; `top` puts it at the upper edge; `quiet` only brings it into sight. */
  readonly how: 'flash' | 'top' | 'quiet';
}

/** What is asked of the flow of messages from elsewhere on the page. */
export interface FlowView {
  readonly target: ReadonlySignal<FlowTarget | null>;
  /** True while every message of the branch is to be on the page, not only those near the window: for print. */
  readonly whole: ReadonlySignal<boolean>;
  /** True while the field to find words in the shown conversation is open. */
  readonly finding: Signal<boolean>;
  /**
   * Opens a conversation at a message, older pages and another branch included.
   * @returns false where there is no such message
   */
  openAt(conversationId: string, messageId: string): Promise<boolean>;
  /** Brings a message of the shown branch into sight. */
  show(messageId: string, how?: FlowTarget['how']): void;
  /** The flow has done what was asked. */
  reached(target: FlowTarget): void;
  /** Reads the whole conversation and puts all of its branch on the page. @returns once that is so; call the result to end it */
  mountAll(): Promise<() => void>;
  /** Puts all that was read so far on the page; the caller is told by nothing. */
  setWhole(whole: boolean): void;
}

export interface FlowViewDeps {
  readonly messages: Pick<Messages, 'reach' | 'loadAll' | 'current'>;
  readonly router: Pick<Router, 'go'>;
  readonly nextFrame: (run: () => void) => unknown;
}

export function createFlowView({ messages, router, nextFrame }: FlowViewDeps): FlowView {
  const target = signal<FlowTarget | null>(null);
  const whole = signal(false);
  const finding = signal(false);
  let wish = 0;

  const frame = () => new Promise<void>((resolve) => void nextFrame(resolve));
  return {
    target,
    whole,
    finding,
    async openAt(conversationId, messageId) {
      wish += 1;
      const mine = wish;
      router.go(conversationId);
      const found = await messages.reach(conversationId, messageId);
      // A later wish counts, not the one whose pages took longer.
      if (found && mine === wish) target.value = { conversationId, messageId, how: 'flash' };
      return found;
    },
    show(messageId, how = 'flash') {
      const conversationId = messages.current.peek()?.conversationId;
      if (conversationId === undefined) return;
      wish += 1;
      target.value = { conversationId, messageId, how };
    },
    reached(done) {
      if (target.peek() === done) target.value = null;
    },
    async mountAll() {
      await messages.loadAll();
      whole.value = true;
      // One frame to draw it, one to lay it out.
      await frame();
      await frame();
      return () => {
        whole.value = false;
      };
    },
    setWhole(next) {
      whole.value = next;
    },
  };
}
