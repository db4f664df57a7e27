import { expect, it } from 'vitest';
import { nativeReason } from '../../src/infrastructure/inference/native-reason.ts';
import { shortReason } from '../../src/lib/short-reason.ts';

it.each([
  ['connect postgres://u:hunter2@db.example:5432/x?k=v now', 'connect x now'],
  ['request to https://user:hunter2@registry.example failed', 'request to (an address) failed'],
  ['request to http://localhost:4873/pkg/-/a.tgz?token=hunter2 failed', 'request to a.tgz failed'],
  ['thrown at file:///home/somebody/plugin.js:3:5', 'thrown at plugin.js:3:5'],
  ["open '/home/somebody/model.onnx'", "open 'model.onnx'"],
  ['C:\\Users\\somebody\\model.onnx is gone', 'model.onnx is gone'],
  [' \n ', 'it gave no reason'],
])('of %j an operator reads no folder, no host and no password', (words, reason) => {
  expect(shortReason(new Error(words))).toBe(reason);
});

it('of the runtime a person reads what is meant, not where in its source it is said', () => {
  const webgpu =
    '/onnxruntime_src/core/providers/webgpu/webgpu_context.cc:65 onnxruntime::webgpu::WebGpuContext::Initialize(const Config&)::<lambda()>' +
    '::<lambda(wgpu::Status, wgpu::Adapter*)> status == wgpu::Status::Success was false. Failed to get a WebGPU adapter: No supported adapters\n';
  expect(nativeReason(new Error(webgpu))).toBe('Failed to get a WebGPU adapter: No supported adapters');
  expect(nativeReason(new Error('OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library'))).toBe(
    'Failed to load shared library',
  );
  expect(nativeReason(new Error('/a/b.cc:1 void f() x was false. '))).toBe('b.cc:1 void f() x was false');
});
