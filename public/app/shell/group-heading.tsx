import { Icon, type IconName } from '../ui/icon.tsx';

export function GroupHeading({ id, icon, label }: { readonly id: string; readonly icon: IconName; readonly label: string }) {
  return (
    <h2 class="conversation-group" id={id}>
      <Icon name={icon} size="sm" />
      {label}
    </h2>
  );
}
