import { describe, expect, it } from 'vitest';
import { hostEnvironment } from '../../src/config-inference.ts';

describe('the environment of a host', () => {
  it('says where graphics libraries lie, and holds no key, address or home', () => {
    const environment = hostEnvironment({
      LD_LIBRARY_PATH: '/opt/cuda/lib64',
      VK_ICD_FILENAMES: '/opt/icd.json',
      CUDA_VISIBLE_DEVICES: '0',
      NVIDIA_VISIBLE_DEVICES: 'all',
      GEMINI_API_KEY: 'secret',
      MONGO_URI: 'mongodb://user:secret@host',
      JWT_SECRET_KEY: 'secret',
      HOME: '/root',
      NODE_OPTIONS: '--inspect',
      LD_PRELOAD: '/tmp/x.so',
      CUDA_EMPTY: undefined,
    });
    expect(environment).toEqual({
      LD_LIBRARY_PATH: '/opt/cuda/lib64',
      VK_ICD_FILENAMES: '/opt/icd.json',
      CUDA_VISIBLE_DEVICES: '0',
      NVIDIA_VISIBLE_DEVICES: 'all',
    });
  });
});
