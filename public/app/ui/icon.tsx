/** Stroke paths on a 24 x 24 grid, drawn for this project. A name is a meaning, not a shape. */
const paths = {
  menu: ['M4 7h16', 'M4 12h16', 'M4 17h10'],
  plus: ['M12 5v14', 'M5 12h14'],
  search: ['M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z', 'm20 20-4-4'],
  send: ['M12 19V5', 'm6 11 6-6 6 6'],
  stop: ['M8 6h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2Z'],
  copy: [
    'M10 8h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2Z',
    'M16 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h2',
  ],
  check: ['m5 12.5 4.5 4.5L19 7'],
  edit: ['M4 20h4L19 9a2.1 2.1 0 0 0 0-3l-1-1a2.1 2.1 0 0 0-3 0L4 16v4Z', 'm13.5 6.5 4 4'],
  refresh: ['M20 12a8 8 0 1 1-2.4-5.7L20 8.5', 'M20 4v4.5h-4.5'],
  'chevron-left': ['m14.5 6-6 6 6 6'],
  'chevron-right': ['m9.5 6 6 6-6 6'],
  'chevron-up': ['m6 14.5 6-6 6 6'],
  'chevron-down': ['m6 9.5 6 6 6-6'],
  close: ['m6 6 12 12', 'M18 6 6 18'],
  settings: [
    'M4 7h9',
    'M19 7h1',
    'M16 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
    'M4 17h1',
    'M11 17h9',
    'M8 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  ],
  sun: [
    'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z',
    'M12 2.5v2',
    'M12 19.5v2',
    'm5.3 5.3 1.4 1.4',
    'm17.3 17.3 1.4 1.4',
    'M2.5 12h2',
    'M19.5 12h2',
    'm5.3 18.7 1.4-1.4',
    'm17.3 6.7 1.4-1.4',
  ],
  moon: ['M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z'],
  monitor: ['M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z', 'M9 21h6', 'M12 17v4'],
  logout: ['M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4', 'm15.5 16.5 4.5-4.5-4.5-4.5', 'M20 12H9.5'],
  user: ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z', 'M4.5 20a7.5 7.5 0 0 1 15 0'],
  paperclip: ['m20 11-8.3 8.3a5.2 5.2 0 0 1-7.4-7.4l8.4-8.3a3.5 3.5 0 0 1 4.9 4.9l-8.3 8.4a1.7 1.7 0 0 1-2.5-2.5l7.7-7.7'],
  image: [
    'M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z',
    'M9 10.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z',
    'm20 15-4.5-4.5L6 20',
  ],
  'thumbs-up': [
    'M7.5 20H5a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h2.5v9Z',
    'm7.5 11 4-7a2.2 2.2 0 0 1 2.2 2.6L13 10h5.2a2 2 0 0 1 2 2.4l-1.3 6a2 2 0 0 1-2 1.6H7.5',
  ],
  'thumbs-down': [
    'M16.5 4H19a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-2.5V4Z',
    'm16.5 13-4 7a2.2 2.2 0 0 1-2.2-2.6L11 14H5.800a2 2 0 0 1-2-2.4l1.3-6a2 2 0 0 1 2-1.600h9.4',
  ],
  trash: [
    'M4 7h16',
    'M9.5 7V5a1 1 0 0 1 1-1h3a1 1 0 0 1 1 1v2',
    'm6 7 .8 11.200a2 2 0 0 0 2 1.800h6.400a2 2 0 0 0 2-1.800L18 7',
    'M10 11v5',
    'M14 11v5',
  ],
  more: [
    'M5.5 12.6a.6.6 0 1 0 0-1.2.6.6 0 0 0 0 1.2Z',
    'M12 12.6a.6.6 0 1 0 0-1.2.6.6 0 0 0 0 1.2Z',
    'M18.5 12.6a.6.6 0 1 0 0-1.2.6.6 0 0 0 0 1.2Z',
  ],
  alert: ['M10.3 4.5 3.2 17a2 2 0 0 0 1.7 3h14.200a2 2 0 0 0 1.7-3L13.7 4.500a2 2 0 0 0-3.4 0Z', 'M12 9.500v4', 'M12 16.800h.01'],
  info: ['M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17Z', 'M12 11.500v4.5', 'M12 8h.01'],
  'wifi-off': [
    'm4 4 16 16',
    'M8.5 16a5 5 0 0 1 7 0',
    'M5 12.500a10 10 0 0 1 4.3-2.5',
    'M14.8 10.200a10 10 0 0 1 4.2 2.3',
    'M2 9a15 15 0 0 1 4.3-2.8',
    'M10.5 5.100A15 15 0 0 1 22 9',
    'M12 19.500h.01',
  ],
  'arrow-down': ['M12 5v14', 'm6 13 6 6 6-6'],
  sparkle: ['M11 4.5 12.7 9.3 17.5 11 12.7 12.7 11 17.5 9.3 12.7 4.5 11 9.3 9.3 11 4.500Z', 'M18.5 16v4', 'M16.5 18h4'],
  globe: [
    'M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17Z',
    'M3.5 12h17',
    'M12 3.500c2.3 2.3 3.5 5.2 3.5 8.500s-1.2 6.2-3.5 8.500c-2.3-2.3-3.5-5.2-3.5-8.500s1.2-6.2 3.5-8.500Z',
  ],
  key: ['M8 19.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Z', 'm11.2 11.8 8.3-8.3', 'm15.5 7.5 3 3'],
  undo: ['m8.5 5-4.5 4.500L8.5 14', 'M4 9.500h10a5 5 0 0 1 0 10h-3.5'],
  download: ['M12 4v11', 'm7 10.5 5 5 5-5', 'M4.5 20h15'],
  command: [
    'M9 9h6v6H9V9Z',
    'M9 9V6.500A2.5 2.5 0 1 0 6.5 9H9Z',
    'M15 9V6.500A2.5 2.5 0 1 1 17.5 9H15Z',
    'M9 15v2.500A2.5 2.5 0 1 1 6.5 15H9Z',
    'M15 15v2.500a2.5 2.5 0 1 0 2.5-2.500H15Z',
  ],
  eye: [
    'M2.5 12C4.5 7.8 8 5.5 12 5.500s7.5 2.3 9.5 6.500c-2 4.2-5.5 6.5-9.5 6.500S4.5 16.2 2.5 12Z',
    'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  ],
  'eye-off': [
    'm4 4 16 16',
    'M9.5 5.800A9.3 9.3 0 0 1 12 5.500c4 0 7.5 2.3 9.5 6.500a13 13 0 0 1-2.3 3.4',
    'M6.3 7.600A12.4 12.4 0 0 0 2.5 12c2 4.2 5.5 6.5 9.5 6.500a9.5 9.5 0 0 0 4.6-1.2',
    'M9.9 9.900a3 3 0 0 0 4.2 4.2',
  ],
  wand: ['m5 19 9.5-9.5', 'M17 3.500v3.500', 'M15.200 5.200h3.500', 'M19.500 11v3', 'M18 12.500h3', 'M9.500 4v3', 'M8 5.500h3'],
  expand: ['M13.500 4H20v6.500', 'm20 4-7 7', 'M10.500 20H4v-6.500', 'm4 20 7-7'],
  scissors: [
    'M6.500 9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
    'M6.500 20a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
    'M8.500 8 20 18',
    'M8.500 16 20 6',
  ],
  text: [
    'M4 8V6a2 2 0 0 1 2-2h2',
    'M16 4h2a2 2 0 0 1 2 2v2',
    'M20 16v2a2 2 0 0 1-2 2h-2',
    'M8 20H6a2 2 0 0 1-2-2v-2',
    'M8 9h8',
    'M8 12h8',
    'M8 15h5',
  ],
  gallery: [
    'M9 4h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z',
    'M4 8v10a2 2 0 0 0 2 2h10',
    'm20 12.500-3.500-3.500-6 8',
  ],
  tasks: [
    'm4 6.500 1.500 1.500L8 5',
    'M11.500 6.500H20',
    'm4 12.500 1.500 1.500L8 11',
    'M11.500 12.500H20',
    'm4 18.500 1.500 1.500L8 17',
    'M11.500 18.500H20',
  ],
  plug: ['M9 3.500V8', 'M15 3.500V8', 'M6.500 8h11v3.500a5.500 5.500 0 0 1-11 0V8Z', 'M12 17v3.500'],
  clock: ['M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17Z', 'M12 7.500V12l3 2'],
  compare: ['M12 3.500v17', 'M8.500 6H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h2.500', 'M15.500 6H18a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-2.500'],
  gauge: ['M4.5 18a8.5 8.5 0 1 1 15 0', 'm12 14 4-4.5', 'M12 14.600a.6.6 0 1 0 0-1.200.6.6 0 0 0 0 1.200Z'],
  pulse: ['M3 12.500h4l2.500-7 4.500 13 2.500-6h4.500'],
  thought: [
    'M9 18.500h6',
    'M10 21.500h4',
    'M8.5 15.500c0-1.7-3-3-3-6.500a6.5 6.5 0 0 1 13 0c0 3.5-3 4.8-3 6.500h-7Z',
    'M12 15.500V12',
    'm10 10.5 2 1.5 2-1.5',
  ],
} as const;

export type IconName = keyof typeof paths;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names of a constant table
export const iconNames = Object.keys(paths) as readonly IconName[];

/** The icon that a plugin names, where there is one of that name. */
export function iconFrom(name: string | undefined, otherwise: IconName): IconName {
  return iconNames.find((known) => known === name) ?? otherwise;
}

/** Icons that point along the line of text and therefore turn round in right-to-left pages. */
const mirrored: ReadonlySet<IconName> = new Set<IconName>(['chevron-left', 'chevron-right', 'logout', 'undo', 'menu']);

export interface IconProps {
  readonly name: IconName;
  /** sm 16 px, md 20 px (default), lg 24 px */
  readonly size?: 'sm' | 'md' | 'lg';
}

/** A decorative icon in the current text colour; the control around it carries the name. */
export function Icon({ name, size = 'md' }: IconProps) {
  return (
    <svg
      class="ui-icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      data-size={size}
      data-mirror={mirrored.has(name) ? '' : undefined}
    >
      {paths[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
