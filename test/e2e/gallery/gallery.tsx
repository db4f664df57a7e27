import '../../../public/styles/tokens.css';
import '../../../public/styles/base.css';
import '../../../public/styles/ui.css';
import '../../../public/styles/markdown.css';
import './gallery.css';
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { loadMarkdown, Markdown } from '../../../public/app/markdown/markdown.tsx';
import { MarkdownLabels } from '../../../public/app/markdown/markdown-labels.ts';
import { Avatar } from '../../../public/app/ui/avatar.tsx';
import { Button } from '../../../public/app/ui/button.tsx';
import { Dialog } from '../../../public/app/ui/dialog.tsx';
import { Icon, iconNames } from '../../../public/app/ui/icon.tsx';
import { IconButton } from '../../../public/app/ui/icon-button.tsx';
import { Menu } from '../../../public/app/ui/menu.tsx';
import { Skeleton } from '../../../public/app/ui/skeleton.tsx';
import { Spinner } from '../../../public/app/ui/spinner.tsx';
import { TextField } from '../../../public/app/ui/text-field.tsx';
import { ToastRegion } from '../../../public/app/ui/toast-region.tsx';
import { english, persian } from './sources.ts';

const labels = {
  copy: 'Copy code',
  copied: 'Copied',
  expand: 'Show all',
  collapse: 'Show less',
  code: 'code',
  done: 'done',
  open: 'open',
  hidden: 'hidden character',
  image: 'picture',
};

function Controls() {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState('');
  return (
    <section class="gallery-controls">
      <div class="gallery-row">
        <Button variant="primary" icon="plus">
          New chat
        </Button>
        <Button onClick={() => setOpen(true)}>Open dialog</Button>
        <Button variant="ghost">Cancel</Button>
        <Button variant="danger" icon="trash">
          Delete
        </Button>
        <Button variant="primary" busy>
          Saving
        </Button>
        <Button disabled>Disabled</Button>
        <Button size="sm" icon="refresh">
          Small
        </Button>
      </div>
      <div class="gallery-row">
        <IconButton icon="send" label="Send" variant="primary" />
        <IconButton icon="send" label="Send" variant="primary" disabled />
        <IconButton icon="copy" label="Copy" />
        <IconButton icon="thumbs-up" label="Good" pressed />
        <Menu
          label="Chat"
          align="end"
          trigger={(props) => <IconButton {...props} icon="more" label="More" />}
          items={[
            { id: 'rename', label: 'Rename', icon: 'edit', onSelect: () => setChosen('rename') },
            {
              id: 'model',
              label: 'Gemini Flash',
              hint: 'fast, free tier',
              icon: 'sparkle',
              checked: true,
              onSelect: () => setChosen('model'),
            },
            { id: 'delete', label: 'Delete', icon: 'trash', danger: true, separated: true, onSelect: () => setChosen('delete') },
          ]}
        />
        <Avatar name="Ada Lovelace" />
        <Avatar name="سارا احمدی" />
        <Spinner />
        <output id="chosen">{chosen}</output>
      </div>
      <div class="gallery-fields">
        <TextField label="E-mail" type="email" placeholder="you@example.org" hint="Only for signing in" />
        <TextField
          label="Password"
          type="password"
          value="secret"
          error="At least 8 characters, please"
          revealLabels={{ show: 'Show password', hide: 'Hide password' }}
        />
      </div>
      <Skeleton />
      <div class="gallery-icons">
        {iconNames.map((name) => (
          <span key={name} title={name}>
            <Icon name={name} />
          </span>
        ))}
      </div>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Delete this chat?"
        closeLabel="Close"
        size="sm"
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button variant="danger" onClick={() => setOpen(false)}>
              Delete
            </Button>
          </>
        }
      >
        <p>Its messages and pictures are gone for ever.</p>
      </Dialog>
      <ToastRegion
        label="Notices"
        dismissLabel="Dismiss"
        onDismiss={() => undefined}
        toasts={
          location.search.includes('toast')
            ? [
                { id: 'a', text: 'The chat was moved to the trash', tone: 'success', action: { label: 'Undo', onSelect: () => undefined } },
                { id: 'b', text: 'No connection. Your message waits here.', tone: 'warning' },
              ]
            : []
        }
      />
    </section>
  );
}

function Gallery() {
  const fa = location.search.includes('fa');
  const [source, setSource] = useState({ text: fa ? persian : english, streaming: false });
  Object.assign(window, { show: (text: string, streaming: boolean) => setSource({ text, streaming }) });
  return (
    <MarkdownLabels.Provider value={labels}>
      <main class="gallery">
        {location.search.includes('ui') ? <Controls /> : <Markdown source={source.text} streaming={source.streaming} />}
      </main>
    </MarkdownLabels.Provider>
  );
}

if (location.search.includes('fa')) Object.assign(document.documentElement, { lang: 'fa', dir: 'rtl' });
void loadMarkdown().then(() => render(<Gallery />, document.body));
