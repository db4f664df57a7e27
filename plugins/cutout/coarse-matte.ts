import { type ModelSession, type Picture, type Plane, type Rect, type WorkLevel } from '#core';
import { findPerson } from './find-person.ts';

/** Above it a pixel counts when a person is looked for. */
const likely = 0.5;
/**
 * Of what counts, half has to be this sure. The network was trained with people in every picture and guesses something in
 * most: of a cup or a motorcycle it is sure of 8 to 37 percent, of a person of about 80.
 */
const sure = 0.95;
const sureShare = 0.5;
/** Between these a guess is drawn to 0 and 1. */
const undecided = [0.25, 0.7] as const;
/** Below this share of the picture there is nobody. */
const leastShare = 0.002;
/** A person that fills less of a side than this is looked at again from near. */
const nearShare = 0.8;
/** Room around the person for the second look, as a share of its size. */
const margin = 0.15;

/**
 * The first guess of where people are, 0..1, of the picture's size. Quick looks once; normal and deep also look at the
 * mirrored picture and take the mean, and then again at the part where somebody is.
 * @param rgb 8 bit, reduced to the size in which the matte is worked on
 * @returns null: nobody is there
 */
export async function coarseMatte(rgb: Picture, session: ModelSession, level: WorkLevel, signal: AbortSignal): Promise<Plane | null> {
  const whole = { left: 0, top: 0, width: rgb.width, height: rgb.height };
  const isCareful = level !== 'quick';
  const matte = await findPerson(rgb, whole, session, { mirrored: isCareful, signal });
  const around = isSomebody(matte) ? boundsOf(matte) : null;
  if (around === null) return null;
  if (isCareful && isWorthNearing(around, rgb)) {
    const part = widened(around, rgb);
    blendInto(matte, await findPerson(rgb, part, session, { mirrored: true, signal }), part);
  }
  decide(matte);
  return boundsOf(matte) === null ? null : matte;
}

/** What the network is unsure of over whole areas (a bag, a pattern) goes to the nearer side: half a person is none. */
function decide({ data }: Plane): void {
  const [low, high] = undecided;
  for (let i = 0; i < data.length; i += 1) {
    const t = Math.min(1, Math.max(0, ((data[i] ?? 0) - low) / (high - low)));
    data[i] = t * t * (3 - 2 * t);
  }
}

function isSomebody({ data }: Plane): boolean {
  const found = data.reduce((count, value) => count + Number(value > likely), 0);
  return data.reduce((count, value) => count + Number(value > sure), 0) >= sureShare * found;
}

/** Where somebody probably is; null when that is hardly anything. */
function boundsOf({ width, height, data }: Plane): Rect | null {
  let count = 0;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if ((data[at] ?? 0) < likely) continue;
      count += 1;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (count < Math.max(1, leastShare * width * height)) return null;
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function isWorthNearing(around: Rect, { width, height }: Picture): boolean {
  return around.width < nearShare * width || around.height < nearShare * height;
}

function widened({ left, top, width, height }: Rect, picture: Picture): Rect {
  const [across, down] = [Math.ceil(width * margin), Math.ceil(height * margin)];
  const from = { left: Math.max(0, left - across), top: Math.max(0, top - down) };
  return {
    ...from,
    width: Math.min(picture.width, left + width + across) - from.left,
    height: Math.min(picture.height, top + height + down) - from.top,
  };
}

/** Replaces a part, fading over half of the margin at edges that are not the picture's. */
function blendInto(matte: Plane, near: Plane, part: Rect): void {
  const fade = (at: number, length: number, start: number, total: number) => {
    const width = Math.max(1, (margin / 2) * length);
    const rise = start === 0 ? 1 : (at + 0.5) / width;
    const fall = start + length === total ? 1 : (length - at - 0.5) / width;
    return Math.min(1, rise, fall);
  };
  for (let y = 0; y < part.height; y += 1) {
    const down = fade(y, part.height, part.top, matte.height);
    for (let x = 0; x < part.width; x += 1) {
      const share = Math.min(down, fade(x, part.width, part.left, matte.width));
      const at = (part.top + y) * matte.width + part.left + x;
      matte.data[at] = (matte.data[at] ?? 0) * (1 - share) + (near.data[y * part.width + x] ?? 0) * share;
    }
  }
}
