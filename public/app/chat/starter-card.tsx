import { Icon, type IconName } from '../ui/icon.tsx';

export interface StarterCardProps {
  readonly icon: IconName;
  readonly title: string;
  readonly hint: string;
  readonly onChoose: () => void;
}

/** Something to begin with, that a press puts into the composer. */
export function StarterCard({ icon, title, hint, onChoose }: StarterCardProps) {
  return (
    <li>
      <button type="button" class="starter" onClick={onChoose}>
        <Icon name={icon} />
        <span class="starter-title">
          <bdi>{title}</bdi>
        </span>
        <span class="starter-hint">
          <bdi>{hint}</bdi>
        </span>
      </button>
    </li>
  );
}
