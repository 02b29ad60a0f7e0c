import type { Settings } from './settings.ts'

/** What people call the pod. */
export function podNameOf(settings: Settings, publicUrl: string): string {
  return settings.get('instance__name').trim() || new URL(publicUrl).host
}
