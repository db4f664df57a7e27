/** What the bytes of a picture are: a stored one is sent in another format than it was brought in. @param said where nothing can be told */
export function pictureMime(bytes: Uint8Array, said: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return 'image/png';
  return said;
}
