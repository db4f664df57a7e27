type Variables = Readonly<Record<string, string | undefined>>;

/** Where graphics drivers and their libraries lie; nothing else of the server's environment reaches a host. */
const allowed = /^(?:LD_LIBRARY_PATH|VK_ICD_FILENAMES|VK_DRIVER_FILES|VK_LAYER_PATH|XDG_RUNTIME_DIR|CUDA_[A-Z0-9_]+|NVIDIA_[A-Z0-9_]+)$/;

/** What the processes that run models may see of the environment. No key or secret of the server. */
export function hostEnvironment(variables: Variables): Readonly<Record<string, string>> {
  const entries = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined && allowed.test(entry[0]));
  return Object.fromEntries(entries);
}
