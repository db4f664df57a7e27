/** The eye of Argus around a spark; decorative, the name stands beside it. */
export function Logo({ size = 'md' }: { readonly size?: 'sm' | 'md' | 'lg' }) {
  return (
    <svg class="logo" data-size={size} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect width="64" height="64" rx="18" class="logo-ground" />
      <path
        d="M10 32c5.600-10.500 13-15.500 22-15.500S48.400 21.500 54 32c-5.600 10.500-13 15.500-22 15.500S15.600 42.500 10 32Z"
        class="logo-eye"
      />
      <path d="M32 22.500 34.600 29.400 41.500 32 34.600 34.600 32 41.500 29.400 34.600 22.500 32 29.400 29.400Z" class="logo-spark" />
    </svg>
  );
}
