import { describe, expect, it } from 'vitest';
import { createRouter } from '../../../public/app/state/router.ts';

function setup(first: string) {
  const history = [first];
  const router = createRouter({
    path: () => history.at(-1) ?? '/',
    write: (path, how) => {
      if (how === 'replace') history.pop();
      history.push(path);
    },
  });
  return { router, history };
}

describe('the addresses of the page', () => {
  it.each([
    ['/', 'chat', null],
    ['/c/01ABC', 'chat', '01ABC'],
    ['/admin', 'admin', null],
    ['/admin/', 'admin', null],
    ['/admin/people', 'people', null],
    ['/doctor', 'doctor', null],
    ['/jobs', 'jobs', null],
    ['/gallery', 'gallery', null],
    ['/plugins/', 'plugins', null],
    ['/archive', 'archive', null],
    ['/trash/', 'trash', null],
    ['/administrator', 'missing', null],
    ['/c/../admin', 'missing', null],
  ])('reads %s', (path, page, conversationId) => {
    expect(setup(path).router.route.value).toMatchObject({ page, conversationId });
  });

  it('goes from a conversation to a page and back to the same conversation', () => {
    const { router, history } = setup('/c/c1');
    router.open('admin');
    router.open('people');
    expect(history).toEqual(['/c/c1', '/admin', '/admin/people']);
    router.leave();
    expect(history.at(-1)).toBe('/c/c1');
    expect(router.route.value).toMatchObject({ page: 'chat', conversationId: 'c1' });
  });

  it('leaves a page that was opened by its address for a new conversation', () => {
    const { router, history } = setup('/doctor');
    router.leave();
    expect(history).toEqual(['/doctor', '/']);
  });

  it('follows the back button', () => {
    const { router, history } = setup('/');
    router.open('doctor');
    history.pop();
    router.sync();
    expect(router.route.value.page).toBe('chat');
  });

  it('opens a new conversation from a page, though no conversation was shown', () => {
    const { router, history } = setup('/admin');
    router.go(null);
    expect(history.at(-1)).toBe('/');
    expect(router.route.value.page).toBe('chat');
  });

  it('brings the prompt of its first address once, cut, and takes it out of the address', () => {
    const written: string[] = [];
    const router = createRouter({
      path: () => '/',
      write: (path, how) => written.push(`${how} ${path}`),
      prompt: ` Why?${' '.repeat(5000)}end`,
    });
    expect([router.takePrompt(), router.takePrompt()]).toEqual(['Why?', '']);
    expect(written).toEqual(['replace /']);
  });
});
