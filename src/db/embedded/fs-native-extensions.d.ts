declare module 'fs-native-extensions' {
  /** False if another open file holds the lock. The kernel releases it when the descriptor closes or its process ends. */
  export function tryLock(fd: number): boolean
}
