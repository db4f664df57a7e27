import type { TextBox } from './text-box.ts';

export interface TextBoxesProps {
  readonly boxes: readonly TextBox[];
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** The boxes over the picture; pointing at one shows its words. The text below says the same to everybody else. */
export function TextBoxes({ boxes, width, height }: TextBoxesProps) {
  return (
    <svg class="text-boxes" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {boxes.map(({ points, text }, index) => (
        <polygon key={index} points={points.map(([x, y]) => `${x},${y}`).join(' ')}>
          <title>{text}</title>
        </polygon>
      ))}
    </svg>
  );
}
