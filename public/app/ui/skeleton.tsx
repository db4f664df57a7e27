/** Grey lines in place of text that is on its way. The region around it says `aria-busy`. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div class="ui-skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} class="ui-skeleton-line" />
      ))}
    </div>
  );
}
