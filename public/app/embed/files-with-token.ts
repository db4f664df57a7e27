/** Pictures, sounds and films of `/api` inside of a document: a browser would ask for them with the cookie alone. */
const shown = 'img[src^="/api/"],audio[src^="/api/"],video[src^="/api/"]';

/** Fetches files with the session's token and shows their bytes. Links to files save them. */
export function loadFilesWithToken(page: Document): void {
  const load = async (element: Element) => {
    const address = element.getAttribute('src') ?? '';
    // Before the browser asks for it in vain.
    element.removeAttribute('src');
    const bytes = await bytesOf(address);
    if (bytes === null || element.hasAttribute('src')) return;
    const url = URL.createObjectURL(bytes.blob);
    element.setAttribute('src', url);
    if (element.localName === 'img') element.addEventListener('load', () => URL.revokeObjectURL(url), { once: true });
  };
  const loadBelow = (node: Node) => {
    if (!(node instanceof Element)) return;
    for (const element of node.matches(shown) ? [node] : node.querySelectorAll(shown)) void load(element);
  };
  new MutationObserver((changes) => {
    for (const { target, type, addedNodes } of changes) for (const node of type === 'attributes' ? [target] : addedNodes) loadBelow(node);
  }).observe(page, { subtree: true, childList: true, attributeFilter: ['src'] });
  page.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="/api/"]') : null;
    if (link === null) return;
    event.preventDefault();
    void save(link.getAttribute('href') ?? '', link.download);
  });
}

async function bytesOf(address: string): Promise<{ readonly blob: Blob; readonly name: string | undefined } | null> {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    const name = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
    return { blob: await answer.blob(), name };
  } catch {
    return null;
  }
}

/** Always as a file: a blob that is opened would run in this page's name. */
async function save(address: string, wanted: string): Promise<void> {
  const bytes = await bytesOf(address);
  if (bytes === null) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(bytes.blob);
  link.download = wanted === '' ? (bytes.name ?? 'file') : wanted;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
