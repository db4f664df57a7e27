const MIN_BYTES = 32;
/** 32 random hex digits have about 14 different characters; fewer than 10 are no accident of chance. */
const MIN_DISTINCT = 10;
const placeholders = [
  'changeme',
  'changethis',
  'replaceme',
  'replacethis',
  'yoursecret',
  'mysecret',
  'supersecret',
  'topsecret',
  'secretkey',
  'jwtsecret',
  'placeholder',
  'password',
  'example',
  '12345678',
  'abcdefgh',
  'qwertyui',
];

/** Says what is weak about a signing key, as the end of "the key ..."; undefined when it will do. HS256 wants 32 bytes or more. */
export function weaknessOf(secret: string): string | undefined {
  const letters = secret.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (letters === 'secret' || placeholders.some((word) => letters.includes(word))) return 'is a well-known default';
  if (Buffer.byteLength(secret) < MIN_BYTES) return `is shorter than ${MIN_BYTES} bytes`;
  if (new Set(secret).size < MIN_DISTINCT) return 'has too few different characters';
  return undefined;
}
