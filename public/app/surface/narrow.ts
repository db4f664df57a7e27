import { useEffect, useState } from 'preact/hooks';

/** Where the side bar is a drawer there is no room beside a conversation either (styles/shell.css). */
const query = '(max-width: 52rem)';

export const isNarrow = (): boolean => matchMedia(query).matches;

export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(isNarrow);
  useEffect(() => {
    const media = matchMedia(query);
    const turned = () => setNarrow(media.matches);
    media.addEventListener('change', turned);
    return () => media.removeEventListener('change', turned);
  }, []);
  return narrow;
}
