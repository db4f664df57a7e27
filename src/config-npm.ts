type Variables = Readonly<Record<string, string | undefined>>;

const names = new Set([
  'path',
  'home',
  'userprofile',
  'appdata',
  'localappdata',
  'systemroot',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'ssl_cert_file',
  'ssl_cert_dir',
  'node_extra_ca_certs',
]);

/** What npm needs to reach its registry as it does in a shell: folders, proxies, its own settings. No key or secret of the server. */
export function npmEnvironment(variables: Variables): Readonly<Record<string, string>> {
  const entries = Object.entries(variables).filter((entry): entry is [string, string] => {
    const name = entry[0].toLowerCase();
    return entry[1] !== undefined && (names.has(name) || name.startsWith('npm_config_'));
  });
  return Object.fromEntries(entries);
}
