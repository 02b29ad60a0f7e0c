import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { text } from 'node:stream/consumers'
import type { Target, TargetFormat } from './targets.ts'

/** The program that converts audio. */
export interface Ffmpeg {
  isInstalled(): Promise<boolean>
  /**
   * Writes `output` anew. It is whole when this resolves; the process is gone when this settles.
   * @throws when the file cannot be converted, or `signal` aborts
   */
  convert(paths: { input: string; output: string }, target: Target, signal: AbortSignal): Promise<void>
}

/** In this shape every encoder takes every bit rate, and every player the file. */
const usual = ['-ac', '2', '-ar', '44100']

const encoders: Record<TargetFormat, readonly string[]> = {
  aiff: ['-c:a', 'pcm_s16be', '-f', 'aiff'],
  flac: ['-c:a', 'flac', '-f', 'flac'],
  // Players can begin before they have it all.
  m4a: [...usual, '-c:a', 'aac', '-movflags', '+faststart', '-f', 'ipod'],
  mp3: [...usual, '-c:a', 'libmp3lame', '-f', 'mp3'],
  ogg: [...usual, '-c:a', 'libvorbis', '-f', 'ogg'],
  opus: ['-ac', '2', '-ar', '48000', '-c:a', 'libopus', '-f', 'opus'],
}

/** Uploads are strangers' files: nothing that could name other files or servers is read, and nothing but sound. */
const cautious = ['-protocol_whitelist', 'file', '-format_whitelist', 'mp3,flac,ogg,mov,aac,aiff']

const longestMs = 10 * 60_000
const largestBytes = 2_000_000_000
/** For who installs it while the pod runs. */
const lookAgainMs = 60_000

export function createFfmpeg(command: string): Ffmpeg {
  let found: Promise<boolean> | undefined
  return {
    isInstalled() {
      found ??= answers(command).then((isThere) => {
        if (!isThere) setTimeout(() => (found = undefined), lookAgainMs).unref()
        return isThere
      })
      return found
    },
    async convert({ input, output }, target, signal) {
      const encoder = [...encoders[target.format], ...(target.bitrate ? ['-b:a', String(target.bitrate)] : [])]
      const limits = ['-threads', '1', '-fs', String(largestBytes)]
      await run(
        command,
        [...always, ...cautious, '-i', `file:${input}`, ...soundOnly, ...encoder, ...limits, output],
        signal,
      )
    },
  }
}

const always = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y']
const soundOnly = ['-map', '0:a:0', '-map_metadata', '0']

async function run(command: string, args: string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    timeout: longestMs,
    killSignal: 'SIGKILL',
  })
  // An abort is also said by the exit; without a listener it would end the pod.
  child.on('error', () => undefined)
  if (child.pid === undefined) throw new Error(`${command} cannot be started`)
  giveWay(child.pid)
  const [complaint, [code, killed]] = await Promise.all([text(child.stderr), once(child, 'close')])
  signal.throwIfAborted()
  if (code !== 0) throw new Error(`ffmpeg failed (${code ?? killed}): ${complaint.slice(-1000)}`)
}

/** Answering requests comes first. */
function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It has ended already.
  }
}

async function answers(command: string): Promise<boolean> {
  return run(command, ['-version'], new AbortController().signal).then(
    () => true,
    () => false,
  )
}
