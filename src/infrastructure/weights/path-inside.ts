import path from 'node:path';

/**
 * The absolute path of `name` in `folder`, for names that come from a package.
 * @throws Error when it is absolute, empty, has a NUL, a backslash or a drive, or leads out of the folder
 */
export function pathInside(folder: string, name: string): string {
  const parts = name.split('/');
  const isStrange = name === '' || name.includes('\0') || name.includes('\\') || name.includes(':') || path.isAbsolute(name);
  if (isStrange || parts.some((part) => part === '..' || part === '.' || part === '')) {
    throw new Error(`The path ${JSON.stringify(name)} leads out of its folder`);
  }
  return path.join(folder, ...parts);
}
