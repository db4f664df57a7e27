export interface FactListProps {
  readonly class: string;
  /** What is known, in the order shown: a label and its value. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/** Names and values; a value keeps its own direction among the words around it. */
export function FactList({ class: className, facts }: FactListProps) {
  return (
    <dl class={className}>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
