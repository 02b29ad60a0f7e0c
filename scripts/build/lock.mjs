import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { waitForLock } from 'fs-native-extensions'
import { root } from './inputs.mjs'

/** Of several processes that build, one does, and the others wait. The kernel frees the lock of one that is killed. */
export async function alone(job) {
  const fd = openSync(join(root, 'package.json'), 'r+')
  try {
    await waitForLock(fd)
    return await job()
  } finally {
    closeSync(fd)
  }
}
