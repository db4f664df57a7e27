import type { Clock, NextFrame, Sha256 } from '../state/ports.ts';
import { createDrawingPace } from './drawing-pace.ts';

/** The page was put on the home screen or into the list of programs. */
export const isInstalled = () => matchMedia('(display-mode: standalone)').matches;

export const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** So long before its time a drawing is asked for, or the frame that it is meant for would be missed. */
const leadMs = 10;
const pace = createDrawingPace();
let began = 0;
/** What it is told comes when the frame is done: layout and paint belong to the same task as the drawing. */
const { port1: afterFrame, port2: sender } = new MessageChannel();
afterFrame.onmessage = () => pace.cost(performance.now() - began);

const hiddenMs = 250;

/** Runs in the next frame; in a tab that is hidden then, which has none, without it: the text still has to grow, for the announcer and the title. */
function inFrame(run: (now: number) => void): void {
  const whenHidden = () => {
    if (!document.hidden) return;
    end();
    run(performance.now());
  };
  const frame = requestAnimationFrame((now) => {
    end();
    run(now);
  });
  const end = () => {
    cancelAnimationFrame(frame);
    document.removeEventListener('visibilitychange', whenHidden);
  };
  document.addEventListener('visibilitychange', whenHidden);
}

/** A hidden tab has no frames, also where it is hidden between the wish for one and the frame. */
export const nextFrame: NextFrame = (run) => {
  if (document.hidden) {
    setTimeout(run, hiddenMs);
    return;
  }
  const draw = () => {
    if (document.hidden) {
      run();
      return;
    }
    inFrame((now) => {
      pace.began(now);
      began = performance.now();
      sender.postMessage(null);
      run();
    });
  };
  const early = pace.wait(performance.now()) - leadMs;
  if (early > 0) setTimeout(draw, early);
  else draw();
};

export const sha256: Sha256 = async (text) => {
  if (!globalThis.isSecureContext) return null;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** Runs once when the page has nothing else to do. Safari has no idle callback. */
export function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 2000 });
  else setTimeout(run, 300);
}
