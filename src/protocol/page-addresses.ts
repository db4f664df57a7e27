/** Addresses of the pages besides the conversations: the server answers them with the page, which chooses what to show. */
export const pageAddresses = {
  admin: '/admin',
  people: '/admin/people',
  doctor: '/doctor',
  jobs: '/jobs',
  gallery: '/gallery',
  plugins: '/plugins',
  archive: '/archive',
  trash: '/trash',
} as const;
